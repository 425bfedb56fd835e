"""Changing tables while others go on writing, where the database can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op


def create_index(name: str, table: str, columns: list[str], **where: Any) -> None:
    """Make an index; on PostgreSQL without holding anybody up, anew if an earlier try was broken off."""
    with _outside_a_transaction() as options:
        if options:
            op.drop_index(name, table_name=table, if_exists=True, **options)
        op.create_index(name, table, columns, unique=False, **where, **options)


def drop_index(name: str, table: str) -> None:
    """Drop an index; on PostgreSQL without holding anybody up."""
    with _outside_a_transaction() as options:
        op.drop_index(name, table_name=table, if_exists=True if options else None, **options)


def respell_checks(table: str, laws: Mapping[str, str]) -> None:
    """PostgreSQL: say checks in other words and hold nobody up; rows that are there are looked at afterwards."""
    if op.get_context().dialect.name != "postgresql":
        return
    named = {f"ck_{table}_{name}": law for name, law in laws.items()}
    dropped = ", ".join(f"DROP CONSTRAINT {name}" for name in named)
    added = ", ".join(f"ADD CONSTRAINT {name} CHECK ({law}) NOT VALID" for name, law in named.items())
    op.execute(f"ALTER TABLE {table} {dropped}, {added}")
    with op.get_context().autocommit_block():
        for name in named:
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


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


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column; MariaDB commits each by itself, so an upgrade that was broken off may have left it."""
    op.add_column(table, column, if_not_exists=True if op.get_context().dialect.name == "mariadb" else None)
