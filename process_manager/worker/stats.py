"""Statistics of one run of a worker."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from process_manager import logs
from process_manager.lifecycle.status import FINAL, Status
from process_manager.lifecycle.transition import Transition

log = logs.get(__name__)

MOST: Final = 50_000
"""Of the processes that rest, as a worker that runs for months remembers them: about 5 MB."""

_WORTH_A_LINE = frozenset({Status.FAILED, Status.UNCERTAIN, Status.QUARANTINED, Status.REJECTED})


@dataclass(slots=True)
class RunStats:
    """What a run did: runs of steps by outcome, and processes, each once, by how the run left it last."""

    outcomes: Counter[str] = field(default_factory=Counter)
    refused: int = 0  # answers that came when their lease was gone
    closed: bool = False  # nothing ran, and all that was due was behind closed gates
    left: bool = False  # it was stopped while the database took no writes, and gave nothing back
    kept_out: int = 0  # answers that were not recorded, as another's transaction held what they needed to the end
    looks: int = field(default=0, compare=False)  # how often due processes could be looked for
    _ended: Counter[str] = field(default_factory=Counter)  # for good, or for so long that they are forgotten
    _rest: dict[int, str] = field(default_factory=dict)  # those that may come back

    @property
    def statuses(self) -> Counter[str]:
        """How many processes came to rest, by the status in which each did so last."""
        return self._ended + Counter(self._rest.values())

    def count(self, transition: Transition) -> None:
        """Take note of what was recorded; what a person will want to know of is said, too."""
        status = transition.state.status
        for entry in transition.entries:
            self.outcomes[entry.outcome] += 1
        if status is not Status.RUNNING:
            if self._rest:
                self._rest.pop(transition.claim.id, None)
            if status in FINAL:
                self._ended[status] += 1
            else:
                self._remember(transition.claim.id, status)
        if status in _WORTH_A_LINE:
            entry = transition.entries[-1]
            log.warning(f"process.{status}", process_id=transition.claim.id, step=entry.step, attempt=entry.attempt)

    def _remember(self, process_id: int, status: Status) -> None:
        self._rest[process_id] = status
        if len(self._rest) > MOST:
            self._ended[self._rest.pop(next(iter(self._rest)))] += 1

    def refuse(self, transition: Transition) -> None:
        """Take note of an answer that came when its lease was gone."""
        self.refused += 1
        claim = transition.claim
        log.warning("outcome.refused", process_id=claim.id, step=claim.step, fence=claim.fence, reason="lease gone")
