"""Whether a step may begin now that a thread is free for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from process_manager.database import Database
from process_manager.errors import ProcessManagerError
from process_manager.gatekeeper import Gatekeeper
from process_manager.running import Job, NotStarted
from process_manager.store import claiming

FRESH: Final = 0.05
"""Seconds of waiting for a thread after which it is asked again whether a process is still held."""

FRESH_IN_LANE: Final = 0.002
"""The same for one of a lane: as soon as it is given up, the one behind it may be at work."""


class Admission:
    """Asked by every thread of a worker before it begins a step."""

    def __init__(self, database: Database, gatekeeper: Gatekeeper, *, is_over: Callable[[], bool]) -> None:
        self._database = database
        self._gatekeeper = gatekeeper
        self._is_over = is_over  # whether no step may start any more, or leases cannot be kept

    def __call__(self, job: Job) -> NotStarted | None:
        """Why the step may not begin, None when it may."""
        if job.run.stop_requested or self._is_over() or self._is_overtaken(job):
            return NotStarted(job)
        return self._gatekeeper.refuses(job)

    def _is_overtaken(self, job: Job) -> bool:
        """Whether the process was given up, or lost, while it waited for a thread."""
        waited = time.monotonic() - job.ready
        if waited < (FRESH if job.claim.order_key is None else FRESH_IN_LANE):
            return False
        try:
            with self._database.read() as connection:
                return not claiming.still_held(connection, [(job.claim.id, job.claim.fence)])
        except (sa.exc.SQLAlchemyError, ProcessManagerError):
            return True  # nobody knows; what is given back is claimed again
