"""Inserts that pass over rows that are there already, in each database's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from process_manager.store import hints


def insert_new(table: sa.Table, dialect: str) -> sa.Insert:
    """An insert that leaves out rows whose key another transaction wrote meanwhile, having waited for its end.

    On SQLite no other transaction can; on SQL Server its SELECT must leave them out, by `unless_there`.
    """
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    return sa.insert(table).prefix_with("IGNORE", dialect="mariadb")


def unless_there(
    column: sa.ColumnElement[Any], table: sa.FromClause, *which: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Whether the table has no such row; on SQL Server nobody makes one until the transaction ends."""
    return ~hints.on(sa.select(column).where(*which), table, hints.HELD).exists()


def insert_once(connection: sa.Connection, table: sa.Table, row: Mapping[str, object]) -> bool:
    """Whether the row was written; not, when there is one with its key, or another transaction made it just now."""
    columns = list(table.primary_key.columns)
    is_same = (column == row[column.name] for column in columns)
    values = (_value(value, table.c[name]).label(name) for name, value in row.items())
    new = sa.select(*values).where(unless_there(columns[0], table, *is_same))
    return bool(connection.execute(insert_new(table, connection.dialect.name).from_select(list(row), new)).rowcount)


def _value(value: object, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.null() if value is None else sa.literal(value, column.type)
