"""Coming into a pool, and back into it: pure functions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.pool import WAITS, Pool
from process_manager.lifecycle.status import Status, move
from process_manager.lifecycle.transition import ProcessState, Transition

AT_LEAST: Final = timedelta(days=1)
"""How long a process rests in a pool before it is due for any worker, also one that knows nothing of the pool.

Whoever knows the pool takes it from there before that, or puts it back at its old place. So nothing waits for ever for
a limit that its class declares no more.
"""

SPREAD: Final = 24 * 60
"""Minutes over which those moments are spread, so that those of many do not come at once."""


def falls_due(now: datetime, number: int) -> datetime:
    """Return when a process that comes into a pool now is due for any worker; `number` tells it from others."""
    return now + AT_LEAST + timedelta(minutes=number % SPREAD)


def entered(transition: Transition, step_pool: Pool) -> Transition:
    """Return the transition to a step that has a pool: the process is not held on, and rests there."""
    status = move(transition.state.status, "postpone")
    due_at = falls_due(transition.at, transition.claim.id)
    rests = transition.state._replace(status=status, due_at=due_at, waiting_for=WAITS, pool=step_pool.key)
    return transition._replace(state=rests)


def put_back(claim: Claim, now: datetime, step_pool: Pool) -> Transition:
    """Let a process that was taken without a seat rest in its pool; nobody is told, for nothing of it ran."""
    state = ProcessState(
        move(Status.RUNNING, "postpone"),
        claim.step,
        claim.attempts,
        attempts_since=claim.attempts_since,
        crashes=claim.crashes,
        own_crashes=claim.own_crashes,
        doubtful_since=claim.doubtful_since,
        due_at=falls_due(now, claim.id),
        waiting_for=WAITS,
        pool=step_pool.key,
    )
    return Transition(claim, state, (), now)
