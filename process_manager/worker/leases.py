"""A thread that renews the leases of what a worker holds, and tells a step when its lease is gone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from process_manager import clock, logs
from process_manager.database import Database
from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.stopping import StopRequest
from process_manager.store import claiming, stop_requests
from process_manager.worker.periodic import PeriodicTask

log = logs.get(__name__)


class LeaseRenewer(PeriodicTask):
    """A thread that renews every held lease each third of its length, and does what else is due at every beat."""

    name = "lease-renewer"

    def __init__(
        self,
        database: Database,
        held: Mapping[int, HeldStep],
        duties: Sequence[Callable[[], None]],
        *,
        lease: timedelta,
    ) -> None:
        super().__init__(self._look, self._enforce, *duties, lease=lease)
        self.patience = lease.total_seconds() / 4
        self._database = database
        self._held = held
        self._lease = lease
        self._renewed = time.monotonic()
        self._passed_over: dict[tuple[int, int], float] = {}  # since when each was not renewed, by the same clock

    def is_in_time(self) -> bool:
        """Return whether the leases still hold for certain, by the monotonic clock."""
        return time.monotonic() - self._renewed < self._lease.total_seconds() * 0.9

    def _look(self) -> None:
        held_steps = tuple(self._held.values())  # those that have answered too: their answer may not be written yet
        if not held_steps:
            self._renewed = time.monotonic()
            return
        pairs = [_place(held) for held in held_steps]
        asked = time.monotonic()
        if self._passed_over or asked - self._renewed >= self._lease.total_seconds() / 3:
            ours = self._renew(pairs)
            self._renewed = asked
        else:
            with self._database.read() as connection:
                ours = {id_ for id_, _fence in claiming.still_held(connection, pairs)}
        missing = [held for held in held_steps if held.claim.id not in ours and self._is_news(held)]
        if missing:
            self._look_after(missing)

    def _is_news(self, held: HeldStep) -> bool:
        return held.lost is None and self._held.get(held.claim.id) is held

    def _look_after(self, missing: Sequence[HeldStep]) -> None:
        """Tell steps that their lease is gone, or that somebody asked them to stop: that lease is renewed."""
        with self._database.begin() as connection:
            requests = stop_requests.of(connection, [held.claim.id for held in missing])
            asked = [held for held in missing if _is_asked(held, requests.get(held.claim.id))]
            if asked:
                pairs = [(held.claim.id, held.claim.fence + 1) for held in asked]
                claiming.renew(connection, pairs, lease_ends_at=clock.now() + self._lease)
        for held in missing:
            if held in asked:
                self._ask(held, by=requests[held.claim.id].by)
            elif not held.answered:
                self._lost(held)

    def _renew(self, pairs: Sequence[tuple[int, int]]) -> set[int]:
        """Return the processes that are still ours; a row that another transaction holds is renewed at a later beat."""
        with self._database.begin() as connection:
            ours = claiming.renew(connection, pairs, lease_ends_at=clock.now() + self._lease)
            left = [pair for pair in pairs if pair[0] not in ours]
            held = claiming.still_held(connection, left) if left else set()
        self._passed_over = {pair: self._passed_over.get(pair, self._renewed) for pair in held}
        return ours | {id_ for id_, _fence in held}

    def _may_be_gone(self, held: HeldStep) -> bool:
        """Return whether its lease may have ended, because another transaction held its row for so long."""
        since = self._passed_over.get(_place(held))
        return since is not None and time.monotonic() - since >= self._lease.total_seconds() * 0.9

    def _ask(self, held: HeldStep, *, by: str) -> None:
        log.info("process.asked_to_stop", process_id=held.claim.id, step=held.claim.step, by=by)
        held.asked_to_stop = held.run.stop_requested = True

    def _lost(self, held: HeldStep) -> None:
        if held.lost is None:
            held.lost = time.monotonic()
        if not held.run.stop_requested:
            log.warning("lease.lost", process_id=held.claim.id, step=held.claim.step, fence=held.claim.fence)
            held.run.stop_requested = True

    def _enforce(self) -> None:
        """Ask steps to stop that are over their time limit, and all of them when the leases could not be renewed."""
        in_time = self.is_in_time()
        for held in tuple(self._held.values()):
            limit = None if held.planned.isolation else held.planned.time_limit  # a child is killed on time elsewhere
            started = held.started
            over = limit is not None and started is not None and time.monotonic() - started > limit.total_seconds()
            if (over or not in_time or self._may_be_gone(held)) and not held.run.stop_requested:
                log.warning("step.asked_to_stop", process_id=held.claim.id, step=held.claim.step, over_time=over)
                held.run.stop_requested = True


def _place(held: HeldStep) -> tuple[int, int]:
    """Return the process with the fence that its row has while it is ours."""
    return held.claim.id, held.claim.fence + held.asked_to_stop


def _is_asked(held: HeldStep, request: StopRequest | None) -> bool:
    return request is not None and request.fence == held.claim.fence + 1
