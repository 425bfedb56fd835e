"""Values by which processes are found besides their reference: hashed, and only of classes that declare any."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle.transition import Terms
from process_manager.store import queries
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import key_type, name_type
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.json_rows import delete_rows, json_rows, pack
from process_manager.store.tables import NAME_LENGTH, metadata, processes

search_values = sa.Table(
    "search_values",
    metadata,
    sa.Column(
        "process_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="The process."
    ),
    sa.Column("field", name_type(NAME_LENGTH), primary_key=True, doc="The path of the field, such as debtor.cvr."),
    sa.Column("value_hash", name_type(64), nullable=False, doc="HMAC-SHA256 of its value with the installation's id."),
    sqlite_with_rowid=False,
)
"""One row for each field by whose whole value a process may be found; none where its class declares none."""

v, p = search_values.c, processes.c


def keep(connection: sa.Connection, found_by: Iterable[tuple[int, Terms]]) -> None:
    """Let new processes be found by these terms."""
    rows = [(id_, field, term) for id_, terms in found_by for field, term in terms if term is not None]
    if rows:
        key = queries.installation_id(connection).bytes
        hashed = [(id_, field, _hashed(key, term)) for id_, field, term in rows]
        connection.execute(keep_statement(), {"rows": pack(hashed)})


def change(connection: sa.Connection, found_by: Sequence[tuple[int, Terms]]) -> None:
    """Let processes be found by these terms, and no longer by what stood in the same fields before."""
    rows = [(id_, field) for id_, terms in found_by for field, _term in terms]
    if rows:
        dialect = connection.dialect.name
        one_by_one = [dict(zip(_FORGOTTEN, row, strict=True)) for row in rows]
        connection.execute(forget_statement(dialect), one_by_one if dialect == "mariadb" else {"rows": pack(rows)})
        keep(connection, found_by)


def found(connection: sa.Connection, term: str, *, kinds: Kinds, most: int) -> list[int]:
    """Return the newest processes that are found by a term, at most so many."""
    hashed = _hashed(queries.installation_id(connection).bytes, term)
    matches = sa.select(p.id).join_from(search_values, processes, v.process_id == p.id)
    matches = hints.on(matches.where(v.value_hash == hashed, *of_kinds(kinds)), processes, hints.SEEK)
    return list(connection.execute(matches.order_by(p.id.desc()).limit(most)).scalars())


def _hashed(key: bytes, term: str) -> str:
    return hmac.new(key, term.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


@lru_cache
def keep_statement() -> sa.Insert:
    """Insert every row of the batch."""
    columns: tuple[sa.Column[Any], ...] = (v.process_id, v.field, v.value_hash)
    return sa.insert(search_values).from_select([each.name for each in columns], sa.select(json_rows(*columns)))


_FORGOTTEN: Final = ("of_process", "of_field")


@lru_cache
def forget_statement(dialect: str) -> sa.Delete:
    """Delete what these fields of processes were found by."""
    columns = (v.process_id, v.field)
    if dialect == "mariadb":  # a join would scan a small table, and wait for every locked key in it
        which = (column == sa.bindparam(name) for column, name in zip(columns, _FORGOTTEN, strict=True))
        return sa.delete(search_values).where(*which)
    return delete_rows(search_values, columns, dialect)
