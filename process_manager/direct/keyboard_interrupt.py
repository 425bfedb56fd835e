"""Ctrl-C in a thread that runs steps and records them: at once in a step, and between two records elsewhere."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Literal, TypeVar

T = TypeVar("T")

State = Literal["idle", "recording", "in a step"]


class KeyboardInterrupts:
    """Holds Ctrl-C back while something is recorded; a second one comes at once. Only a first thread ever hears it."""

    def __init__(self) -> None:
        self._state: State = "idle"
        self._has_come = False
        self._before: Callable[[int, FrameType | None], object] | None = None

    def __enter__(self) -> KeyboardInterrupts:
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(before):
            self._before = before
            signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._before is not None and signal.getsignal(signal.SIGINT) == self._handle:
            signal.signal(signal.SIGINT, self._before)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        is_first, self._has_come = not self._has_come, self._state != "idle"
        if self._before is not None and not (is_first and self._state == "recording"):
            self._before(number, frame)

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Hold Ctrl-C back until the end of the block, which passes it on."""
        self._state = "recording"
        try:
            yield
            self.pass_on()
        finally:
            self._state, self._has_come = "idle", False

    def let_in(self, run: Callable[[], T]) -> T:
        """Run a step in which Ctrl-C may be caught, and return its answer; pass on afterwards what the step caught."""
        self._state = "in a step"
        try:
            return run()
        finally:
            self._state = "recording"

    def pass_on(self) -> None:
        """Do what Ctrl-C does in this program, if it came: KeyboardInterrupt, unless a handler sees to it."""
        if self._has_come and self._before is not None:
            self._has_come = False
            self._before(signal.SIGINT, None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self._state == "idle"
