"""SQLite as a database for an office: durable, on this host's own disk, never waiting without end."""

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
    """Which file the URL names; DatabaseUnreachable when it can be none."""
    return FileIdentity(_file(url, shown), shown)


def engine(url: URL, identity: FileIdentity, *, deadline: timedelta) -> sa.Engine:
    """An engine whose write transactions begin IMMEDIATE and wait for a lock at most `deadline`."""
    made = sa.create_engine(
        url.set(database=str(identity.path)),
        hide_parameters=True,
        max_overflow=-1,
        connect_args={"timeout": deadline.total_seconds(), "check_same_thread": False},
    )
    error_codes.drop_useless(made)  # one that was opened when the file could not be written stays so
    transaction_guard.keep(made)
    sa.event.listen(made, "do_connect", identity.check)  # before it would make the file anew
    sa.event.listen(made, "connect", _prepare)
    sa.event.listen(made, "connect", identity.learn)
    sa.event.listen(made, "checkout", identity.check)
    sa.event.listen(made, "begin", _begin)
    return made


def foreign_engine(url: URL, *, deadline: timedelta, shown: str) -> sa.Engine:
    """An engine on a file that is not ours: never made, its journal left as it is, no connection kept open."""
    file = _file(url, shown).as_uri()

    def opened() -> sqlite3.Connection:
        timeout = deadline.total_seconds()
        return sqlite3.connect(f"{file}?mode=rw", uri=True, timeout=timeout, check_same_thread=False)

    made = sa.create_engine(url, creator=opened, hide_parameters=True, poolclass=sa.NullPool)
    transaction_guard.keep(made)
    sa.event.listen(made, "connect", take_over_transactions)
    sa.event.listen(made, "begin", _begin)
    return made


def _prepare(driver: Any, record: object) -> None:
    """Durable on commit, readers beside one writer, and transactions that begin where we say."""
    take_over_transactions(driver, record)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        driver.execute(f"PRAGMA {pragma}")


def take_over_transactions(driver: Any, _record: object) -> None:
    driver.isolation_level = None


def _begin(connection: sa.Connection) -> None:
    # A deferred transaction that turns into a write may fail at once, whatever the busy timeout.
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN IMMEDIATE"))


def watch(connection: sa.Connection, identity: FileIdentity | None) -> FileWatch:
    """What tells that another connection has committed."""
    driver = connection.connection.driver_connection
    if driver is None:  # pragma: no cover - a checked out connection always has one
        raise RuntimeError("the connection is closed")
    return FileWatch(driver, again=lambda: _driver(connection), identity=identity)


def _driver(connection: sa.Connection) -> sqlite3.Connection | None:
    """The driver's own connection, made anew if the last one was given up; None while that cannot be."""
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
            cure="Name a file: sqlite:///process-manager.db.",
        )
    refuse_network_path(name, shown)
    path = Path(name).absolute()
    try:
        _refuse_folders(path, shown)
    except (OSError, ValueError) as error:  # too long for the disk, a folder that may not be entered, a NUL in it
        why = getattr(error, "strerror", None) or error
        raise DatabaseUnreachable(
            url=shown, problem=f"there can be no such file ({why})", cure="Name another file."
        ) from None
    return path


def _refuse_extras(url: URL, shown: str) -> None:
    """DatabaseUnreachable for a driver or a setting that SQLAlchemy would know what to do with, and we would not."""
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise DatabaseUnreachable(
            url=shown, problem=f"its driver is {url.get_driver_name()}", cure="Write sqlite:///…."
        )
    if url.query:
        named = ", ".join(url.query)
        raise DatabaseUnreachable(
            url=shown, problem=f"it says how to open the file ({named})", cure="Leave off the ? and what follows it."
        )


def _refuse_folders(path: Path, shown: str) -> None:
    if not path.parent.is_dir():
        raise DatabaseUnreachable(
            url=shown, problem=f"there is no folder {path.parent}", cure="Make it, or name another."
        )
    if path.is_dir():
        raise DatabaseUnreachable(url=shown, problem=f"{path} is a folder", cure="Name a file in it.")


def refuse_network_path(name: str, shown: str) -> None:
    """DatabaseUnreachable when the file lies on another host: SQLite's locks do not hold there."""
    path = Path(name).absolute()
    if name.startswith(("\\\\", "//")) or _is_network_drive(path) or _file_system(path) in NETWORK_FILE_SYSTEMS:
        raise DatabaseUnreachable(
            url=shown,
            problem="it lies on a network path, where SQLite's locks do not hold",
            cure="Put the file on a disk of this host.",
        )


def _is_network_drive(path: Path) -> bool:
    if os.name != "nt":
        return False
    import ctypes

    windows: Any = ctypes
    remote = 4  # DRIVE_REMOTE
    return bool(windows.windll.kernel32.GetDriveTypeW(f"{path.drive}\\") == remote)


def _file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The type of the file system that holds a path, where the host tells (Linux); else nothing."""
    if os.name == "nt" or not mounts.exists():
        return ""
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _device, point, found, *_rest = line.split(" ")
        point = point.replace("\\040", " ")
        inside = path == Path(point) or Path(point) in path.parents
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind
