"""What becomes of a held process whose step gave no answer: lost, given back, put off, stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from process_manager import serialization
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.status import move
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Transition

QUARANTINED_AFTER: Final = 3
"""Crashes of processes of its own after which a process is run no more by itself."""


def lost(claim: Claim, now: datetime, *, message: str) -> HistoryEntry:
    """Return the history entry of a run that never answered."""
    return HistoryEntry(claim.step, claim.attempts + 1, "lost", message, claim.step_started_at, now)


def expired(claim: Claim, now: datetime) -> Transition:
    """Take away a claim whose lease ran out: due again at once, no attempt used up."""
    state = _standing(claim, "expire", crashes=claim.crashes + 1, due_at=now)
    entry = lost(claim, now, message=f"The lease of worker {claim.worker} ran out before the step answered.")
    return Transition(claim, state, (entry,), now, takes_away=True)


def crashed(claim: Claim, now: datetime, *, how: str) -> Transition:
    """Record a step that ended its own process: due again at once, and `quarantined` the third time.

    The fence rises as at every taking-away: a copy of the child that got away writes nothing.
    """
    times = claim.own_crashes + 1
    counted: dict[str, Any] = {"crashes": claim.crashes + 1, "own_crashes": times}
    message = death(how)
    if times < QUARANTINED_AFTER:
        state = _standing(claim, "expire", due_at=now, **counted)
    else:
        state = _standing(claim, "quarantine", **counted)
        message += f" That was crash number {times} of a process of its own."
    return Transition(claim, state, (lost(claim, now, message=serialization.clean(message)),), now, takes_away=True)


def freed(claim: Claim, now: datetime, act: HistoryEntry) -> Transition:
    """Take away a claim whose lease ran out, in the name of a person rather than of the next worker."""
    transition = expired(claim, now)
    return transition._replace(entries=(*transition.entries, act))


def released(claim: Claim, now: datetime, *, interrupted: bool) -> Transition:
    """Give a claim back: due at once, no attempt used up; `interrupted` when its step had begun and may have acted."""
    state = _standing(claim, "release", crashes=claim.crashes + interrupted, due_at=now)
    message = "The worker stopped before the step answered."
    entry = HistoryEntry(claim.step, claim.attempts + 1, "released", message, claim.step_started_at, now)
    return Transition(claim, state, (entry,) if interrupted else (), now, takes_away=interrupted)


def death(how: str) -> str:
    """Return the end of a child, as a sentence."""
    return f"The step's own process {how}."


def still_suspected(transition: Transition) -> Transition:
    """Return the transition with every crash of its process still counted: its step did not get through."""
    claim = transition.claim
    stands = transition.state._replace(crashes=claim.crashes, own_crashes=claim.own_crashes)
    return transition._replace(state=stands)


def stopped(claim: Claim, now: datetime, *, message: str) -> Transition:
    """Stop a process that cannot go on by itself: `failed`, for a person to look at."""
    state = ProcessState(
        move("running", "fail"),
        claim.step,
        claim.attempts,
        attempts_since=claim.attempts_since,
        doubtful_since=claim.doubtful_since,
    )
    entry = HistoryEntry(
        claim.step, claim.attempts + 1, "retry", serialization.clean(message), claim.step_started_at, now
    )
    return Transition(claim, state, (entry,), now)


def put_off(claim: Claim, now: datetime, *, until: datetime) -> Transition:
    """Let a process rest until there is time for its step before a quiet window."""
    state = _standing(claim, "postpone", due_at=until, retry_after=until, waiting_for="window")
    return Transition(claim, state, (), now)


def _standing(claim: Claim, trigger: str, **changes: Any) -> ProcessState:
    """Return the state of a process that keeps its step, its attempts and its crashes, but for the changes."""
    state = ProcessState(
        move("running", trigger),
        claim.step,
        claim.attempts,
        attempts_since=claim.attempts_since,
        crashes=claim.crashes,
        own_crashes=claim.own_crashes,
        doubtful_since=claim.doubtful_since,
    )
    return state._replace(**changes)
