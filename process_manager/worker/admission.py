"""The last check before a step begins: whether it may, now that a thread is free for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

import sqlalchemy as sa

from process_manager.database import Database
from process_manager.errors import ProcessManagerError
from process_manager.execution.completion import NotStarted
from process_manager.execution.held_step import HeldStep
from process_manager.store import claiming
from process_manager.worker.gatekeeper import Gatekeeper

FRESH: Final = 0.05
"""Seconds for which a look at whether a process is still held is good enough to begin its step."""

FRESH_IN_LANE: Final = 0.002
"""The same for one of a lane: as soon as it is given up, the one behind it may be at work."""


class Admission:
    """Asked by every thread of a worker before it begins a step."""

    def __init__(
        self, database: Database, gatekeeper: Gatekeeper, held: dict[int, HeldStep], *, is_over: Callable[[], bool]
    ) -> None:
        self._database = database
        self._gatekeeper = gatekeeper
        self._held = held
        self._is_over = is_over  # whether no step may start any more, or leases cannot be kept
        self._looking = threading.Lock()
        self._looked = 0.0  # when it was last asked what is still held, by the monotonic clock

    def __call__(self, held: HeldStep) -> NotStarted | None:
        """Return why the step may not begin; None when it may."""
        # Whether it was told to stop is asked last: a look, of this thread or another, may just have told it.
        if self._is_over() or not self._is_sure_of(held) or held.run.stop_requested:
            return NotStarted(held)
        return self._gatekeeper.refuses(held)

    def _is_sure_of(self, held: HeldStep) -> bool:
        """Return whether it is known, from a moment ago, that nobody took the process away while it waited."""
        if self._is_known(held):
            return True
        try:
            with self._looking:
                if not self._is_known(held) and not self._is_over():
                    self._look(held)
        except (sa.exc.SQLAlchemyError, ProcessManagerError):
            return False  # what is given back is claimed again
        return True

    def _is_known(self, held: HeldStep) -> bool:
        fresh = FRESH if held.claim.order_key is None else FRESH_IN_LANE
        return time.monotonic() - max(held.ready, self._looked) < fresh

    def _look(self, held: HeldStep) -> None:
        """Ask of all that wait at once: one by one, a worker that fell behind would only fall further behind."""
        looked = time.monotonic()
        with self._database.read() as connection:
            stop_lost(connection, {held, *self._held.copy().values()})
        self._looked = looked


def stop_lost(connection: sa.Connection, held_steps: Iterable[HeldStep]) -> None:
    """Let no step of these begin whose process was taken away while it waited for a thread."""
    waiting = {(held.claim.id, held.claim.fence): held for held in held_steps if held.started is None}
    for lost in waiting.keys() - claiming.still_held(connection, sorted(waiting)):
        waiting[lost].run.stop_requested = True
