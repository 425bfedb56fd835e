"""Telling idle workers that something may be due: a hint, for they look by themselves as well."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

CHANNEL: Final = "process_manager"

_NOTIFY: Final = sa.text(f"NOTIFY {CHANNEL}")


def hint(connection: sa.Connection) -> None:
    """Wake who listens, once this transaction is committed; only PostgreSQL can."""
    if connection.dialect.name == "postgresql":
        connection.execute(_NOTIFY)
