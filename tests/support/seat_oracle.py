"""Seats as the oracle has them: how many there are, who rests for one, and who comes next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from forecast import SEATED, Known


class SeatOracle:
    """What happens before a step of which only so many run at once."""

    def __init__(self) -> None:
        self.most = 2

    def taken(self, known: Iterable[Known]) -> int:
        """How many have a seat: whoever runs that step, until its lease is taken away."""
        return sum(each.status == "running" and each.step == SEATED for each in known)

    def free(self, known: Iterable[Known]) -> int:
        return max(0, self.most - self.taken(known))

    def enter(self, known: Known, at: datetime) -> None:
        """It rests for a seat, at its old place if it was not taken from there since, and is held by nobody."""
        known.hold = known.lease = known.not_before = None
        known.status, known.waits_for = "waiting", "platform"
        known.due_at = at + timedelta(days=1, minutes=known.id)
        known.rests_since = known.rests_since or at

    def keeps(self, known: Known, at: datetime) -> bool:
        """Whether it needs a seat although it came another way: then it is claimed, and rests for one."""
        if known.step == SEATED:
            known.fence += 1
            self.enter(known, at)
        return known.step == SEATED

    def longest_resting(self, known: Iterable[Known]) -> list[Known]:
        resting = [each for each in known if each.waits_for == "platform"]
        return sorted(resting, key=lambda each: (each.rests_since, each.id))
