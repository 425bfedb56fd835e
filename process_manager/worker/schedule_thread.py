"""The thread of a worker that starts processes by the clock; it asks for new schedules now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Self

import sqlalchemy as sa

from process_manager import clock, logs
from process_manager.database import Database, error_codes
from process_manager.definition.registry import Registry
from process_manager.errors import ProcessManagerError
from process_manager.log_throttle import RecurringProblem
from process_manager.settings import Settings
from process_manager.store import schedules
from process_manager.worker.background import BackgroundThread, attempt

if TYPE_CHECKING:
    from process_manager.worker.scheduler import Scheduler  # which loads what reads cron texts

log = logs.get(__name__)

OFTEN: Final = 1.0
"""Seconds between two looks for schedules that people made or changed: the first slot of a new one is in time, too."""

SELDOM: Final = 5.0
"""The same while there is none at all."""

AFTER_A_PROBLEM: Final = 5.0


class ScheduleThread(BackgroundThread):
    """Sleeps until the next slot that it knows."""

    name = "schedules"
    patience = 1.0

    def __init__(self, database: Database, registry: Registry, settings: Settings) -> None:
        super().__init__()
        self._database = database
        self._registry = registry
        self._settings = settings
        self._scheduler: Scheduler | None = None
        self._look_at = 0.0  # by the monotonic clock
        self._pause = 0.0
        self._trouble = RecurringProblem(log.warning, "schedules.failed", over="schedules.recovered")

    def __enter__(self) -> Self:
        """Start what is due already, before a worker that ends by itself finds nothing to do."""
        attempt(self.turn, self.tell)
        return super().__enter__()

    def rest(self) -> float:
        """Return the seconds until there is something to do."""
        if self._pause:
            return self._pause
        rest = max(0.0, self._look_at - time.monotonic())
        coming = None if self._scheduler is None else self._scheduler.next_at()
        return rest if coming is None else min(rest, max(0.0, (coming - clock.now()).total_seconds()))

    def turn(self) -> None:
        """Look for schedules, if it is time to, and start what is due."""
        self._pause = 0.0
        if time.monotonic() >= self._look_at:
            self._look()
            self._look_at = time.monotonic() + (SELDOM if self._scheduler is None else OFTEN)
        if self._scheduler is not None:
            self._scheduler.start_due(clock.now())
        self._trouble.recovered()

    def tell(self, problem: Exception) -> None:
        """Tell of what went wrong; it is tried again soon."""
        self._pause = AFTER_A_PROBLEM
        if isinstance(problem, ProcessManagerError | sa.exc.SQLAlchemyError):
            self._trouble.failed(error_codes.message(problem))
        else:
            self._trouble.failed(type(problem).__name__, exc_info=True)

    def _look(self) -> None:
        if self._scheduler is None and not (self._declares() or self._are_there()):
            return
        if self._scheduler is None:
            from process_manager.worker.scheduler import Scheduler

            made = Scheduler(self._database, self._registry, self._settings.zone_name())
            made.declare(clock.now())
            self._scheduler = made
        self._scheduler.look()

    def _declares(self) -> bool:
        return any(cls.schedule is not None for cls in self._registry)

    def _are_there(self) -> bool:
        with self._database.read() as connection:
            return bool(schedules.waiting(connection))
