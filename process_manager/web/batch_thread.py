"""The thread of a web server that does batches beside its pages, one wave after the other, and removes old ones."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import Final, Self

import sqlalchemy as sa

from process_manager import clock, logs
from process_manager.database import error_codes
from process_manager.errors import ProcessManagerError
from process_manager.governance import batches
from process_manager.governance.batch_runner import BatchRunner, Turn
from process_manager.log_throttle import RecurringProblem
from process_manager.store import causes
from process_manager.store.batches import Holding
from process_manager.web.office import Office

log = logs.get(__name__)

EVERY: Final = 1.0
"""Seconds between two looks for batches, and at what they wait for."""

AFTER_A_PROBLEM: Final = 5.0

SWEPT_EVERY: Final = 3600.0
"""Seconds between two looks for batches that ended long ago."""

SORTED_AT_ONCE: Final = 1_000
"""Processes that stopped before causes were kept, sorted in one transaction."""


class BatchThread:
    """Does batches for the length of its `with` block; another server goes on with what it leaves."""

    def __init__(self, office: Office) -> None:
        self._office = office
        name = f"{socket.gethostname()}:{os.getpid()}"
        self._runner = BatchRunner(office.database, office.registry, office.policies, name)
        self._held: list[Holding] = []
        self._is_sorted = False
        self._swept_at = -SWEPT_EVERY
        self._stopping = threading.Event()
        self._trouble = RecurringProblem(log.warning, "batches.failed", over="batches.recovered")
        self._thread = threading.Thread(target=self._run, name="batches", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stopping.set()
        self._thread.join(timeout=AFTER_A_PROBLEM)
        with suppress(sa.exc.SQLAlchemyError, ProcessManagerError):  # the lease of what is left ends by itself
            for each in self._held:
                self._runner.let_go(each)

    def _run(self) -> None:
        rest = 0.0
        while not self._stopping.wait(rest):
            rest = self._attempt()

    def _attempt(self) -> float:
        try:
            rest = self._turn()
        except Exception as problem:  # noqa: BLE001 - whatever one look raises, the thread lives on
            told = str(problem) if isinstance(problem, ProcessManagerError) else error_codes.message(problem)
            self._trouble.failed(told)
            return AFTER_A_PROBLEM
        self._trouble.recovered()
        return rest

    def _turn(self) -> float:
        """Do one wave of each batch that is held, and return the seconds until there may be more to do."""
        if not self._is_sorted:
            self._sort()
        if time.monotonic() - self._swept_at >= SWEPT_EVERY:
            self._sweep()
        self._held += self._runner.take()
        turns = {each: self._one(each) for each in tuple(self._held)}
        self._held = [each for each in self._held if turns[each] is not Turn.ENDED]
        return 0.0 if Turn.WENT_ON in turns.values() else EVERY

    def _one(self, holding: Holding) -> Turn:
        turn = self._runner.turn(holding)
        if turn is Turn.ENDED:
            self._office.shared.forget()
        return turn

    def _sweep(self) -> None:
        """Remove some of what ended long ago; where nothing is left to remove, nobody looks again for an hour."""
        before = clock.now() - self._office.settings.batch_keep
        if not batches.remove_some(self._office.database, before=before):
            self._swept_at = time.monotonic()

    def _sort(self) -> None:
        """Sort some of what stopped before causes were kept."""

        def some(connection: sa.Connection) -> int:
            return causes.sort_some(connection, most=SORTED_AT_ONCE)

        self._is_sorted = self._office.database.run(some) == 0
