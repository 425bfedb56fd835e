"""One password is hashed at a time: each hash takes 64 MiB and a core for a tenth of a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from process_manager.web.refusals import TooBusy

PATIENCE: Final = 3.0
"""Seconds that a person waits for their turn."""

WAITING: Final = 5
"""How many may wait: each waits in a thread that others need."""


class PasswordGate:
    """Lets one after the other in."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(WAITING)

    @contextmanager
    def turn(self, *, patience: float = PATIENCE) -> Iterator[None]:
        """Hold the turn during the block; raise TooBusy when it is not ours in time."""
        if not self._places.acquire(blocking=False):
            raise _busy()
        try:
            if not self._turn.acquire(timeout=patience):
                raise _busy()
        finally:
            self._places.release()
        try:
            yield
        finally:
            self._turn.release()


def _busy() -> TooBusy:
    return TooBusy("Another password is being checked. Try again in a second.", {"Retry-After": "1"})
