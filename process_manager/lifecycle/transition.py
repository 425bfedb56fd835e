"""What a run of a step gave, and what is recorded of it: the values that the pure functions here take and return.

They are named tuples: they are made several times a step, and a frozen dataclass costs three times as much.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from process_manager.lifecycle.claim import CHILD, Claim
from process_manager.lifecycle.outcomes import Outcome
from process_manager.lifecycle.status import SETTLED, Status

if TYPE_CHECKING:
    from process_manager.lifecycle.events import Coordination  # which a worker that uses none of it does not load

Terms = tuple[tuple[str, str | None], ...]
"""Fields of a payload by their paths, each with the value by which its process is found from now on; None for none."""


class VerifyResult(NamedTuple):
    """What `verify` said of a step that may have happened."""

    answer: object = None  # None: it cannot tell
    problem: str | None = None  # what it raised
    error: str | None = None  # the traceback, when it raised
    exists: bool = True  # whether there was one to ask


class StepResult(NamedTuple):
    """One run of a step: what it answered, and when."""

    outcome: Outcome | None  # None: `verify` was asked instead
    started_at: datetime
    finished_at: datetime
    error: str | None = None  # the traceback, when it raised
    returned: bool = True  # not: it raised, or was cut off
    asked: VerifyResult | None = None  # of a `once` step in doubt
    taken_back: bool = False  # what it wrote in its transaction
    got_through: bool = True  # not: its child was killed or never called it, and what is suspected stays so


class ProcessState(NamedTuple):
    """Where a process stands; what the record writes into its row."""

    status: Status
    step: str | None
    attempts: int
    attempts_since: datetime | None = None
    crashes: int = 0
    due_at: datetime | None = None
    retry_after: datetime | None = None
    waiting_for: str | None = None
    payload: str | None = None  # JSON; None leaves it as it was
    finished_at: datetime | None = None
    version: int | None = None  # None leaves it as it was, as for reruns
    reruns: str | None = None
    own_crashes: int = 0
    doubtful_since: datetime | None = None
    pool: str | None = None  # where it rests until the fleet has a seat or a start for its step


class HistoryEntry(NamedTuple):
    """What the history says of one run, or of one act of a person; its seq, round and worker come from the process."""

    step: str | None
    attempt: int
    outcome: str
    message: str
    started_at: datetime
    finished_at: datetime
    payload: str | None = None
    error: str | None = None
    code: str | None = None
    by: str | None = None


class Seen(NamedTuple):
    """A process as a person saw it, who is about to act on it."""

    claim: Claim
    state: ProcessState


class Transition(NamedTuple):
    """What is recorded of a process: where it stands now, and its new history rows, in order."""

    claim: Claim
    state: ProcessState
    entries: tuple[HistoryEntry, ...]
    at: datetime
    takes_away: bool = False  # raises the fence, so that the old holder can write no more
    rested: ProcessState | None = None  # how it stood when a person acted on it; None: a worker held it
    opens_round: bool = False
    terms: Terms = ()  # what it is found by from now on, where its class declares that and a step changed it
    coordination: Coordination | None = None  # what its step waits for and asked for, if it did either
    has_lane_rules: bool = False  # its lane is asked for rules of its own when it ends: positions, spacing

    @property
    def seq(self) -> int:
        """The newest history entry's number once this is recorded."""
        return self.claim.seq + len(self.entries)

    @property
    def goes_on(self) -> bool:
        """Whether the process is still held once this is recorded."""
        return self.state.status is Status.RUNNING

    @property
    def settles(self) -> int:
        """Of a child: 1 when its parent waits for it no longer once this is recorded, -1 when it does again, or 0."""
        if self.claim.dedup_hash is None or not self.claim.dedup_hash.startswith(CHILD):
            return 0
        was_settled = self.rested is not None and self.rested.status in SETTLED
        return (self.state.status in SETTLED) - was_settled

    @property
    def frees_lane(self) -> bool:
        """Whether the next process of its lane is due once this is recorded."""
        return self.claim.order_key is not None and self.state.finished_at is not None
