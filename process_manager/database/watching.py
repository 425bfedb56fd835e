"""Hearing that another connection wrote to a SQLite file, with next to no work while none does."""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path
from typing import Any, Final

DOZE: Final = 0.03  # seconds between two questions where the host does not say that a file is written to


class Watch:
    """What another connection does to the file; close it in the end. It belongs to one thread."""

    def __init__(self, driver: sqlite3.Connection) -> None:
        self._cursor = driver.cursor()  # kept: to make one costs as much as to ask
        self._seen = self._version()
        self._notify = _notify(self._cursor)

    def changed(self) -> bool:
        """Whether another connection has committed since the last call."""
        try:
            before, self._seen = self._seen, self._version()
        except sqlite3.Error:
            return True  # whoever looks then meets the trouble where it is dealt with
        return bool(self._seen != before)

    def doze(self, seconds: float) -> bool:
        """Let so much time pass, or less; whether another connection has written, or is about to commit."""
        if self._notify is not None:
            return any(True for _ in self._notify.read(timeout=max(1, round(seconds * 1000))))
        time.sleep(min(seconds, DOZE))
        try:
            return bool(self._version() != self._seen)
        except sqlite3.Error:
            return True

    def close(self) -> None:
        """Ask the host for nothing any more."""
        if self._notify is not None:
            self._notify.close()

    def _version(self) -> Any:
        return self._cursor.execute("PRAGMA data_version").fetchone()


def _notify(cursor: sqlite3.Cursor) -> Any:
    """What hears of writes to the log of the file, as long as the connection is open; None where nothing can."""
    if sys.platform != "linux":
        return None
    from inotify_simple import INotify, flags

    (_number, _name, path), *_others = cursor.execute("PRAGMA database_list").fetchall()
    try:
        notify = INotify()
    except OSError:
        return None  # a user may have few of them
    try:
        notify.add_watch(Path(f"{path}-wal"), flags.MODIFY)
    except OSError:
        notify.close()
        return None
    return notify
