"""Events as the oracle has them: how often each was signalled, whether it stands, and who waits for which."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from forecast import Known


class EventOracle:
    """What signals and withdrawals do to those that wait."""

    def __init__(self) -> None:
        self.events: dict[str, tuple[int, bool]] = {}  # how often each was signalled, and whether it stands

    def signal(self, key: str, known: Iterable[Known], at: datetime) -> int:
        """How often it was signalled by now."""
        number, stands = self.events.get(key, (0, False))
        if not stands:
            self.events[key] = number + 1, True
            self.wake(known, at)
        return self.events[key][0]

    def withdraw(self, key: str) -> bool:
        """Whether it stood."""
        number, stands = self.events.get(key, (0, False))
        if stands:
            self.events[key] = number, False
        return stands

    def begin(self, known: Known, key: str) -> None:
        """It waits for a signal that is newer than all, or, where the event stands, than the one that woke its step."""
        number, stands = self.events.get(key, (0, False))
        token = known.key(known.step or "")
        known.awaits = (key, known.woken.get((key, token), 0) if stands else number)

    def wake(self, every: Iterable[Known], at: datetime) -> None:
        """Whoever waits for a signal that has come is due."""
        for known in every:
            if known.waits_for != "event" or known.awaits is None:
                continue
            key, seen = known.awaits
            number, _stands = self.events.get(key, (0, False))
            if seen < number:
                known.woken[key, known.key(known.step or "")] = number
                known.status, known.due_at, known.not_before, known.waits_for = "pending", at, None, None
