"""Waiting in a proof: for something to be seen, and for the work to be done while something happens to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from proofs.judging import rows
from proofs.places import Place

T = TypeVar("T")
EVERY = 0.02  # seconds between two looks
PATIENCE = 90.0  # seconds without any progress after which a proof gives up, and says what was lost


def until(look: Callable[[], T], *, seconds: float) -> T:
    """What `look` finds as soon as it finds something; what it finds last when that takes too long."""
    ends = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < ends:
        time.sleep(EVERY)
    return found


def work_off(place: Place, act: Callable[[int], object], *, is_over: Callable[[], bool] | None = None) -> float:
    """Seconds until every process has ended or `is_over`, `act` called again and again with how many have ended.

    It gives up when nothing has ended for a while; what is left open is then found by whoever judges.
    """
    began = moved = time.monotonic()
    before = -1
    while True:
        ended, still_open = progress(place)
        if ended != before:
            before, moved = ended, time.monotonic()
        if (is_over() if is_over else not still_open) or time.monotonic() - moved > PATIENCE:
            return time.monotonic() - began
        act(ended)
        time.sleep(EVERY)


def progress(place: Place) -> tuple[int, int]:
    """How many processes have come to an end, and how many have not."""
    ended, every = rows(place.database, "SELECT count(finished_at), count(*) FROM processes")[0]
    return ended, every - ended


class Spread:
    """So many events, spread evenly over the work: the next is due when enough of it is done."""

    def __init__(self, events: int, processes: int) -> None:
        self.happened = 0
        self._events = events
        self._apart = processes / (events + 1)

    def is_due(self, ended: int) -> bool:
        """Whether the next one should happen now."""
        return self.happened < self._events and ended >= (self.happened + 1) * self._apart
