"""What becomes of a `once` step of which nobody knows whether it happened, once its `verify` was asked."""

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
    """Whether `verify` says that the step may run."""
    return isinstance(asked.answer, Retry)


def next_state_in_doubt(
    claim: Claim, steps: Sequence[str], ran: StepResult, *, retry: RetryPolicy, roll: float
) -> Transition:
    """What to record of a step in doubt: done, an ordinary error, asked again later, or `uncertain`.

    `ran.outcome` is what the step raised, None when `verify` was asked instead of it; the rest is as in `position`.
    """
    asked = ran.asked or VerifyResult(exists=False)

    def as_if(outcome: Done | Wait | Retry) -> Transition:
        answered = ran._replace(outcome=outcome, error=_errors(ran, asked))
        return next_state(claim, steps, answered, retry=retry, roll=roll)

    match asked.answer:
        case Done(message):
            return as_if(asked.answer if message else Done("verify: it happened", asked.answer.payload))
        case Retry() if ran.outcome is not None:  # it did not happen, so what the step raised is an error like others
            return next_state(claim, steps, ran, retry=retry, roll=roll)
        case Wait(message):
            return _in_doubt(as_if(asked.answer), ran, f"verify is asked again later: {serialization.clean(message)}")
    if asked.problem is not None:
        attempt = as_if(Retry(""))
        return _in_doubt(attempt, ran, f"verify could not answer: {asked.problem}")
    return _uncertain(as_if(Retry("")), ran, _reason(asked))


def _reason(asked: VerifyResult) -> str:
    if not asked.exists:
        return "the step has no verify"
    if asked.answer is None:
        return "verify cannot tell"
    return f"verify answered {no_outcome(asked.answer).shown}, not Done, Retry, Wait or None"


def _in_doubt(attempt: Transition, ran: StepResult, message: str) -> Transition:
    """Asked again at the moment of the attempt, the mark kept; `uncertain` where there is no such moment."""
    stands = attempt.position
    if stands.status is Status.FAILED:
        return _uncertain(attempt, ran, f"{message}; it was asked for the last time")
    used = attempt.claim.attempts + (ran.outcome is not None)  # a step that raised has used one, whatever comes of it
    since = stands.attempts_since or (ran.started_at if used else None)
    stands = stands._replace(attempts=max(stands.attempts, used), attempts_since=since)
    claim = attempt.claim  # the step itself did not get through: what is suspected of crashes stays so
    return _told(attempt, ran, message, stands._replace(crashes=claim.crashes, own_crashes=claim.own_crashes))


def _uncertain(attempt: Transition, ran: StepResult, reason: str) -> Transition:
    claim = attempt.claim
    stands = ProcessState(
        move("running", "doubt"),
        claim.step,
        claim.attempts + 1,
        attempts_since=attempt.position.attempts_since,
    )
    cure = (
        f"Find out whether it happened, then `process-manager resolve-process {claim.id} --happened` or "
        "`--did-not-happen`, with --reason."
    )
    return _told(attempt, ran, f"{reason}. {cure}", stands)


def _told(attempt: Transition, ran: StepResult, message: str, stands: ProcessState) -> Transition:
    claim = attempt.claim
    raised = "" if ran.outcome is None else serialization.clean(ran.outcome.message, 900)
    before = f"{raised.rstrip('.')}; " if raised else ""
    told = f"{before}step {claim.step!r} may or may not have happened: {serialization.clean(message, 1_000)}"
    entry = attempt.entries[0]._replace(outcome="doubt", message=serialization.clean(told))
    return attempt._replace(position=stands._replace(doubtful_since=claim.doubtful_since), entries=(entry,))


def _errors(ran: StepResult, asked: VerifyResult) -> str | None:
    """The tracebacks of the step and of `verify`."""
    found = [error for error in (ran.error, asked.error) if error is not None]
    return "\n".join(found) or None
