"""SQLite for an office: durable, on this host's own disk, with a timeout on every lock."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.database import error_codes, transaction_guard
from process_manager.database.sqlite_identity import FileIdentity
from process_manager.database.sqlite_watch import FileWatch
from process_manager.errors import DatabaseUnreachable

NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "9p", "fuse.sshfs", "fuse.s3fs", "davfs"}
)


def identity(url: URL, shown: str) -> FileIdentity:
    """Return the identity of the file that the URL names; raise DatabaseUnreachable when there can be no such file."""
    return FileIdentity(_file(url, shown), shown)


def engine(url: URL, identity: FileIdentity, *, call_timeout: timedelta) -> sa.Engine:
    """Create an engine whose write transactions begin IMMEDIATE and wait at most `call_timeout` for a lock."""
    made = sa.create_engine(
        url.set(database=str(identity.path)),
        hide_parameters=True,
        max_overflow=-1,
        connect_args={"timeout": call_timeout.total_seconds(), "check_same_thread": False},
    )
    error_codes.drop_unusable_sessions(made)  # a session opened while the file was read-only stays read-only
    transaction_guard.guard(made)
    sa.event.listen(made, "do_connect", identity.check)  # before connecting would create the file again
    sa.event.listen(made, "connect", _prepare)
    sa.event.listen(made, "connect", identity.learn)
    sa.event.listen(made, "checkout", identity.check)
    sa.event.listen(made, "begin", _begin)
    return made


def foreign_engine(url: URL, *, call_timeout: timedelta, shown: str) -> sa.Engine:
    """Create an engine on a file that is not ours: never created, its journal left as it is, not kept open."""
    file = _file(url, shown).as_uri()

    def opened() -> sqlite3.Connection:
        timeout = call_timeout.total_seconds()
        return sqlite3.connect(f"{file}?mode=rw", uri=True, timeout=timeout, check_same_thread=False)

    made = sa.create_engine(url, creator=opened, hide_parameters=True, poolclass=sa.NullPool)
    transaction_guard.guard(made)
    sa.event.listen(made, "connect", take_over_transactions)
    sa.event.listen(made, "begin", _begin)
    return made


def _prepare(driver: Any, record: object) -> None:
    """Set a connection up: durable commits, readers beside one writer, transactions that begin where we say."""
    take_over_transactions(driver, record)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        driver.execute(f"PRAGMA {pragma}")


def take_over_transactions(driver: Any, _record: object) -> None:
    """Keep the driver from beginning transactions by itself."""
    driver.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    # A deferred transaction that becomes a write may fail at once, whatever the busy timeout.
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN IMMEDIATE"))


def watch(connection: sa.Connection, identity: FileIdentity | None) -> FileWatch:
    """Return a watch that tells when another connection has committed."""
    driver = connection.connection.driver_connection
    if driver is None:  # pragma: no cover - a checked out connection always has one
        raise RuntimeError("the connection is closed")
    return FileWatch(driver, again=lambda: _driver(connection), identity=identity)


def _driver(connection: sa.Connection) -> sqlite3.Connection | None:
    """Return the driver's own connection, a new one if the last was dropped; None while none can be made."""
    with suppress(sa.exc.SQLAlchemyError):
        return connection.connection.driver_connection
    return None


def _file(url: URL, shown: str) -> Path:
    _refuse_extras(url, shown)
    name = url.database
    if not name or name == ":memory:" or name.startswith("file:"):
        raise DatabaseUnreachable(
            url=shown,
            problem="it is in memory, which workers cannot share",
            hint="Name a file: sqlite:///process-manager.db.",
        )
    refuse_network_path(name, shown)
    path = Path(name).absolute()
    try:
        _refuse_folders(path, shown)
    except (OSError, ValueError) as error:  # the name is too long or has a NUL, or a folder may not be entered
        why = getattr(error, "strerror", None) or error
        raise DatabaseUnreachable(
            url=shown, problem=f"there can be no such file ({why})", hint="Name another file."
        ) from None
    return path


def _refuse_extras(url: URL, shown: str) -> None:
    """Raise DatabaseUnreachable for a driver or an option that SQLAlchemy accepts and we do not."""
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise DatabaseUnreachable(
            url=shown, problem=f"its driver is {url.get_driver_name()}", hint="Write sqlite:///…."
        )
    if url.query:
        named = ", ".join(url.query)
        raise DatabaseUnreachable(
            url=shown, problem=f"it has options for opening the file ({named})", hint="Remove the ? and what follows."
        )


def _refuse_folders(path: Path, shown: str) -> None:
    if not path.parent.is_dir():
        raise DatabaseUnreachable(
            url=shown, problem=f"there is no folder {path.parent}", hint="Create it, or name another."
        )
    if path.is_dir():
        raise DatabaseUnreachable(url=shown, problem=f"{path} is a folder", hint="Name a file in it.")


def refuse_network_path(name: str, shown: str) -> None:
    """Raise DatabaseUnreachable when the file is on another host, where SQLite's locks do not work."""
    path = Path(name).absolute()
    if name.startswith(("\\\\", "//")) or _is_network_drive(path) or _file_system(path) in NETWORK_FILE_SYSTEMS:
        raise DatabaseUnreachable(
            url=shown,
            problem="it is on a network path, where SQLite's locks do not work",
            hint="Put the file on a disk of this host.",
        )


def _is_network_drive(path: Path) -> bool:
    if os.name != "nt":
        return False
    import ctypes

    windows: Any = ctypes
    remote = 4  # DRIVE_REMOTE
    return bool(windows.windll.kernel32.GetDriveTypeW(f"{path.drive}\\") == remote)


def _file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """Return the type of the file system that holds a path; empty where the host does not tell (it does on Linux)."""
    if os.name == "nt" or not mounts.exists():
        return ""
    best, kind, around = "", "", {str(path), *map(str, path.parents)}
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _device, point, found, *_rest = line.split(" ")
        point = point.replace("\\040", " ")
        if point in around and len(point) >= len(best):
            best, kind = point, found
    return kind
