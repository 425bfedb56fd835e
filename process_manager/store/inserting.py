"""Inserts that pass over rows that are there already, in each database's own words."""

from __future__ import annotations

import sqlalchemy as sa


def insert_new(table: sa.Table, dialect: str) -> sa.Insert:
    """An insert that leaves out rows whose key another transaction wrote meanwhile, having waited for its end.

    On SQLite no other transaction can; on SQL Server its SELECT must leave them out, under a range lock of its own.
    """
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    return sa.insert(table).prefix_with("IGNORE", dialect="mariadb")
