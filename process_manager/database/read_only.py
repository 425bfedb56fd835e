"""Open a database without leaving a trace: no SQLite file is created, no journal changed, no lock waited for."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from process_manager.database import Database, connect, sqlite


def connect_read_only(url: str, *, call_timeout: timedelta) -> Database | None:
    """Open the database for reading only.

    Returns:
        The database, or None for a file that does not exist yet.

    Raises:
        DatabaseUnreachable: As `connect` does.
    """
    found = connect(url, call_timeout=call_timeout)  # checks the URL; opens nothing
    if found.dialect != "sqlite":
        return found  # reading leaves no trace on a server
    file = Path(str(found.engine.url.database))
    found.close()
    if not file.is_file():
        return None

    def opened() -> sqlite3.Connection:
        # A file without a journal is not in use. Only then may it be opened as immutable; otherwise SQLite would
        # create the journal.
        mode = "mode=ro" if Path(f"{file}-wal").exists() else "mode=ro&immutable=1"
        timeout = call_timeout.total_seconds()
        return sqlite3.connect(f"{file.as_uri()}?{mode}", uri=True, timeout=timeout, check_same_thread=False)

    engine = sa.create_engine(make_url(url), creator=opened, hide_parameters=True, poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", sqlite.take_over_transactions)
    return Database(engine, found.url)
