"""Wake idle workers when something may be due: only a hint, because they also poll."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

CHANNEL: Final = "process_manager"

_NOTIFY: Final = sa.text(f"NOTIFY {CHANNEL}")


def hint(connection: sa.Connection) -> None:
    """Notify the listeners once this transaction is committed; only PostgreSQL can."""
    if connection.dialect.name == "postgresql":
        connection.execute(_NOTIFY)
