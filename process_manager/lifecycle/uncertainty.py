"""What becomes of a `once` step of which nobody knows whether it happened, once its `verify` has answered."""

from __future__ import annotations

from collections.abc import Sequence

from process_manager import serialization
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.next_state import next_state
from process_manager.lifecycle.outcomes import Done, Retry, Wait, no_outcome
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.lifecycle.status import Status, move
from process_manager.lifecycle.transition import ProcessState, StepResult, Transition, VerifyResult


def did_not_happen(asked: VerifyResult) -> bool:
    """Return whether `verify` says that the step may run."""
    return isinstance(asked.answer, Retry)


def next_state_in_doubt(
    claim: Claim, steps: Sequence[str], result: StepResult, *, retry: RetryPolicy, roll: float
) -> Transition:
    """Return what to record of a step in doubt: done, an ordinary error, asked again later, or `uncertain`.

    `result.outcome` is what the step raised, None when `verify` was asked instead; the rest is as in `next_state`.
    """
    asked = result.asked or VerifyResult(exists=False)

    def as_if(outcome: Done | Wait | Retry) -> Transition:
        answered = result._replace(outcome=outcome, error=_errors(result, asked))
        return next_state(claim, steps, answered, retry=retry, roll=roll)

    match asked.answer:
        case Done(message):
            return as_if(asked.answer if message else Done("verify: it happened", asked.answer.payload))
        case Retry() if result.outcome is not None:  # it did not happen: what the step raised is an error like others
            return next_state(claim, steps, result, retry=retry, roll=roll)
        case Wait(message):
            told = f"verify is asked again later: {serialization.clean(message)}"
            return _in_doubt(as_if(asked.answer), result, told)
    if asked.problem is not None:
        transition = as_if(Retry(""))
        return _in_doubt(transition, result, f"verify could not answer: {asked.problem}")
    return _uncertain(as_if(Retry("")), result, _reason(asked))


def _reason(asked: VerifyResult) -> str:
    if not asked.exists:
        return "the step has no verify"
    if asked.answer is None:
        return "verify cannot tell"
    return f"verify answered {no_outcome(asked.answer).shown}, not Done, Retry, Wait or None"


def _in_doubt(transition: Transition, result: StepResult, message: str) -> Transition:
    """Return the transition of a step that is asked about again; `uncertain` if that was the last time."""
    stands = transition.state
    if stands.status is Status.FAILED:
        return _uncertain(transition, result, f"{message}; it was asked for the last time")
    raised = result.outcome is not None  # and has used an attempt, whatever comes of it
    used = transition.claim.attempts + raised
    since = stands.attempts_since or (result.started_at if used else None)
    stands = stands._replace(attempts=max(stands.attempts, used), attempts_since=since)
    claim = transition.claim  # the step itself did not get through: what is suspected of crashes stays so
    return _told(transition, result, message, stands._replace(crashes=claim.crashes, own_crashes=claim.own_crashes))


def _uncertain(transition: Transition, result: StepResult, reason: str) -> Transition:
    claim = transition.claim
    stands = ProcessState(
        move("running", "doubt"),
        claim.step,
        claim.attempts + 1,
        attempts_since=transition.state.attempts_since,
    )
    return _told(transition, result, f"{reason}.", stands)  # what to do is told where it is shown


def _told(transition: Transition, result: StepResult, message: str, stands: ProcessState) -> Transition:
    claim = transition.claim
    raised = "" if result.outcome is None else serialization.clean(result.outcome.message, 900)
    before = f"{raised.rstrip('.')}; " if raised else ""
    told = f"{before}step {claim.step!r} may or may not have happened: {serialization.clean(message, 1_000)}"
    entry = transition.entries[0]._replace(outcome="doubt", message=serialization.clean(told))
    stands = stands._replace(doubtful_since=claim.doubtful_since)
    return transition._replace(state=stands, entries=(entry,))


def _errors(result: StepResult, asked: VerifyResult) -> str | None:
    """Return the tracebacks of the step and of `verify`."""
    found = [error for error in (result.error, asked.error) if error is not None]
    return "\n".join(found) or None
