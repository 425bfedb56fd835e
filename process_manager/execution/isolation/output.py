"""What a child prints: always drained, so that a full pipe blocks no step, and kept to its head and its tail."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from typing import IO, Final

from process_manager.redaction import redact_text

KEPT: Final = 64 * 1024
"""Bytes that are kept of each end: more than is shown, so that no secret is cut before it is masked."""


class Printed:
    """The first and the last bytes of what was printed, and how many there were."""

    def __init__(self) -> None:
        self.count = 0
        self._head = bytearray()
        self._tail = bytearray()

    def add(self, found: bytes) -> None:
        """Take in what came next."""
        self.count += len(found)
        room = max(0, KEPT - len(self._head))
        self._head += found[:room]
        self._tail += found[room:]
        if len(self._tail) > 2 * KEPT:  # cut seldom: each cut copies what is kept
            del self._tail[:-KEPT]

    def text(self) -> str:
        """Return what was printed, its secrets masked and its middle left out where it is long."""
        return redact_text((self._head + self._tail).decode("utf-8", "replace"))


class Output:
    """A thread that drains a pipe until it closes, and hands over what came before each mark."""

    def __init__(self, pipe: IO[bytes], mark: bytes) -> None:
        self._pipe = pipe
        self._mark = mark
        self._rest = b""  # may be the beginning of a mark
        self._printed = Printed()
        self._sections: SimpleQueue[Printed] = SimpleQueue()
        self._thread = threading.Thread(target=self._drain, name="child-output", daemon=True)
        self._thread.start()

    def section(self, *, seconds: float) -> Printed | None:
        """Return what was printed before the next mark; None when none comes in time."""
        try:
            return self._sections.get(timeout=seconds)
        except Empty:
            return None

    def rest(self, *, seconds: float) -> Printed:
        """Return what was printed since the last mark once the pipe is closed, or what there is after so many seconds.

        A process that the step started and that got away keeps the pipe open as long as it pleases.
        """
        self._thread.join(seconds)
        while (section := self.section(seconds=0)) is not None:
            if section.count:
                return section  # its mark came too late for who waited for it
        return self._printed

    def _drain(self) -> None:
        with self._pipe:
            while found := self._pipe.read1(KEPT):  # type: ignore[attr-defined]  # it is buffered
                self._take(self._rest + found)
        self._printed.add(self._rest)

    def _take(self, found: bytes) -> None:
        *ended, last = found.split(self._mark)
        for part in ended:
            self._printed.add(part)
            self._sections.put(self._printed)
            self._printed = Printed()
        kept = _beginning(last, self._mark)
        self._printed.add(last[: len(last) - kept])
        self._rest = last[len(last) - kept :]


def _beginning(found: bytes, mark: bytes) -> int:
    """Return how many of the last bytes are the beginning of a mark."""
    return next((size for size in range(min(len(found), len(mark) - 1), 0, -1) if mark.startswith(found[-size:])), 0)
