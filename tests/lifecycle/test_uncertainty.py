"""What becomes of a step in doubt: what `verify` said × whether the step raised → where the process stands."""

from datetime import timedelta
from typing import Any

import pytest
from rig import NOON, Three, claim

from process_manager import Done, Reject, Retry, Skip, Wait, classic, every, never
from process_manager.execution.isolation import plausibility
from process_manager.lifecycle import Status, next_state, uncertainty
from process_manager.lifecycle.claim import step_key
from process_manager.lifecycle.events import Coordination, EventWait
from process_manager.lifecycle.outcomes import Outcome
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.lifecycle.transition import ProcessState, StepResult, Transition, VerifyResult
from process_manager.store import transition_rows

BEGAN = NOON - timedelta(minutes=5)
START = NOON + timedelta(seconds=10)
END = NOON + timedelta(seconds=12)
MINUTE = timedelta(minutes=1)
HELD = claim(attempts=2, attempts_since=NOON, crashes=1, doubtful_since=BEGAN)
TIMEOUT = Retry("ReadTimeout: SAP")


def after(
    asked: VerifyResult, outcome: Outcome | None = None, *, retry: RetryPolicy | None = None, **held: Any
) -> Transition:
    error = None if outcome is None else "Traceback of the step"
    ran = StepResult(outcome, START, END, error, returned=False, asked=asked)
    return uncertainty.next_state_in_doubt(
        HELD._replace(**held), Three.step_names, ran, retry=retry or classic(), roll=0.5
    )


UNCERTAIN = ProcessState(Status.UNCERTAIN, "a", 3, attempts_since=NOON, doubtful_since=BEGAN)


def again(attempts: int) -> ProcessState:
    moment = END + MINUTE
    return ProcessState(
        Status.WAITING, "a", attempts, attempts_since=NOON, due_at=moment, retry_after=moment, waiting_for="moment"
    )


@pytest.mark.parametrize(
    ("asked", "outcome", "stands", "kind"),
    [
        (VerifyResult(Done("it is in SAP")), None, ProcessState(Status.RUNNING, "b", 0), "done"),
        (VerifyResult(Done("it is in SAP")), TIMEOUT, ProcessState(Status.RUNNING, "b", 0), "done"),
        (VerifyResult(Done("", {"x": 1})), TIMEOUT, ProcessState(Status.RUNNING, "b", 0, payload='{"x":1}'), "done"),
        (VerifyResult(Retry("it is not there")), TIMEOUT, again(3), "retry"),
        (VerifyResult(Retry("it is not there")), Reject("no contract"), ProcessState(
            Status.REJECTED, "a", 3, finished_at=END), "reject"),
        (VerifyResult(None), None, UNCERTAIN, "doubt"),
        (VerifyResult(None), TIMEOUT, UNCERTAIN, "doubt"),
        (VerifyResult(exists=False), None, UNCERTAIN, "doubt"),
        (VerifyResult(exists=False), TIMEOUT, UNCERTAIN, "doubt"),
        (VerifyResult(exists=False), Reject("no contract"), UNCERTAIN, "doubt"),
        (VerifyResult(Skip("nothing")), None, UNCERTAIN, "doubt"),
        (VerifyResult(Reject("no")), TIMEOUT, UNCERTAIN, "doubt"),
        (VerifyResult("yes"), None, UNCERTAIN, "doubt"),
        (VerifyResult(True), None, UNCERTAIN, "doubt"),
        (VerifyResult(problem="SAP is down"), None, again(3)._replace(crashes=1, doubtful_since=BEGAN), "doubt"),
        (VerifyResult(problem="SAP is down"), TIMEOUT, again(3)._replace(crashes=1, doubtful_since=BEGAN), "doubt"),
        (VerifyResult(Wait("later", after=MINUTE)), None, again(2)._replace(crashes=1, doubtful_since=BEGAN), "doubt"),
        (VerifyResult(Wait("on", after=MINUTE)), TIMEOUT, again(3)._replace(crashes=1, doubtful_since=BEGAN), "doubt"),
        (VerifyResult(Done(payload={"x": float("nan")})), None, ProcessState(
            Status.FAILED, "a", 3, doubtful_since=BEGAN), "retry"),
    ],
)  # fmt: skip
def test_where_a_process_stands_once_verify_was_asked(
    asked: VerifyResult, outcome: Outcome | None, stands: ProcessState, kind: str
) -> None:
    attempt = after(asked, outcome)

    assert (attempt.state, attempt.entries[0].outcome, len(attempt.entries)) == (stands, kind, 1)


@pytest.mark.parametrize("outcome", [None, TIMEOUT])
def test_verify_may_wait_for_an_event_that_tells_whether_the_step_happened(outcome: Outcome | None) -> None:
    attempt = after(VerifyResult(Wait(event="booked:7")), outcome)

    assert (attempt.state.waiting_for, attempt.state.due_at, attempt.state.doubtful_since) == ("event", None, BEGAN)
    assert attempt.coordination == Coordination(EventWait("booked:7", step_key("a", None)))
    plausibility.check(attempt, Three.step_names, {})
    assert transition_rows.record_rows(attempt)[0][12] == "event"
    with pytest.raises(AssertionError, match="would wait for an event, but it is not told which"):
        transition_rows.record_rows(attempt._replace(coordination=None))


@pytest.mark.parametrize("answer", [None, Done(), Skip(""), Wait("", after=MINUTE), Reject(""), 0, True])
def test_only_retry_says_that_a_step_did_not_happen(answer: object) -> None:
    assert not uncertainty.did_not_happen(VerifyResult(answer))
    assert uncertainty.did_not_happen(VerifyResult(Retry("")))


@pytest.mark.parametrize(
    ("asked", "outcome", "reason"),
    [
        (VerifyResult(exists=False), None, "step 'a' may or may not have happened: the step has no verify"),
        (VerifyResult(None), TIMEOUT, "ReadTimeout: SAP; step 'a' may or may not have happened: verify cannot tell"),
        (VerifyResult("yes"), None, "step 'a' may or may not have happened: "
            "verify answered 'yes', not Done, Retry, Wait or None"),
    ],
)  # fmt: skip
def test_an_uncertain_process_says_why_and_leaves_what_to_do_to_who_shows_it(
    asked: VerifyResult, outcome: Outcome | None, reason: str
) -> None:
    message = after(asked, outcome).entries[0].message

    assert message == f"{reason}."


def test_the_longest_error_leaves_room_for_the_doubt() -> None:
    message = after(VerifyResult("x" * 9_000), Retry("y" * 9_000)).entries[0].message

    assert len(message) <= 2_000
    assert "step 'a' may or may not have happened: verify answered 'xxx" in message


@pytest.mark.parametrize("policy", [never(), every(minutes=1, attempts=3)])
def test_verify_that_raises_until_its_policy_is_exhausted_leaves_a_person_to_tell(policy: RetryPolicy) -> None:
    attempt = after(VerifyResult(problem="SAP is down", error="Traceback of verify"), TIMEOUT, retry=policy)

    assert attempt.state == UNCERTAIN
    assert "verify could not answer: SAP is down; it was asked for the last time" in attempt.entries[0].message
    assert attempt.entries[0].error == "Traceback of the step\nTraceback of verify"


def test_a_once_step_that_did_not_happen_uses_its_retry_budget_as_any_other() -> None:
    attempt = after(VerifyResult(Retry("it is not there")), TIMEOUT, retry=every(minutes=1, attempts=3))

    assert attempt.state == ProcessState(Status.FAILED, "a", 3, attempts_since=NOON)


def test_a_once_step_whose_answer_cannot_be_kept_stays_marked() -> None:
    ran = StepResult(Done(payload={"x": float("nan")}), START, END)

    attempt = next_state.next_state(HELD, Three.step_names, ran, retry=classic(), roll=0)

    assert attempt.state == ProcessState(Status.FAILED, "a", 3, doubtful_since=BEGAN)


@pytest.mark.parametrize("outcome", [Done(), Skip(""), Reject(""), Retry(""), Wait("", after=MINUTE)])
def test_any_returned_outcome_ends_the_doubt(outcome: Outcome) -> None:
    attempt = next_state.next_state(HELD, Three.step_names, StepResult(outcome, START, END), retry=classic(), roll=0)

    assert attempt.state.doubtful_since is None
