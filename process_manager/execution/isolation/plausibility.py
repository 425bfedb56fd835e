"""Whether a step could have led to the transition that its child decided: what a broken child sends is not recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.pool import WAITS, Pool
from process_manager.lifecycle.status import CLOSED, Status
from process_manager.lifecycle.transition import ProcessState, Transition

LEADS_TO: Final[Mapping[str, tuple[Status, ...]]] = {
    "done": (Status.RUNNING, Status.SUCCEEDED, Status.WAITING),  # it waits before a step that the fleet shares
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


def check(transition: Transition, steps: Sequence[str], pools: Mapping[str, Pool]) -> None:
    """Raise ValueError for the first thing to which no answer of the step leads."""
    claim, state = transition.claim, transition.state
    if transition.entries[-1].outcome == "done" and state.status is Status.WAITING:
        state = _without_pool(transition, pools)
    rests, ends = state.status is Status.WAITING, state.status in CLOSED
    asked = transition.coordination
    awaits = asked is not None and asked.rests
    both = asked is not None and (asked.waits, asked.joins, asked.task).count(None) < 2
    sound = {
        "step": state.step in _next(claim, state, steps),
        "pool": state.pool is None,
        "attempts": 0 <= state.attempts <= claim.attempts + 1,
        "crashes": (state.crashes, state.own_crashes) in ((0, 0), (claim.crashes, claim.own_crashes)),
        "due_at": ((state.due_at is not None) is rests or awaits) and state.retry_after == state.due_at,
        "waiting_for": state.waiting_for == (("event" if awaits else "moment") if rests else None),
        "coordination": (rests or not awaits) and not both,
        "finished_at": state.finished_at == (transition.at if ends else None),
        "doubtful_since": state.doubtful_since in (None, claim.doubtful_since),
    }
    for name, is_sound in sound.items():
        if not is_sound:
            raise ValueError(f"its {name} cannot be")


def _without_pool(transition: Transition, pools: Mapping[str, Pool]) -> ProcessState:
    """Return the state of what rests in the pool of its next step as if it went on."""
    state, claim = transition.state, transition.claim
    from process_manager.lifecycle import pooling

    if state.pool is None:
        raise ValueError("its outcome does not lead to its status")
    its_pool = pools.get(state.step or "")
    due_at = pooling.falls_due(transition.at, claim.id)
    if its_pool is None or (state.pool, state.waiting_for, state.due_at) != (its_pool.key, WAITS, due_at):
        raise ValueError("its pool cannot be")
    return state._replace(status=Status.RUNNING, pool=None, waiting_for=None, due_at=None)


def _next(claim: Claim, state: ProcessState, steps: Sequence[str]) -> Sequence[str | None]:
    """Return the steps at which the process may stand."""
    if state.status is Status.RUNNING:
        return steps[steps.index(claim.step) + 1 :]
    return [None] if state.status is Status.SUCCEEDED else [claim.step]
