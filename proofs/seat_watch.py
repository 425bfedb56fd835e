"""Looks over and over at the seats of a proof: how many leases live, and how long a seat is of no use to anybody."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Final

from proofs import cases
from proofs.judging import rows
from proofs.places import Place

EVERY: Final = 0.005  # seconds between two looks

AT_WORK: Final = (
    "SELECT id, fence, lease_ends_at FROM processes WHERE status = 'running' AND lease_ends_at IS NOT NULL"
    " AND (name = 'shared' AND step = 'b' OR name = 'guarded' AND step = 'a')"
)
"""Who runs a step that has a seat; a lease that is over counts until it is taken away."""

RESTING: Final = "SELECT count(*) FROM processes WHERE waiting_for = 'platform' AND channel = 'default'"
"""How many our own workers could take at once: what rests for Celery waits for a tick."""


class Watch:
    """Counts the leases at the steps with a seat, until the block ends."""

    def __init__(self, place: Place) -> None:
        self.most = self.looks = 0
        self.longest_lost = 0.0  # seconds for which a seat was still taken by a lease that was over
        self.longest_free = 0.0  # seconds in which nobody took a seat, though one was free and somebody waited for it
        self._moved = time.monotonic()
        self._before: set[tuple[int, int]] = set()
        self._place = place
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._over.wait(EVERY):
            self._look()
            self.looks += 1

    def _look(self) -> None:
        held = rows(self._place.database, AT_WORK)
        self.most = max(self.most, len(held))
        now = datetime.now(UTC)
        over = [(now - _moment(ends_at)).total_seconds() for _id, _fence, ends_at in held]
        self.longest_lost = max([self.longest_lost, *over])
        self._look_at_free({(process_id, fence) for process_id, fence, _ends_at in held})

    def _look_at_free(self, held: set[tuple[int, int]]) -> None:
        """Count from when all were taken for the first time: workers take seconds to come."""
        has_begun = self.most == cases.SEATS.most
        is_full = len(held) >= cases.SEATS.most
        if not has_begun or is_full or held - self._before or not rows(self._place.database, RESTING)[0][0]:
            self._moved = time.monotonic()
        self._before = held
        self.longest_free = max(self.longest_free, time.monotonic() - self._moved)


def _moment(found: datetime | str) -> datetime:
    """As every database returns it to plain SQL."""
    moment = datetime.fromisoformat(found) if isinstance(found, str) else found
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
