"""The next state of a process, from its present one and from what its step answered: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from process_manager import serialization
from process_manager.errors import NotJson
from process_manager.lifecycle.claim import Claim, step_key
from process_manager.lifecycle.outcomes import Done, Reject, Retry, Skip, Wait, no_outcome
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.lifecycle.status import move
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, StepResult, Transition

if TYPE_CHECKING:
    from process_manager.lifecycle.asking import Ask

LEAST_WAIT = timedelta(seconds=1)
"""What a wait for a moment that is not ahead rests: the step would run, and write history, without end."""


def next_state(
    claim: Claim, steps: Sequence[str], result: StepResult, *, retry: RetryPolicy, roll: float
) -> Transition:
    """Return what to record of a run: the state after its outcome, and the history entry that says so.

    `retry` is the policy where neither step nor process has one of its own; `roll`, from 0 up to 1, decides its jitter.
    """
    outcome: object = result.outcome  # authors are not all type-checked
    match outcome:
        case Done():
            return _done(claim, steps, result, outcome)
        case Skip(message):
            ending = ProcessState(
                move("running", "skip"), claim.step, claim.attempts + 1, finished_at=result.finished_at
            )
            return _transition(claim, result, "skip", message, ending)
        case Wait():
            return _wait(claim, result, outcome)
        case Retry():
            return _retry(claim, result, outcome, retry=retry, roll=roll)
        case Reject(message, code):
            ending = ProcessState(
                move("running", "reject"), claim.step, claim.attempts + 1, finished_at=result.finished_at
            )
            return _transition(claim, result, "reject", message, ending, code=serialization.clean(code, 100) or None)
        case _:
            return _no_outcome(claim, result, outcome)


def _no_outcome(claim: Claim, result: StepResult, answer: object) -> Transition:
    found = no_outcome(answer)
    if found.is_later:
        told = f"The step answered {found.shown}: what stands behind its `yield` or `async` has not run."
        return _failed(claim, result, f"{told} Have it return Done, Skip, Wait, Retry or Reject.")
    return _broken(claim, result, f"it is {found.shown}, not Done, Skip, Wait, Retry or Reject.")


def _done(claim: Claim, steps: Sequence[str], result: StepResult, outcome: Done) -> Transition:
    payload: object = outcome.payload
    if payload is not None and not isinstance(payload, Mapping):
        return _broken(claim, result, f"the payload is {serialization.kind(payload)}, not a mapping.")
    try:
        following = _following(steps, claim.step, outcome.goto)
        answered = serialization.dumps(payload) if payload else None
    except (NotJson, LookupError) as problem:
        return _broken(claim, result, str(problem))
    merged = merge(claim.payload, answered)
    if following is None:
        state = ProcessState(move("running", "succeed"), None, 0, payload=merged, finished_at=result.finished_at)
    else:
        state = ProcessState(move("running", "advance"), following, 0, payload=merged)
    return _transition(claim, result, "done", outcome.message, state, payload=answered)


def _following(steps: Sequence[str], step: str, goto: str | None) -> str | None:
    """Return the next step, or the later one named; None after the last."""
    here = steps.index(step)
    if goto is None:
        return steps[here + 1] if here + 1 < len(steps) else None
    later = [*steps[here + 1 :]]
    if goto not in later:
        raise LookupError(f"Done(goto={goto!r}) names no later step than {step!r}; later are {later or 'none'}.")
    return goto


def merge(before: str, answered: str | None) -> str | None:
    """Return the payload with what the step answered on top, last value wins; None when nothing was added."""
    if answered is None:
        return None
    merged: dict[str, Any] = {**serialization.loads(before), **serialization.loads(answered)}
    return serialization.dumps(merged)


def _broken(claim: Claim, result: StepResult, problem: str) -> Transition:
    """Fail a step that is done but whose answer cannot be kept: it is never repeated by itself, as what it did is done.

    A `once` step stays marked: whoever restarts it is told whether it happened before it could happen again.
    """
    is_done = "What the step wrote was taken back" if result.taken_back else "The step is done"
    return _failed(claim, result, f"{is_done}, but its answer cannot be kept: {problem}")


def _failed(claim: Claim, result: StepResult, message: str) -> Transition:
    state = ProcessState(move("running", "fail"), claim.step, claim.attempts + 1, doubtful_since=claim.doubtful_since)
    return _transition(claim, result, "retry", message, state)


def _wait(claim: Claim, result: StepResult, outcome: Wait) -> Transition:
    moment = _moment(outcome, result.finished_at)
    state = ProcessState(
        move("running", "postpone"),
        claim.step,
        claim.attempts,
        attempts_since=claim.attempts_since,
        due_at=moment,
        retry_after=moment,
        waiting_for="event" if outcome.waits_for_others else "moment",
    )
    transition = _transition(claim, result, "wait", outcome.message, state)
    if outcome.asks:
        return _for_answer(transition, outcome)
    if outcome.children is not None:
        return _for_children(transition, outcome.children)
    return transition if outcome.event is None else _for_event(transition, outcome.event)


def _moment(outcome: Wait, now: datetime) -> datetime | None:
    """Return when the step runs again by itself; None when only its event brings that about."""
    if outcome.until is None and outcome.after is None:
        return None
    moment = outcome.until if outcome.until is not None else _later(now, outcome.after or timedelta(0))
    return moment if moment > now else _later(now, LEAST_WAIT)


def _for_event(transition: Transition, key: str) -> Transition:
    from process_manager.lifecycle.events import Coordination, EventWait

    claim = transition.claim
    return transition._replace(coordination=Coordination(EventWait(key, step_key(claim.step, claim.reruns))))


def _for_children(transition: Transition, waits: Literal["all", "any"]) -> Transition:
    from process_manager.lifecycle.children import JoinWait
    from process_manager.lifecycle.events import Coordination

    claim = transition.claim
    joins = JoinWait(waits, step_key(claim.step, claim.reruns))
    return transition._replace(coordination=Coordination(joins=joins))


def _for_answer(transition: Transition, outcome: Wait) -> Transition:
    from process_manager.lifecycle.asking import asked

    return asked(transition, cast("Ask", outcome))


def kept_out(transition: Transition, reopens: datetime | None) -> Transition:
    """Return the transition, its process resting until a quiet window is over where its moment falls into one."""
    due_at = transition.state.due_at
    if due_at is None or reopens is None or reopens <= due_at:
        return transition
    return transition._replace(state=transition.state._replace(due_at=reopens, retry_after=reopens))


def _retry(claim: Claim, result: StepResult, outcome: Retry, *, retry: RetryPolicy, roll: float) -> Transition:
    used = claim.attempts + 1
    since = claim.attempts_since or result.started_at
    rest = retry.delay(used, age=result.finished_at - since, roll=roll, after=outcome.after)
    if rest is None:
        state = ProcessState(move("running", "fail"), claim.step, used, attempts_since=since)
    else:
        moment = _later(result.finished_at, rest)
        state = ProcessState(
            move("running", "postpone"),
            claim.step,
            used,
            attempts_since=since,
            due_at=moment,
            retry_after=moment,
            waiting_for="moment",
        )
    return _transition(claim, result, "retry", outcome.message, state)


def _later(moment: datetime, rest: timedelta) -> datetime:
    """Return `moment` + `rest`, or the end of time where that would lie behind it."""
    try:
        return moment + rest
    except OverflowError:
        return datetime.max.replace(tzinfo=moment.tzinfo)


def _transition(
    claim: Claim, result: StepResult, kind: str, message: str, state: ProcessState, **more: str | None
) -> Transition:
    entry = HistoryEntry(
        step=claim.step,
        attempt=claim.attempts + 1,
        outcome=kind,
        message=serialization.clean(message),
        started_at=result.started_at,
        finished_at=result.finished_at,
        error=None if result.error is None else serialization.clean(result.error, 20_000),
        **more,
    )
    return Transition(claim, state, (entry,), result.finished_at)


def continued(transition: Transition) -> Claim:
    """Return the claim a worker goes on with, once a transition is recorded that left the process running."""
    claim, state = transition.claim, transition.state
    return Claim(
        id=claim.id,
        name=claim.name,
        version=state.version or claim.version,
        reference=claim.reference,
        order_key=claim.order_key,
        step=state.step or "",
        attempts=state.attempts,
        attempts_since=state.attempts_since,
        round=claim.round,
        seq=transition.seq,
        fence=claim.fence,
        crashes=state.crashes,
        reruns=state.reruns or claim.reruns,
        payload=claim.payload if state.payload is None else state.payload,
        dedup_hash=claim.dedup_hash,
        channel=claim.channel,
        command_key=claim.command_key,
        own_crashes=state.own_crashes,
        doubtful_since=state.doubtful_since,
        ready_at=transition.at,
        step_started_at=transition.at,
        worker=claim.worker,
    )


Times = int | str
"""How often a step was run again after it was done; one that an upgrade renamed has its old key, as text."""

Reruns = Mapping[str, Times | list[Times]]
"""That of each step; in a list where it was skipped: it is not done, so its next run has the key that it would have."""


def restarted_at(steps: Sequence[str], step: str, from_step: str, reruns: Reruns) -> Reruns:
    """Return how often each step was run again, once those from `from_step` up to `step` are run a further time.

    A step that is done and deliberately run again gets a new idempotency key; the one in hand keeps its own.
    """
    again = steps[steps.index(from_step) : steps.index(step)]
    return {**reruns, **{name: _once_more(reruns.get(name, 0)) for name in again}}


def _once_more(before: Times | list[Times]) -> Times:
    if isinstance(before, list):
        return before[0]
    return before + 1 if isinstance(before, int) else 1


def skipped_at(step: str, reruns: Reruns) -> Reruns:
    """Return how often each step was run again, once this one, at which the process rests, is skipped."""
    before = reruns.get(step, 0)
    return {**reruns, step: before if isinstance(before, list) else [before]}
