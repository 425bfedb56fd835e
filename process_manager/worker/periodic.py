"""Tasks that are repeated beside the steps, in a thread of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import error_codes
from process_manager.errors import ProcessManagerError
from process_manager.log_throttle import RecurringProblem

log = logs.get(__name__)


class PeriodicTask:
    """A thread that does one duty at every beat: one that must not wait behind another."""

    def __init__(self, duty: Callable[[], None], *, lease: timedelta) -> None:
        self.duties = Duties([duty])
        self._beat = seconds_between_beats(lease)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._repeat, name="periodic-task", daemon=True)

    def __enter__(self) -> PeriodicTask:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join(timeout=self._beat)

    def _repeat(self) -> None:
        while not self._stop.wait(self._beat):
            self.duties.attempt()


BEAT = timedelta(seconds=2)
"""How often held processes are looked at: a step learns this soon that its process was abandoned."""


def seconds_between_beats(lease: timedelta) -> float:
    """Return the seconds between two beats: often enough for the shortest lease."""
    return min(BEAT, lease / 6).total_seconds()


class Duties:
    """What is done at every beat; what goes wrong is said, for it is done again at the next one."""

    def __init__(self, duties: Sequence[Callable[[], None]]) -> None:
        self.cut_off: Callable[[], None] = lambda: None  # told when no connection could be had
        self._duties = duties
        self._failed = RecurringProblem(log.warning, "duty.failed", over="duty.recovered")
        self._broken = RecurringProblem(log.error, "duty.broken", over="duty.mended")

    def attempt(self) -> None:
        """Do each of them, whatever became of the others."""
        for duty in self._duties:
            name = duty.__qualname__
            try:
                duty()
            except (ProcessManagerError, sa.exc.SQLAlchemyError) as problem:
                self._failed.met(error_codes.message(problem), about=name, duty=name)
                if error_codes.is_disconnected(problem):
                    self.cut_off()
            except Exception as problem:  # noqa: BLE001 - the top of a long-lived thread; its traceback is told
                self._broken.met(type(problem).__name__, about=name, duty=name, exc_info=True)
            else:
                self._failed.passed(about=name, duty=name)
                self._broken.passed(about=name, duty=name)
