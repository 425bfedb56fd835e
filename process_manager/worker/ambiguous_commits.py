"""Commits that were never confirmed: what they did is read from the rows, not guessed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.transition import Transition
from process_manager.log_throttle import RecurringProblem
from process_manager.store import ambiguous_commits, claiming, recording, stop_requests
from process_manager.store.recording import LaneHandover, RecordResult
from process_manager.worker import unreadable_rows

log = logs.get(__name__)

_unread: Final = RecurringProblem(log.error, "claim.unreadable")
"""Processes under this worker's lease whose rows cannot be read."""

LONG: Final = 60.0
"""Seconds after which a commit that was under way when its connection broke has surely come to its end."""

ROUND: Final = 1.0
"""Seconds between two looks until then."""


def record(
    connection: sa.Connection,
    transitions: Sequence[Transition],
    onward: LaneHandover | None = None,
    *,
    waits: bool = True,
) -> RecordResult:
    """Record as `recording.record` does; what an earlier, unconfirmed commit recorded is kept, too."""
    found = recording.record(connection, transitions, onward, waits=waits)
    if len(found.kept) == len(transitions):
        return found
    known = {id(transition) for transition in (*found.kept, *found.busy)}
    late = [each for each in transitions if id(each) not in known]
    return found._replace(kept=found.kept + ambiguous_commits.recorded_before(connection, late))


class UnconfirmedClaims:
    """Claims that a worker may hold without knowing: the answer to their commit was lost."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._until = self._next = 0.0  # by the monotonic clock
        self._asks = False

    def may_exist(self) -> None:
        """Note that a transaction failed, and may have been committed all the same."""
        self._asks = True
        self._until = time.monotonic() + LONG

    def is_to_look(self) -> bool:
        """Return whether nobody has looked since a transaction failed, or it is time to look once more."""
        now = time.monotonic()
        return self._asks or self._next <= now < self._until

    def find(
        self, connection: sa.Connection, is_held: Callable[[Claim], bool], *, lease_ends_at: datetime
    ) -> list[Claim]:
        """Return the claims of this worker that it does not know of, each under a new lease.

        Asked when it is to look, after the record, which moves some of them on, and before anybody takes more, or
        looks for leases that ran out.
        """
        ours = unreadable_rows.claims(connection, claiming.held_by(connection, self._worker), told=_unread)
        unknown = [claim for claim in ours if not is_held(claim)]
        asked = stop_requests.of(connection, [claim.id for claim in unknown])  # they end with what holds them
        unknown = [claim for claim in unknown if claim.id not in asked]
        pairs = [(claim.id, claim.fence) for claim in unknown]
        renewed = claiming.renew(connection, pairs, lease_ends_at=lease_ends_at) if pairs else set()
        found = [claim for claim in unknown if claim.id in renewed]
        self._asks, self._next = False, time.monotonic() + ROUND
        for claim in found:
            log.info("claim.found", process_id=claim.id, step=claim.step, fence=claim.fence)
        return found
