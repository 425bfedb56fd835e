"""What a store should hold, in plain Python: no SQL, no fences, one dictionary."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from process_manager import Done, Reject, Retry, Skip, Wait
from process_manager.outcomes import Outcome

STEPS = ["a", "b", "c", None]
LEASE = timedelta(seconds=10)


@dataclass
class Known:
    """What the oracle knows of one process."""

    order_key: str | None
    dedup_key: str | None
    status: str = "pending"
    step: str | None = "a"
    due_at: datetime | None = None
    lease: datetime | None = None
    attempts: int = 0
    rows: list[str] = field(default_factory=list)
    ran: bool = False
    holds_key: bool = False

    @property
    def is_open(self) -> bool:
        return self.status not in ("succeeded", "skipped", "rejected", "abandoned")


class Oracle:
    """Every process, and the rules by which it moves."""

    now: datetime
    known: dict[int, Known]

    def lane(self, key: str | None) -> list[int]:
        return [
            each for each, known in self.known.items() if key is not None and known.order_key == key and known.is_open
        ]

    def close(self, process_id: int, status: str) -> None:
        known = self.known[process_id]
        known.status, known.due_at, known.lease, known.holds_key = status, None, None, False
        self.call_up(known.order_key)

    def call_up(self, key: str | None) -> None:
        for head in self.lane(key)[:1]:
            if self.known[head].status == "behind":
                self.known[head].status, self.known[head].due_at = "pending", self.now

    def answered(self, process_id: int, outcome: Outcome) -> None:
        known = self.known[process_id]
        used = known.attempts + 1
        match outcome:
            case Done(_, None):
                known.rows.append("done")
                known.step, known.attempts = STEPS[STEPS.index(known.step) + 1], 0
                if known.step is None:
                    self.close(process_id, "succeeded")
            case Done():
                known.rows.append("retry")
                known.status, known.attempts, known.lease = "failed", used, None
            case Skip():
                known.rows.append("skip")
                known.attempts = used
                self.close(process_id, "skipped")
            case Reject():
                known.rows.append("reject")
                known.attempts = used
                self.close(process_id, "rejected")
            case Retry(_, after):
                known.rows.append("retry")
                rest = after or timedelta(seconds=5)
                known.attempts, known.lease = used, None
                known.status, known.due_at = ("failed", None) if used == 2 else ("waiting", self.now + rest)
            case Wait(_, _, after):
                known.rows.append("wait")
                known.status, known.due_at, known.lease = "waiting", self.now + (after or LEASE), None

    def may_restart(self, process_id: int) -> bool:
        known = self.known[process_id]
        if known.status in ("failed", "waiting"):
            return True
        lane = {
            each: other for each, other in self.known.items() if known.order_key and other.order_key == known.order_key
        }
        overtaken = any(each > process_id and self.has_run(other) for each, other in lane.items())
        behind = any(each < process_id and other.is_open for each, other in lane.items())
        taken = any(other.holds_key and other.dedup_key == known.dedup_key for other in self.known.values())
        return known.status == "rejected" and not overtaken and not behind and not taken

    def has_run(self, known: Known) -> bool:
        return known.status == "running" or bool(set(known.rows) - {"abandon", "restart"})
