"""A thread that stores what a step says while the thread that would record it is busy running it."""

from __future__ import annotations

import threading

from process_manager import logs
from process_manager.database import Database, error_codes
from process_manager.lifecycle.evidence import Evidence
from process_manager.log_throttle import RecurringProblem
from process_manager.store import evidence
from process_manager.worker.mailbox import Mailbox

log = logs.get(__name__)

PAUSE = 60.0
"""Seconds after which it turns round whatever happens."""


class EvidenceWriter:
    """A thread that stores evidence as it comes; what it could not store is left for the record of the step."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mailbox: Mailbox[Evidence] = Mailbox()
        self._left: list[Evidence] = []
        self._late = RecurringProblem(log.warning, "evidence.late", over="evidence.in_time")
        self._stop = False
        self._thread = threading.Thread(target=self._store, name="evidence-writer", daemon=True)

    def __enter__(self) -> EvidenceWriter:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop = True
        self._mailbox.wake()
        self._thread.join(timeout=PAUSE)

    def put(self, said: Evidence) -> None:
        """Have it stored. Safe in any thread."""
        self._mailbox.put(said)

    def take_left(self) -> list[Evidence]:
        """Return what is not stored, and not being stored just now, for whoever records the step."""
        left, self._left = self._left, []
        return left + self._mailbox.drain()

    def _store(self) -> None:
        while not self._stop:
            said = self._mailbox.wait(PAUSE, slice_seconds=PAUSE, until=lambda: False)
            try:
                if said:
                    with self._database.begin() as connection:
                        evidence.keep(connection, said)
                    self._late.passed()
            except Exception as problem:  # noqa: BLE001 - whoever records the step meets it again, and deals with it
                self._late.met(error_codes.message(problem))
                self._left = [*self._left, *said]
