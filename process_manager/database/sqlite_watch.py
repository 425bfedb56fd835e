"""Hearing that another connection wrote to a SQLite file, with next to no work while none does."""

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
"""Seconds between two looks at whether the file is still there."""


class FileWatch:
    """What another connection does to the file; close it in the end. It belongs to one thread."""

    seldom: Final = 0.03  # seconds between two questions where the host does not say that a file is written to

    def __init__(
        self,
        driver: sqlite3.Connection,
        again: Callable[[], sqlite3.Connection | None] = lambda: None,
        identity: FileIdentity | None = None,
    ) -> None:
        """`again` answers the connection that is asked when this one was given up; None while there is none."""
        self._again = again
        self._identity = identity
        self._notify: Any = None
        self._ask(driver)

    def _ask(self, driver: sqlite3.Connection) -> None:
        self._cursor = driver.cursor()  # kept: to make one costs as much as to ask
        self._seen = self._version()
        self._journal = None if self._identity is None else self._identity.journal()
        self._look_at = time.monotonic() + EVERY
        self.close()
        self._notify = _notify(self._cursor)

    def changed(self) -> bool:
        """Whether another connection has committed since the last call; DatabaseReplaced once the file is another."""
        if time.monotonic() >= self._look_at:
            self._look()
        try:
            before, self._seen = self._seen, self._version()
        except sqlite3.Error:
            self._renew()
            return True  # whoever looks then meets the trouble where it is dealt with
        return bool(self._seen != before)

    def _look(self) -> None:
        self._look_at = time.monotonic() + EVERY
        if self._identity is not None and self._journal is not None:
            self._identity.check_journal(self._journal)

    def doze(self, seconds: float) -> bool:
        """Let so much time pass, or less; whether another connection has written, or is about to commit."""
        if self._notify is not None:
            return self._is_told(self._notify, seconds)
        time.sleep(min(seconds, self.seldom))
        try:
            return bool(self._version() != self._seen)
        except sqlite3.Error:
            return True

    def close(self) -> None:
        """Ask the host for nothing any more."""
        if self._notify is not None:
            self._notify.close()
            self._notify = None

    def _is_told(self, notify: Any, seconds: float) -> bool:
        try:
            return any(True for _ in notify.read(timeout=max(1, round(seconds * 1000))))
        except OSError:  # what belongs to somebody else was closed with it
            self._notify = None
            return True

    def _renew(self) -> None:
        with suppress(sqlite3.Error):
            if (driver := self._again()) is not None:
                self._ask(driver)

    def _version(self) -> Any:
        return self._cursor.execute("PRAGMA data_version").fetchone()


def _notify(cursor: sqlite3.Cursor) -> Any:
    """What hears of writes to the log of the file, as long as the connection is open; None where nothing can."""
    if sys.platform != "linux":
        return None
    try:
        from inotify_simple import INotify, flags

        (_number, _name, path), *_others = cursor.execute("PRAGMA database_list").fetchall()
        notify = INotify()
    except (ImportError, OSError, sqlite3.Error):
        return None  # a user may have few of them
    try:
        notify.add_watch(f"{path}-wal", flags.MODIFY)
    except (OSError, ValueError):
        notify.close()
        return None
    return notify
