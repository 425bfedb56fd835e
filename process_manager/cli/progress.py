"""Progress on stderr: a line that is overwritten on a terminal, and one every five seconds elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Final

from process_manager.cli import output_streams

EVERY: Final = 5.0
"""Seconds between two lines where no terminal can overwrite one."""

BEAT: Final = 0.1
"""Seconds between two looks on a terminal."""


class Progress:
    """Tells how many are done, of so many if that is known, if it takes long."""

    def __init__(self, what: str, total: int | None) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._live = sys.stderr.isatty()
        self._next = time.monotonic() + (BEAT if self._live else EVERY)
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live and self._width:
            output_streams.say("\r" + " " * self._width + "\r", nl=False)

    def step(self, count: int = 1) -> None:
        """Note that so many more are done."""
        self._done += count
        if time.monotonic() < self._next or self._done == self._total:
            return
        line = f"{self._what}: {self._done}" + ("" if self._total is None else f" of {self._total}")
        output_streams.say(f"\r{line}" if self._live else line, nl=not self._live)
        self._width = max(self._width, len(line))
        self._next = time.monotonic() + (BEAT if self._live else EVERY)
