"""The words of migrations: each may be said again after a change was broken off, and holds nobody up where it can.

Where each statement commits by itself, a change that is broken off has done a part of its work; it is begun again
from the last version that was whole. So no word minds that its work is done already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

IN_PARTS: Final = frozenset({"postgresql", "mariadb"})
"""Where a migration is committed in parts: MariaDB commits each change of a table, PostgreSQL what `create_index` does.

Elsewhere the whole change is one transaction, of which nothing is left when it is broken off.
"""


def create_table(name: str, *columns: Any, **options: Any) -> None:
    """Make a table."""
    op.create_table(name, *columns, **_unless_there(), **options)


def drop_table(name: str) -> None:
    """Drop a table, and its indexes with it."""
    op.drop_table(name, **_if_there())


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column."""
    op.add_column(table, column, **_unless_there())


def drop_column(table: str, column: str) -> None:
    """Drop a column; on SQL Server with what keeps it from being dropped."""
    op.drop_column(table, column, mssql_drop_default=True, mssql_drop_check=True, **_if_there())


def insert_once(table: str, row: Mapping[str, sa.ColumnElement[Any]], *, key: str) -> None:
    """Insert a row unless there is one with its key."""
    place = sa.table(table, *(sa.column(name, value.type) for name, value in row.items()))
    there = sa.select(place.c[key]).where(place.c[key] == row[key])
    new = sa.select(*(value.label(name) for name, value in row.items())).where(~there.exists())
    op.execute(sa.insert(place).from_select(list(row), new))


def index_new_table(name: str, table: str, columns: list[str], *, unique: bool = False, **where: Any) -> None:
    """Make an index of a table that nobody uses yet."""
    op.create_index(name, table, columns, unique=unique, **_unless_there(), **where)


def create_index(name: str, table: str, columns: list[str], **where: Any) -> None:
    """Make an index; on PostgreSQL without holding anybody up, anew if an earlier try was broken off."""
    with _outside_a_transaction() as options:
        if options:
            op.drop_index(name, table_name=table, if_exists=True, **options)
        op.create_index(name, table, columns, unique=False, **_unless_there(), **where, **options)


def drop_index(name: str, table: str) -> None:
    """Drop an index; on PostgreSQL without holding anybody up."""
    with _outside_a_transaction() as options:
        op.drop_index(name, table_name=table, **_if_there(), **options)


def include(name: str, table: str, columns: list[str], beside: list[str], **options: Any) -> None:
    """SQL Server: make an index anew that holds other columns beside its own; whoever writes waits meanwhile."""
    if dialect() == "mssql":
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns, mssql_include=beside, **options)


def respell_checks(table: str, laws: Mapping[str, str]) -> None:
    """PostgreSQL: say checks in other words and hold nobody up; rows that are there are looked at afterwards."""
    if dialect() != "postgresql":
        return
    named = {f"ck_{table}_{name}": law for name, law in laws.items()}
    dropped = ", ".join(f"DROP CONSTRAINT IF EXISTS {name}" for name in named)
    added = ", ".join(f"ADD CONSTRAINT {name} CHECK ({law}) NOT VALID" for name, law in named.items())
    op.execute(f"ALTER TABLE {table} {dropped}, {added}")
    with op.get_context().autocommit_block():
        for name in named:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def is_mariadb() -> bool:
    """Whether it is the database that has no index of some rows only."""
    return dialect() == "mariadb"


def dialect() -> str:
    """Which database it is."""
    return op.get_context().dialect.name


def _unless_there() -> dict[str, Any]:
    return {"if_not_exists": True} if dialect() in IN_PARTS else {}


def _if_there() -> dict[str, Any]:
    return {"if_exists": True} if dialect() in IN_PARTS else {}


@contextmanager
def _outside_a_transaction() -> Iterator[dict[str, Any]]:
    context = op.get_context()
    if context.dialect.name != "postgresql":
        yield {}
        return
    with context.autocommit_block():
        # Nobody queues behind an index that is built like this; one that is broken off is left, and of no use.
        op.execute("SET lock_timeout = 0")
        yield {"postgresql_concurrently": True}
        op.execute("SET lock_timeout = '500ms'")
