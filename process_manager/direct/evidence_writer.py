"""A thread that stores what a step says while the thread that would record it is busy running it."""

from __future__ import annotations

from process_manager import logs
from process_manager.database import Database, error_codes
from process_manager.lifecycle.evidence import Evidence
from process_manager.log_throttle import RecurringProblem
from process_manager.store import evidence
from process_manager.worker.background import BackgroundThread
from process_manager.worker.mailbox import Mailbox

log = logs.get(__name__)

PAUSE = 60.0
"""Seconds after which it turns round whatever happens."""


class EvidenceWriter(BackgroundThread):
    """A thread that stores evidence as it comes; what it could not store is left for the record of the step."""

    name = "evidence-writer"
    patience = PAUSE

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._mailbox: Mailbox[Evidence] = Mailbox()
        self._at_hand: list[Evidence] = []
        self._left: list[Evidence] = []
        self._late = RecurringProblem(log.warning, "evidence.late", over="evidence.in_time")

    def put(self, said: Evidence) -> None:
        """Have it stored. Safe in any thread."""
        self._mailbox.put(said)

    def take_left(self) -> list[Evidence]:
        """Return what is not stored, and not being stored just now, for whoever records the step."""
        left, self._left = self._left, []
        return left + self._mailbox.drain()

    def turn(self) -> None:
        """Wait for evidence, and store it."""
        self._at_hand = self._mailbox.wait(PAUSE, slice_seconds=PAUSE, until=lambda: False)
        if self._at_hand:
            with self._database.begin() as connection:
                evidence.keep(connection, self._at_hand)
            self._late.recovered()

    def tell(self, problem: Exception) -> None:
        """Leave what could not be stored to whoever records the step: it meets the problem again, and deals with it."""
        self._late.failed(error_codes.message(problem))
        self._left = [*self._left, *self._at_hand]

    def wake(self) -> None:
        """End its wait for evidence."""
        self._mailbox.wake()
