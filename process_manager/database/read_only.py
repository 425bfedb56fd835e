"""Looking at a database without leaving a trace: no SQLite file is made, no journal changed, no lock waited for."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from process_manager.database import Database, connect, sqlite


def onlooker(url: str, *, deadline: timedelta) -> Database | None:
    """The database, for reading only; None for a file that has not been made yet. DatabaseUnreachable as `connect`."""
    found = connect(url, deadline=deadline)  # checks the URL; nothing is opened before it is asked
    if found.dialect != "sqlite":
        return found  # a server keeps no trace of who looks
    file = Path(str(found.engine.url.database))
    found.close()
    if not file.is_file():
        return None

    def opened() -> sqlite3.Connection:
        # A file without a journal beside it is not in use: only then may it be read as one that nobody changes, and
        # else SQLite would make the journal.
        mode = "mode=ro" if Path(f"{file}-wal").exists() else "mode=ro&immutable=1"
        timeout = deadline.total_seconds()
        return sqlite3.connect(f"{file.as_uri()}?{mode}", uri=True, timeout=timeout, check_same_thread=False)

    engine = sa.create_engine(make_url(url), creator=opened, hide_parameters=True, poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", sqlite.take_over_transactions)
    return Database(engine, found.url)
