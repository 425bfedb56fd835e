"""Notice that another connection wrote to an SQLite file, at almost no cost while none does."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from process_manager.database.sqlite_identity import FileIdentity

EVERY: Final = 1.0
"""Seconds between two checks that the file is still there."""


class FileWatch:
    """A watch on what other connections do to the file; close it in the end. It belongs to one thread."""

    poll_interval: Final = 0.03  # seconds between two polls where the host has no inotify

    def __init__(
        self,
        driver: sqlite3.Connection,
        again: Callable[[], sqlite3.Connection | None] = lambda: None,
        identity: FileIdentity | None = None,
    ) -> None:
        """Begin to watch; `again` returns the connection to use when this one was dropped, or None if there is none."""
        self._again = again
        self._identity = identity
        self._notify: Any = None
        self._begin(driver)

    def _begin(self, driver: sqlite3.Connection) -> None:
        self._cursor = driver.cursor()  # kept: making one costs as much as a query
        self._seen = self._version()
        self._journal = None if self._identity is None else self._identity.journal()
        self._next_check = time.monotonic() + EVERY
        self.close()
        self._notify = _notify(self._cursor)

    def changed(self) -> bool:
        """Return whether another connection has committed since the last call; DatabaseReplaced if the file was."""
        if time.monotonic() >= self._next_check:
            self._check_files()
        try:
            before, self._seen = self._seen, self._version()
        except sqlite3.Error:
            self._renew()
            return True  # the caller then queries, and meets the error where it is handled
        return bool(self._seen != before)

    def _check_files(self) -> None:
        self._next_check = time.monotonic() + EVERY
        if self._identity is not None and self._journal is not None:
            self._identity.check_journal(self._journal)

    def wait(self, seconds: float) -> bool:
        """Wait for so many seconds, or less; return whether another connection has written or is about to commit."""
        if self._notify is not None:
            return self._is_notified(self._notify, seconds)
        time.sleep(min(seconds, self.poll_interval))
        try:
            return bool(self._version() != self._seen)
        except sqlite3.Error:
            return True

    def close(self) -> None:
        """Stop watching."""
        if self._notify is not None:
            self._notify.close()
            self._notify = None

    def _is_notified(self, notify: Any, seconds: float) -> bool:
        try:
            return any(True for _ in notify.read(timeout=max(1, round(seconds * 1000))))
        except OSError:  # its file descriptor was closed by somebody else
            self._notify = None
            return True

    def _renew(self) -> None:
        with suppress(sqlite3.Error):
            if (driver := self._again()) is not None:
                self._begin(driver)

    def _version(self) -> Any:
        return self._cursor.execute("PRAGMA data_version").fetchone()


def _notify(cursor: sqlite3.Cursor) -> Any:
    """Return an inotify watch on the file's log for as long as the connection is open; None where there can be none."""
    if sys.platform != "linux":
        return None
    try:
        from inotify_simple import INotify, flags

        (_number, _name, path), *_others = cursor.execute("PRAGMA database_list").fetchall()
        notify = INotify()
    except (ImportError, OSError, sqlite3.Error):
        return None  # the number of inotify instances of a user is limited
    try:
        notify.add_watch(f"{path}-wal", flags.MODIFY)
    except (OSError, ValueError):
        notify.close()
        return None
    return notify
