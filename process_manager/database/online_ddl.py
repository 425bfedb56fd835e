"""The operations of migrations: each can be repeated after an interruption, and blocks nobody where it can.

Where each statement commits by itself, an interrupted migration has done a part of its work; it is run again from the
last complete version. So no operation fails because its work is already done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

IN_PARTS: Final = frozenset({"postgresql", "mariadb"})
"""Databases on which a migration is committed in parts: MariaDB commits every change of a table, PostgreSQL every

`create_index`. Elsewhere a migration is one transaction, of which nothing is left when it is interrupted.
"""


def create_table(name: str, *columns: Any, **options: Any) -> None:
    """Create a table."""
    op.create_table(name, *columns, **_if_not_exists(), **options)


def drop_table(name: str) -> None:
    """Drop a table, and its indexes with it."""
    op.drop_table(name, **_if_exists())


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column."""
    op.add_column(table, column, **_if_not_exists())


def drop_column(table: str, column: str) -> None:
    """Drop a column; on SQL Server with the constraints that keep it from being dropped."""
    op.drop_column(table, column, mssql_drop_default=True, mssql_drop_check=True, **_if_exists())


def insert_once(table: str, row: Mapping[str, sa.ColumnElement[Any]], *, key: str) -> None:
    """Insert a row unless one with its key exists."""
    place = sa.table(table, *(sa.column(name, value.type) for name, value in row.items()))
    there = sa.select(place.c[key]).where(place.c[key] == row[key])
    new = sa.select(*(value.label(name) for name, value in row.items())).where(~there.exists())
    op.execute(sa.insert(place).from_select(list(row), new))


def change_rows(table: str, values: str, *, where: str) -> None:
    """Update rows, after what would lock the whole table is committed: on PostgreSQL, after a `create_index`."""
    op.execute(f"UPDATE {table} SET {values} WHERE {where}")  # noqa: S608 - the words of a migration


def index_new_table(name: str, table: str, columns: list[str], *, unique: bool = False, **where: Any) -> None:
    """Create an index on a table that nobody uses yet."""
    op.create_index(name, table, columns, unique=unique, **_if_not_exists(), **where)


def create_index(name: str, table: str, columns: list[str], **where: Any) -> None:
    """Create an index; on PostgreSQL without blocking anybody, and again if an earlier try was interrupted."""
    with _outside_transaction() as options:
        if options:
            op.drop_index(name, table_name=table, if_exists=True, **options)
        op.create_index(name, table, columns, unique=False, **_if_not_exists(), **where, **options)


def drop_index(name: str, table: str) -> None:
    """Drop an index; on PostgreSQL without blocking anybody."""
    with _outside_transaction() as options:
        op.drop_index(name, table_name=table, **_if_exists(), **options)


def include(name: str, table: str, columns: list[str], beside: list[str], **options: Any) -> None:
    """Rebuild an index with other included columns (SQL Server); writers wait meanwhile."""
    if dialect() == "mssql":
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns, mssql_include=beside, **options)


def respell_checks(table: str, checks: Mapping[str, str]) -> None:
    """Rewrite check constraints without blocking anybody (PostgreSQL); existing rows are validated afterwards."""
    if dialect() != "postgresql":
        return
    named = {f"ck_{table}_{name}": check for name, check in checks.items()}
    dropped = ", ".join(f"DROP CONSTRAINT IF EXISTS {name}" for name in named)
    added = ", ".join(f"ADD CONSTRAINT {name} CHECK ({check}) NOT VALID" for name, check in named.items())
    op.execute(f"ALTER TABLE {table} {dropped}, {added}")
    with op.get_context().autocommit_block():
        for name in named:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def is_mariadb() -> bool:
    """Return whether this is MariaDB, which has no partial indexes."""
    return dialect() == "mariadb"


def dialect() -> str:
    """Return the name of the database's dialect."""
    return op.get_context().dialect.name


def _if_not_exists() -> dict[str, Any]:
    return {"if_not_exists": True} if dialect() in IN_PARTS else {}


def _if_exists() -> dict[str, Any]:
    return {"if_exists": True} if dialect() in IN_PARTS else {}


@contextmanager
def _outside_transaction() -> Iterator[dict[str, Any]]:
    context = op.get_context()
    if context.dialect.name != "postgresql":
        yield {}
        return
    with context.autocommit_block():
        # Nobody waits behind an index that is built like this; an interrupted one is left behind, unusable.
        op.execute("SET lock_timeout = 0")
        yield {"postgresql_concurrently": True}
        op.execute("SET lock_timeout = '500ms'")
