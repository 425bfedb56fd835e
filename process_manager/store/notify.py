"""Wake idle workers when something may be due: only a hint, because they also poll."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

CHANNEL: Final = "process_manager"

_NOTIFY: Final = sa.text(f"NOTIFY {CHANNEL}")


def hint_at_once(connection: sa.Connection) -> None:
    """Notify the listeners in a transaction of its own, for what a record made due: inside it, records would queue."""
    if connection.dialect.name == "postgresql":
        with connection.begin():
            connection.execute(_NOTIFY)


def hint(connection: sa.Connection) -> None:
    """Notify the listeners once this transaction is committed; only PostgreSQL can."""
    if connection.dialect.name == "postgresql":
        connection.execute(_NOTIFY)
