"""Whether a step could have led to the transition that its child decided: what a broken child sends is not recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.status import CLOSED, Status
from process_manager.lifecycle.transition import ProcessState, Transition

LEADS_TO: Final[Mapping[str, tuple[Status, ...]]] = {
    "done": (Status.RUNNING, Status.SUCCEEDED),
    "skip": (Status.SKIPPED,),
    "wait": (Status.WAITING,),
    "retry": (Status.WAITING, Status.FAILED),
    "reject": (Status.REJECTED,),
    "doubt": (Status.WAITING, Status.UNCERTAIN),
}
"""Where a process may stand after each outcome of a step."""


def check_outcome(outcome: str, status: str) -> None:
    """Raise ValueError unless the outcome may lead to the status."""
    if status not in LEADS_TO.get(outcome, ()):
        raise ValueError("its outcome does not lead to its status")


def check(transition: Transition, steps: Sequence[str]) -> None:
    """Raise ValueError for the first thing to which no answer of the step leads."""
    claim, state = transition.claim, transition.state
    rests, ends = state.status is Status.WAITING, state.status in CLOSED
    asked = transition.coordination
    awaits = asked is not None and asked.waits is not None
    sound = {
        "step": state.step in _next(claim, state, steps),
        "attempts": 0 <= state.attempts <= claim.attempts + 1,
        "crashes": (state.crashes, state.own_crashes) in ((0, 0), (claim.crashes, claim.own_crashes)),
        "due_at": ((state.due_at is not None) is rests or awaits) and state.retry_after == state.due_at,
        "waiting_for": state.waiting_for == (("event" if awaits else "moment") if rests else None),
        "coordination": rests or not awaits,
        "finished_at": state.finished_at == (transition.at if ends else None),
        "doubtful_since": state.doubtful_since in (None, claim.doubtful_since),
    }
    for name, is_sound in sound.items():
        if not is_sound:
            raise ValueError(f"its {name} cannot be")


def _next(claim: Claim, state: ProcessState, steps: Sequence[str]) -> Sequence[str | None]:
    """Return the steps at which the process may stand."""
    if state.status is Status.RUNNING:
        return steps[steps.index(claim.step) + 1 :]
    return [None] if state.status is Status.SUCCEEDED else [claim.step]
