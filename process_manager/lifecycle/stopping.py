"""What becomes of a running process that somebody asked to stop, once its step is at a safe point."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from process_manager.lifecycle.status import move
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Transition

if TYPE_CHECKING:
    from process_manager.lifecycle.events import Coordination  # which a worker that uses none of it does not load

_TAKEN_BACK: Final = "What the step wrote was taken back, as the process was asked to stop."


class StopRequest(NamedTuple):
    """Somebody's wish that a running process stops; it raised the fence, so that no answer is recorded without it."""

    fence: int  # of the row since
    seq: int  # of its newest history row
    at: datetime
    by: str
    reason: str

    def meets(self, transition: Transition) -> bool:
        """Return whether it came while the process was held under the claim of this transition."""
        claim = transition.claim
        return (self.fence, self.seq) == (claim.fence + 1, claim.seq)


def stopped(transition: Transition, request: StopRequest, *, taken_back: bool = False) -> Transition:
    """Return what is recorded instead of a transition: the same history and who asked, but `abandoned`.

    A step that may have happened is `uncertain` all the same: only a person knows. `taken_back` says that what the step
    wrote in its transaction is undone.
    """
    claim, came = transition.claim, transition.state
    act = HistoryEntry(claim.step, 0, "cancel", request.reason, request.at, transition.at, by=request.by)
    entries = tuple(_taken_back(each) for each in transition.entries) if taken_back else transition.entries
    return transition._replace(
        coordination=None if taken_back else _without_children(transition.coordination),
        claim=claim._replace(fence=request.fence),
        state=_in_doubt(came) if came.doubtful_since is not None else _ended(transition, taken_back=taken_back),
        entries=(*entries, act),
        has_lane_rules=True,  # whoever records it may not know its class
    )


def _without_children(asked: Coordination | None) -> Coordination | None:
    """Return what the step asked for, but for children: a process that stops starts nothing more."""
    return None if asked is None else asked._replace(children=())


def _in_doubt(came: ProcessState) -> ProcessState:
    resting = came._replace(due_at=None, retry_after=None, waiting_for=None, finished_at=None)
    return resting._replace(status=move("running", "doubt"))


def _ended(transition: Transition, *, taken_back: bool) -> ProcessState:
    claim, came = transition.claim, transition.state
    return ProcessState(
        move("running", "abandon"),
        claim.step if taken_back else came.step or claim.step,
        came.attempts,
        payload=None if taken_back else came.payload,
        version=came.version,
        reruns=came.reruns,
        finished_at=transition.at,
    )


def _taken_back(entry: HistoryEntry) -> HistoryEntry:
    """Return the entry of a run whose writes are undone; one that raised or failed says so itself."""
    if entry.outcome not in ("done", "skip", "wait", "reject"):
        return entry
    return entry._replace(outcome="released", message=_TAKEN_BACK, payload=None, code=None)
