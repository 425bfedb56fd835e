"""Whether a step may begin now that a thread is free for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa

from process_manager.database import Database
from process_manager.errors import ProcessManagerError
from process_manager.gatekeeper import Gatekeeper
from process_manager.running import Job, NotStarted
from process_manager.store import claiming

FRESH: Final = 0.05
"""Seconds for which a look at whether a process is still held is good enough to begin its step."""

FRESH_IN_LANE: Final = 0.002
"""The same for one of a lane: as soon as it is given up, the one behind it may be at work."""


class Admission:
    """Asked by every thread of a worker before it begins a step."""

    def __init__(
        self, database: Database, gatekeeper: Gatekeeper, held: Mapping[int, Job], *, is_over: Callable[[], bool]
    ) -> None:
        self._database = database
        self._gatekeeper = gatekeeper
        self._held = held
        self._is_over = is_over  # whether no step may start any more, or leases cannot be kept
        self._looking = threading.Lock()
        self._looked = 0.0  # when it was last asked what is still held, by the monotonic clock

    def __call__(self, job: Job) -> NotStarted | None:
        """Why the step may not begin, None when it may."""
        if job.run.stop_requested or self._is_over() or self._is_overtaken(job):
            return NotStarted(job)
        return self._gatekeeper.refuses(job)

    def _is_overtaken(self, job: Job) -> bool:
        """Whether the process was given up, or lost, while it waited for a thread."""
        fresh = FRESH if job.claim.order_key is None else FRESH_IN_LANE
        if self._is_known(job, fresh):
            return False
        try:
            with self._looking:
                if not self._is_known(job, fresh):
                    self._look()
        except (sa.exc.SQLAlchemyError, ProcessManagerError):
            return True  # nobody knows; what is given back is claimed again
        return job.run.stop_requested

    def _is_known(self, job: Job, fresh: float) -> bool:
        return time.monotonic() - max(job.ready, self._looked) < fresh

    def _look(self) -> None:
        """Ask of all that wait at once: one by one, a worker that fell behind would only fall further behind."""
        looked = time.monotonic()
        waiting = [job for job in tuple(self._held.values()) if job.started is None]
        with self._database.read() as connection:
            ours = claiming.still_held(connection, [(job.claim.id, job.claim.fence) for job in waiting])
        for job in waiting:
            if job.claim.id not in ours:
                job.run.stop_requested = True
        self._looked = looked
