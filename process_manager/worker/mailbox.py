"""A worker's one queue of messages: results, evidence, steps given back, and calls to wake up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """A queue that is emptied at once, or `most` at a time. `put` may be called from any thread and signal handler."""

    def __init__(self, *, most: float = math.inf, counts: Callable[[T], bool] = lambda _message: True) -> None:
        self._most = most
        self._counts = counts  # which messages `most` speaks of: the others come along
        self._queue: SimpleQueue[T | None] = SimpleQueue()

    def put(self, message: T) -> None:
        """Leave a message."""
        self._queue.put(message)

    def wake(self) -> None:
        """End a wait without a message."""
        self._queue.put(None)

    def is_empty(self) -> bool:
        """Return whether there is neither a message nor a call to wake up."""
        return self._queue.empty()

    def drain(self) -> list[T]:
        """Return every message that is there, or the first of them."""
        return [] if self._queue.empty() else list(self._messages())

    def _messages(self) -> Iterator[T]:
        left = self._most
        try:
            while left > 0:
                message = self._queue.get_nowait()
                if message is not None:
                    yield message
                    left -= self._counts(message)
        except Empty:
            return

    def wait(self, seconds: float, *, slice_seconds: float, until: Callable[[], bool]) -> list[T]:
        """Return the messages as soon as there is one, `until()` holds (asked every slice), or the time is over."""
        ends = time.monotonic() + seconds
        while True:
            left = ends - time.monotonic()
            try:
                first = self._queue.get(timeout=max(0.0, min(slice_seconds, left)))
            except Empty:
                if left <= 0 or until():
                    return []
                continue
            return self.drain() if first is None else [first, *self.drain()]

    def gather(self, seconds: float, *, most: int, while_: Callable[[], object]) -> list[T]:
        """Return about `most` of the messages that come within so many seconds and as long as `while_()` holds."""
        found: list[T] = []
        ends = time.monotonic() + seconds
        while len(found) < most and while_() and (left := ends - time.monotonic()) > 0:
            found += self.wait(left, slice_seconds=left, until=lambda: True)
        return found
