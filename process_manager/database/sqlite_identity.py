"""Whether the SQLite file that is open is still the one that its path names: a backup may take its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from process_manager.errors import DatabaseReplaced

JOURNAL: Final = ("-wal", "-shm")

Number = tuple[int, int] | None
"""Device and inode of a file; None when there is none."""


class FileIdentity:
    """Of one file, from when it is first opened. Once it was lost, it stays so: nothing is read or written any more.

    On Windows nobody can take away a file that is open, and Python knows no number of it that is as cheap.
    """

    def __init__(self, path: Path, shown: str) -> None:
        self.path = path
        self._shown = shown
        self._own: Number = None
        self._lost: str | None = None

    def known(self) -> Number:
        """What another process has to find there that works for this one; None while it is not known."""
        return self._own

    def expect(self, number: Number) -> None:
        """Take this for the file, whatever the path names by now."""
        self._own = number

    def learn(self, *_event: object) -> None:
        """The file is open now: what its path names is it."""
        if self._own is None and os.name != "nt":
            self._own = _number(self.path)

    def check(self, *_event: object) -> None:
        """DatabaseReplaced when the path names another file by now, or none."""
        if self._own is not None and self._lost is None:
            found = _number(self.path)
            if found != self._own:
                self._lost = f"its file was {'removed' if found is None else 'replaced'} while it was open"
        if self._lost is not None:
            raise DatabaseReplaced(url=self._shown, problem=self._lost)

    def journal(self) -> tuple[Number, ...]:
        """What a connection has open beside the file, as long as it is open itself."""
        if os.name == "nt":
            return ()
        return tuple(_number(Path(f"{self.path}{ending}")) for ending in JOURNAL)

    def check_journal(self, before: tuple[Number, ...]) -> None:
        """DatabaseReplaced when something of this was removed: others would not see what is written to it."""
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
