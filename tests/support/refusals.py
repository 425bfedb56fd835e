"""Databases made to refuse some rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rig import execute

from process_manager.database import Database


@contextmanager
def refusing(database: Database, table: str, column: str, *, text: str) -> Iterator[None]:
    """New rows with this text in a column are refused by a rule whose name begins with `no_such_text`."""
    rule = f"no_such_text_in_{table}"
    if database.dialect == "sqlite":  # which adds no CHECK to a table that is there
        made = f"CREATE TRIGGER {rule} BEFORE INSERT ON {table} WHEN NEW.{column} LIKE '%{text}%'"
        execute(database, f"{made} BEGIN SELECT RAISE(ABORT, '{rule}'); END")
    else:
        execute(database, f"ALTER TABLE {table} ADD CONSTRAINT {rule} CHECK ({column} NOT LIKE '%{text}%')")
    yield
    execute(database, f"DELETE FROM {table}")  # noqa: S608 - our own table
    drop = f"DROP TRIGGER {rule}" if database.dialect == "sqlite" else f"ALTER TABLE {table} DROP CONSTRAINT {rule}"
    execute(database, drop)
