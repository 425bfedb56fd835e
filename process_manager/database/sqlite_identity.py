"""Check that the open SQLite file is still the one that its path names: a backup may have replaced it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from process_manager.errors import DatabaseReplaced

JOURNAL: Final = ("-wal", "-shm")

Number = tuple[int, int] | None
"""Device and inode of a file; None when there is none."""


class FileIdentity:
    """The identity of one file since it was first opened. Once lost, it stays lost: nothing more is read or written.

    On Windows an open file cannot be replaced, and Python has no file number there that is as cheap to read.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.path = path
        self._shown = shown
        self._own: Number = None
        self._lost: str | None = None

    def known(self) -> Number:
        """Return the number that another process must find there to work for this one; None while it is unknown."""
        return self._own

    def expect(self, number: Number) -> None:
        """Take this number for the file's, whatever the path names by now."""
        self._own = number

    def learn(self, *_event: object) -> None:
        """Learn the file's number, now that it is open."""
        if self._own is None and os.name != "nt":
            self._own = _number(self.path)

    def check(self, *_event: object) -> None:
        """Raise DatabaseReplaced when the path now names another file, or none."""
        if self._own is not None and self._lost is None:
            found = _number(self.path)
            if found != self._own:
                self._lost = f"its file was {'removed' if found is None else 'replaced'} while it was open"
        if self._lost is not None:
            raise DatabaseReplaced(url=self._shown, problem=self._lost)

    def journal(self) -> tuple[Number, ...]:
        """Return the numbers of the files that a connection has open beside the database, while it is open itself."""
        if os.name == "nt":
            return ()
        return tuple(_number(Path(f"{self.path}{ending}")) for ending in JOURNAL)

    def check_journal(self, before: tuple[Number, ...]) -> None:
        """Raise DatabaseReplaced when one of them was removed: others would not see what is written to it."""
        self.check()
        gone = any(was not in (None, now) for was, now in zip(before, self.journal(), strict=True))
        if gone:
            self._lost = f"{' or '.join(JOURNAL)} beside its file was removed while it was open"
            self.check()


def _number(path: Path) -> Number:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
