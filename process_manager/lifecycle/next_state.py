"""The pure heart: from where a process stands and what its step answered to where it stands next.

Its values are named tuples: they are made several times a step, and a frozen dataclass costs three times as much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from process_manager import serialization
from process_manager.errors import NotJson
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.outcomes import Done, Reject, Retry, Skip, Wait, no_outcome
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.lifecycle.status import move
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, StepResult, Transition

LEAST_WAIT = timedelta(seconds=1)
"""What a wait for a moment that is not ahead rests: the step would run, and write history, without end."""


def next_state(claim: Claim, steps: Sequence[str], ran: StepResult, *, retry: RetryPolicy, roll: float) -> Transition:
    """What to record of a run: where the process stands after its outcome, and the row that tells of it.

    `retry` is the policy where neither step nor process has one of its own; `roll`, from 0 up to 1, decides its jitter.
    """
    outcome: object = ran.outcome  # authors are not all type-checked
    match outcome:
        case Done():
            return _done(claim, steps, ran, outcome)
        case Skip(message):
            ending = ProcessState(move("running", "skip"), claim.step, claim.attempts + 1, finished_at=ran.finished_at)
            return _attempt(claim, ran, "skip", message, ending)
        case Wait():
            return _wait(claim, ran, outcome)
        case Retry():
            return _retry(claim, ran, outcome, retry=retry, roll=roll)
        case Reject(message, code):
            ending = ProcessState(
                move("running", "reject"), claim.step, claim.attempts + 1, finished_at=ran.finished_at
            )
            return _attempt(claim, ran, "reject", message, ending, code=serialization.clean(code, 100) or None)
        case _:
            return _no_outcome(claim, ran, outcome)


def _no_outcome(claim: Claim, ran: StepResult, answer: object) -> Transition:
    found = no_outcome(answer)
    if found.is_later:
        told = f"The step answered {found.shown}: what stands behind its `yield` or `async` has not run."
        return _failed(claim, ran, f"{told} Have it return Done, Skip, Wait, Retry or Reject.")
    return _broken(claim, ran, f"it is {found.shown}, not Done, Skip, Wait, Retry or Reject.")


def _done(claim: Claim, steps: Sequence[str], ran: StepResult, outcome: Done) -> Transition:
    payload: object = outcome.payload
    if payload is not None and not isinstance(payload, Mapping):
        return _broken(claim, ran, f"the payload is {serialization.kind(payload)}, not a mapping.")
    try:
        following = _following(steps, claim.step, outcome.goto)
        answered = serialization.dumps(payload) if payload else None
    except (NotJson, LookupError) as problem:
        return _broken(claim, ran, str(problem))
    merged = merge(claim.payload, answered)
    if following is None:
        position = ProcessState(move("running", "succeed"), None, 0, payload=merged, finished_at=ran.finished_at)
    else:
        position = ProcessState(move("running", "advance"), following, 0, payload=merged)
    return _attempt(claim, ran, "done", outcome.message, position, payload=answered)


def _following(steps: Sequence[str], step: str, goto: str | None) -> str | None:
    """The next step, or the later one named; None after the last."""
    here = steps.index(step)
    if goto is None:
        return steps[here + 1] if here + 1 < len(steps) else None
    later = [*steps[here + 1 :]]
    if goto not in later:
        raise LookupError(f"Done(goto={goto!r}) names no later step than {step!r}; later are {later or 'none'}.")
    return goto


def merge(before: str, answered: str | None) -> str | None:
    """The payload with what the step answered on top, last value wins; None when nothing was added."""
    if answered is None:
        return None
    merged: dict[str, Any] = {**serialization.loads(before), **serialization.loads(answered)}
    return serialization.dumps(merged)


def _broken(claim: Claim, ran: StepResult, problem: str) -> Transition:
    """A step that is done but whose answer cannot be kept: never repeated by itself, for what it did is done.

    A `once` step stays marked: whoever restarts it is told whether it happened before it could happen again.
    """
    is_done = "What the step wrote was taken back" if ran.taken_back else "The step is done"
    return _failed(claim, ran, f"{is_done}, but its answer cannot be kept: {problem}")


def _failed(claim: Claim, ran: StepResult, message: str) -> Transition:
    position = ProcessState(
        move("running", "fail"), claim.step, claim.attempts + 1, doubtful_since=claim.doubtful_since
    )
    return _attempt(claim, ran, "retry", message, position)


def _wait(claim: Claim, ran: StepResult, outcome: Wait) -> Transition:
    moment = outcome.until if outcome.until is not None else _later(ran.finished_at, outcome.after or timedelta(0))
    if moment <= ran.finished_at:
        moment = _later(ran.finished_at, LEAST_WAIT)
    position = ProcessState(
        move("running", "postpone"),
        claim.step,
        claim.attempts,
        attempts_since=claim.attempts_since,
        due_at=moment,
        retry_after=moment,
        waiting_for="moment",
    )
    return _attempt(claim, ran, "wait", outcome.message, position)


def kept_out(attempt: Transition, reopens: datetime | None) -> Transition:
    """The attempt, its process resting until a quiet window is over where its moment falls into one."""
    due_at = attempt.position.due_at
    if due_at is None or reopens is None or reopens <= due_at:
        return attempt
    return attempt._replace(position=attempt.position._replace(due_at=reopens, retry_after=reopens))


def _retry(claim: Claim, ran: StepResult, outcome: Retry, *, retry: RetryPolicy, roll: float) -> Transition:
    used = claim.attempts + 1
    since = claim.attempts_since or ran.started_at
    rest = retry.delay(used, age=ran.finished_at - since, roll=roll, after=outcome.after)
    if rest is None:
        position = ProcessState(move("running", "fail"), claim.step, used, attempts_since=since)
    else:
        moment = _later(ran.finished_at, rest)
        position = ProcessState(
            move("running", "postpone"),
            claim.step,
            used,
            attempts_since=since,
            due_at=moment,
            retry_after=moment,
            waiting_for="moment",
        )
    return _attempt(claim, ran, "retry", outcome.message, position)


def _later(moment: datetime, rest: timedelta) -> datetime:
    """`moment` + `rest`, and the end of time where that would lie behind it."""
    try:
        return moment + rest
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)


def _attempt(
    claim: Claim, ran: StepResult, kind: str, message: str, position: ProcessState, **more: str | None
) -> Transition:
    entry = HistoryEntry(
        step=claim.step,
        attempt=claim.attempts + 1,
        outcome=kind,
        message=serialization.clean(message),
        started_at=ran.started_at,
        finished_at=ran.finished_at,
        error=None if ran.error is None else serialization.clean(ran.error, 20_000),
        **more,
    )
    return Transition(claim, position, (entry,), ran.finished_at)


def continued(attempt: Transition) -> Claim:
    """The claim a worker goes on with, once an attempt is recorded that left the process running."""
    claim, position = attempt.claim, attempt.position
    return Claim(
        id=claim.id,
        name=claim.name,
        version=position.version or claim.version,
        reference=claim.reference,
        order_key=claim.order_key,
        step=position.step or "",
        attempts=position.attempts,
        attempts_since=position.attempts_since,
        round=claim.round,
        seq=attempt.seq,
        fence=claim.fence,
        crashes=position.crashes,
        reruns=position.reruns or claim.reruns,
        payload=claim.payload if position.payload is None else position.payload,
        dedup_hash=claim.dedup_hash,
        channel=claim.channel,
        command_key=claim.command_key,
        own_crashes=position.own_crashes,
        doubtful_since=position.doubtful_since,
        ready_at=attempt.at,
        step_started_at=attempt.at,
        worker=claim.worker,
    )


def restarted_at(
    steps: Sequence[str], step: str, from_step: str, reruns: Mapping[str, int | str]
) -> dict[str, int | str]:
    """How often each step was run again, once `from_step` … the one before `step` are run a further time.

    A step that is done and deliberately run again gets a new idempotency key; the one in hand keeps its own.
    """
    again = steps[steps.index(from_step) : steps.index(step)]
    return {**reruns, **{name: _times(reruns.get(name, 0)) + 1 for name in again}}


def _times(again: int | str) -> int:
    """How often; a step that an upgrade renamed carries its old key as text, and was not run again yet."""
    return again if isinstance(again, int) else 0
