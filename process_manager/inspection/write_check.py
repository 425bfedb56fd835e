"""Checks of writing: a row is written and rolled back, and the disk has room for more."""

from __future__ import annotations

import shutil
import uuid
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from process_manager.database import Database, error_codes, open_transactions
from process_manager.errors import ProcessManagerError
from process_manager.inspection.findings import Finding, listed, ok, problem, warning
from process_manager.message import Message, decimal
from process_manager.store import permissions, workers
from process_manager.store.workers import Registered

TOO_LITTLE: Final = 10_000_000
"""Bytes: what the log of an SQLite file grows to before it is emptied, and as much again for the file itself."""

LITTLE: Final = 10 * TOO_LITTLE
"""Bytes: enough for today, and a reason to look."""


def row(database: Database, now: datetime) -> Finding:
    """Check that a row can be written, and roll it back."""
    if database.dialect == "sqlite" and open_transactions.is_writing(database):
        return warning("writing", "it was not tried: another program keeps the write lock")
    try:
        with database.connect() as connection, connection.begin() as transaction:
            workers.register(connection, _nobody(now))
            transaction.rollback()
    except ProcessManagerError as error:  # which says what to do
        return problem("writing", f"no row can be written: {error}")
    except sa.exc.DBAPIError as error:
        return problem("writing", f"no row can be written: {error_codes.message(error)}")
    return ok("writing", "a row was written, and taken back")


def lacking(database: Database) -> str | None:
    """Return the rights that this account lacks on its tables, and what the database says; None if it lacks none."""
    with database.connect() as connection, connection.begin() as transaction:
        missing = list(permissions.missing(connection))
        transaction.rollback()
    if not missing:
        return None
    said = " ".join(missing[0][1].split())[:200]
    return f"this account lacks {listed(right for right, _ in missing)} ({said})"


def room(file: Path) -> Finding:
    """Check that the disk of an SQLite file, and of the log beside it, has room for more."""
    free = shutil.disk_usage(file.parent).free
    told = Message("%(size)s free on the disk of the file and its log", size=_size(free))
    if free < TOO_LITTLE:
        return problem("disk", Message("%(told)s: make room now, or nothing can be recorded", told=told))
    if free < LITTLE:
        return warning("disk", Message("%(told)s: make room soon", told=told))
    return ok("disk", told)


def _nobody(now: datetime) -> Registered:
    """Return a worker that never exists."""
    return Registered(f"doctor:{uuid.uuid4().hex}", "nowhere", 0, now, now, 1, (), ())


def _size(number: int) -> str:
    if number >= 1e9:
        return Message("%(number)s GB", number=decimal(number / 1e9))
    return Message("%(number)s MB", number=decimal(number / 1e6))
