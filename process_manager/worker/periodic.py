"""Duties that are done at every beat beside the steps, in a thread of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import error_codes
from process_manager.errors import ProcessManagerError
from process_manager.log_throttle import RecurringProblem
from process_manager.worker.background import BackgroundThread, attempt

log = logs.get(__name__)

BEAT: Final = timedelta(seconds=2)
"""How often held processes are looked at: a step learns this soon that its process was abandoned."""


class PeriodicTask(BackgroundThread):
    """A thread that does its duties at every beat; what goes wrong with one is said, for it is done again."""

    name = "periodic-task"

    def __init__(self, *duties: Callable[[], None], lease: timedelta) -> None:
        super().__init__()
        self.cut_off: Callable[[], None] = lambda: None  # told when no connection could be had
        self._duties: Sequence[Callable[[], None]] = duties
        self._beat = min(BEAT, lease / 6).total_seconds()  # often enough for the shortest lease
        self.patience = self._beat
        self._unable = RecurringProblem(log.warning, "duty.failed", over="duty.recovered")
        self._broken = RecurringProblem(log.error, "duty.broken", over="duty.recovered")

    def rest(self) -> float:
        """Return the seconds between two beats."""
        return self._beat

    def turn(self) -> None:
        """Do each duty, whatever became of the others."""
        for duty in self._duties:
            attempt(partial(self._do, duty), partial(self._tell_of, duty.__qualname__))

    def tell(self, problem: Exception) -> None:
        """Tell of what no duty raised."""
        self._tell_of(self.name, problem)

    def _do(self, duty: Callable[[], None]) -> None:
        duty()
        name = duty.__qualname__
        self._unable.recovered(about=name, duty=name)
        self._broken.recovered(about=name, duty=name)

    def _tell_of(self, name: str, problem: Exception) -> None:
        if not isinstance(problem, ProcessManagerError | sa.exc.SQLAlchemyError):
            self._broken.failed(type(problem).__name__, about=name, duty=name, exc_info=True)
            return
        self._unable.failed(error_codes.message(problem), about=name, duty=name)
        if error_codes.is_disconnected(problem):
            self.cut_off()
