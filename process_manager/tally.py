"""What one run of a worker did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from process_manager import logs
from process_manager.lifecycle import Status
from process_manager.position import Attempt

log = logs.get(__name__)

_WORTH_A_LINE = frozenset({Status.FAILED, Status.UNCERTAIN, Status.QUARANTINED, Status.REJECTED})


@dataclass(slots=True)
class Tally:
    """What a run did: runs of steps by outcome, and processes by the status in which they came to rest."""

    outcomes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    refused: int = 0  # answers that came when their lease was gone
    closed: bool = False  # nothing ran, and all that was due was behind closed gates
    looks: int = field(default=0, compare=False)  # how often due processes could be looked for

    def count(self, attempt: Attempt) -> None:
        """Take note of what was recorded; what a person will want to know of is said, too."""
        status = attempt.position.status
        for entry in attempt.entries:
            self.outcomes[entry.outcome] += 1
        if status is not Status.RUNNING:
            self.statuses[status] += 1
        if status in _WORTH_A_LINE:
            entry = attempt.entries[-1]
            log.warning(f"process.{status}", process_id=attempt.claim.id, step=entry.step, attempt=entry.attempt)

    def refuse(self, attempt: Attempt) -> None:
        """Take note of an answer that came when its lease was gone."""
        self.refused += 1
        claim = attempt.claim
        log.warning("outcome.refused", process_id=claim.id, step=claim.step, fence=claim.fence, reason="lease gone")
