"""Whether the audit chain is intact, as a page says it: checked now and then, and not by everybody who looks."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from process_manager import clock
from process_manager.database import Database
from process_manager.inspection import audit_check
from process_manager.inspection.audit_check import NEWEST, Checked

OFTEN: Final = timedelta(minutes=10)
"""After so long a page that shows it checks the newest rows again."""

AT_ONCE: Final = timedelta(seconds=10)
"""Who asks for a check gets one that is no older."""

THOROUGH: Final = 100_000
"""How many of the newest rows are checked where somebody asks; `audit verify` checks all."""


@dataclass(frozen=True, slots=True)
class CheckedChain:
    """How the chain was found.

    Attributes:
        found: What was found.
        most: How many of its newest rows were checked.
        at: When.
        begins_at: When its first row was written; None where there is none, or it cannot be read.
    """

    found: Checked
    most: int
    at: datetime
    begins_at: datetime | None


class ChainCheck:
    """The newest check of the chain by this server, which also sees whether the chain was written anew since."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._latest: CheckedChain | None = None
        self._noted: list[tuple[int, str]] = []

    def latest(self) -> CheckedChain:
        """Return how the chain stood a few minutes ago, at most."""
        return self._no_older(OFTEN, NEWEST)

    def anew(self) -> CheckedChain:
        """Return how the chain stands now."""
        return self._no_older(AT_ONCE, THOROUGH)

    def _no_older(self, age: timedelta, most: int) -> CheckedChain:
        """Return a check that is no older; those who ask meanwhile wait for it, and make none of their own."""
        with self._lock:
            if self._latest is None or self._latest.most < most or clock.now() - self._latest.at >= age:
                self._latest = self._checked(most)
            return self._latest

    def _checked(self, most: int) -> CheckedChain:
        now = clock.now()
        with self._database.read() as connection:
            found = audit_check.verify(connection, most=most, noted=self._noted)
            begins_at = audit_check.begins_at(connection)
        if found.newest and not found.flaws:
            self._noted = [(found.newest, found.hash)]
        return CheckedChain(found, most, now, begins_at)
