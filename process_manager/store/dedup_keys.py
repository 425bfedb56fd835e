"""Dedup keys: a second start with one returns the first process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import sqlalchemy as sa

from process_manager.store import hints
from process_manager.store.insert_new import insert_new, unless_there
from process_manager.store.json_rows import delete_rows, json_rows, pack
from process_manager.store.tables import dedup_keys

d = dedup_keys.c

_TAKEN = (d.name, d.key_hash, d.process_id, d.scope)


def hashed(key: str) -> str:
    """The key as it is stored: it may be personal, and it may be long."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def holders(connection: sa.Connection, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Who holds each of these (name, key hash), where somebody does."""
    if not wanted:
        return {}
    rows = connection.execute(holders_statement(), {"rows": pack(wanted)})
    return {(name, key_hash): process_id for name, key_hash, process_id in rows}


@lru_cache
def holders_statement() -> sa.Select[str, str, int]:
    """The keys of the batch that are taken."""
    r = json_rows(d.name, d.key_hash).c
    found = sa.select(d.name, d.key_hash, d.process_id).where(d.name == r.name, d.key_hash == r.key_hash)
    return hints.on(found, dedup_keys, hints.SOUGHT)


def take(connection: sa.Connection, rows: Sequence[tuple[str, str, int, str]]) -> set[int]:
    """Hold keys: (name, key hash, process id, scope); the ids of the processes that got theirs."""
    if not rows:
        return set()
    wanted = sorted(rows)  # in one order, so that no two starts wait for each other
    taken = connection.execute(take_statement(connection.dialect.name), {"rows": pack(wanted)})
    return {row[2] for row in wanted} if connection.dialect.name == "sqlite" else set(taken.scalars())


def owners(connection: sa.Connection, rows: Sequence[tuple[str, str, int, str]]) -> dict[tuple[str, str], int]:
    """Who holds each of these keys, that nobody held just now: ours, unless another was quicker and still has it."""
    found: dict[tuple[str, str], int] = {}
    while wanted := [row for row in rows if row[:2] not in found]:  # again, when whoever was quicker has let go
        taken = take(connection, wanted)
        found |= {row[:2]: row[2] for row in wanted if row[2] in taken}
        found |= holders(connection, [row[:2] for row in wanted if row[2] not in taken])
    return found


@lru_cache
def take_statement(dialect: str) -> sa.Insert | sa.sql.dml.ReturningInsert[int]:
    """Every key of the batch that nobody holds."""
    wanted = json_rows(*_TAKEN)
    every, r = sa.select(*wanted.c), wanted.c
    if dialect == "mssql":
        every = every.where(unless_there(d.name, dedup_keys, d.name == r.name, d.key_hash == r.key_hash))
    insert = insert_new(dedup_keys, dialect).from_select([column.name for column in _TAKEN], every)
    return insert if dialect == "sqlite" else insert.returning(d.process_id)


def let_go(connection: sa.Connection, held: Iterable[tuple[str, str | None, int]]) -> None:
    """Free the keys that processes held while they were open: (name, key hash, process id)."""
    rows = [each for each in held if each[1] is not None]
    if not rows:
        return
    dialect = connection.dialect.name
    one_by_one = [dict(zip(_HELD, row, strict=True)) for row in rows]
    connection.execute(let_go_statement(dialect), one_by_one if dialect == "mariadb" else {"rows": pack(rows)})


_HELD: Final = ("held_name", "held_hash", "held_by")


@lru_cache
def let_go_statement(dialect: str) -> sa.Delete:
    """The keys of ended processes, but not those kept for ever."""
    if dialect == "mariadb":  # it would read all of a small table, and wait for every key in it that others hold
        columns = (d.name, d.key_hash, d.process_id)
        which = sa.delete(dedup_keys).where(*(c == sa.bindparam(name) for c, name in zip(columns, _HELD, strict=True)))
    else:
        which = delete_rows(dedup_keys, (d.name, d.key_hash, d.process_id), dialect)
    return which.where(d.scope == "while_open")


def locked_by_others(connection: sa.Connection, held: Iterable[tuple[str, str | None, int]]) -> set[int]:
    """Those of these processes whose keys another transaction holds just now: nobody is waited for."""
    rows = [each for each in held if each[1] is not None]
    if not rows:
        return set()
    free, there = (
        {id_ for (id_,) in connection.execute(statement, {"rows": pack(rows)})}
        for statement in (free_statement(connection.dialect.name), there_statement())
    )
    return there - free


@lru_cache
def free_statement(dialect: str) -> sa.Select[int]:
    """The keys that nobody holds, locked as a delete would lock them."""
    rows = hints.on(_there(), dedup_keys, hints.FREE)
    return rows.with_for_update(skip_locked=True, of=dedup_keys if dialect == "postgresql" else None)


@lru_cache
def there_statement() -> sa.Select[int]:
    """All of them that there are, as they were committed last."""
    return hints.on(_there(), dedup_keys, hints.THERE)


def _there() -> sa.Select[int]:
    r = json_rows(d.name, d.key_hash, d.process_id).c
    found = sa.select(d.process_id).where(d.name == r.name, d.key_hash == r.key_hash, d.process_id == r.process_id)
    return found.with_hint(dedup_keys, "FORCE INDEX (PRIMARY)", dialect_name="mariadb")
