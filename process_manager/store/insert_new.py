"""Inserts that skip rows which already exist, in each database's own syntax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints


def insert_new(table: sa.Table, dialect: str) -> sa.Insert:
    """Build an insert that skips rows whose key another transaction has written meanwhile, after waiting for its end.

    On SQLite no other transaction can write; on SQL Server its SELECT must leave such rows out, by `unless_exists`.
    """
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    return sa.insert(table).prefix_with("IGNORE", dialect="mariadb")


def unless_exists(
    column: sa.ColumnElement[Any], table: sa.FromClause, *which: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool]:
    """Return the condition that no such row exists; on SQL Server nobody can insert one until the transaction ends."""
    return ~hints.on(sa.select(column).where(*which), table, hints.LOCK).exists()


def insert_once(connection: sa.Connection, table: sa.Table, row: Mapping[str, object]) -> bool:
    """Insert a row unless one with its key exists, also from a transaction just committed.

    Returns:
        Whether the row was inserted.
    """
    columns = list(table.primary_key.columns)
    is_same = (column == row[column.name] for column in columns)
    values = (_value(value, table.c[name]).label(name) for name, value in row.items())
    new = sa.select(*values).where(unless_exists(columns[0], table, *is_same))
    inserted = insert_new(table, connection.dialect.name).from_select(list(row), new)
    return connection.execute(inserted, execution_options={"preserve_rowcount": True}).rowcount == 1


def _value(value: object, column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    return sa.null() if value is None else sa.literal(value, column.type)
