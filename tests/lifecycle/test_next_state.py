from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rig import CLAIM, NOON, Three, claim

from process_manager import Done, Reject, Retry, Skip, Wait, classic, every, never, serialization
from process_manager.lifecycle import Status, interruption, next_state
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.outcomes import Outcome
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, StepResult, Transition

START = NOON + timedelta(seconds=10)
END = NOON + timedelta(seconds=12)
MINUTE = timedelta(minutes=1)


def after(
    outcome: object, held: Claim = CLAIM, *, retry: RetryPolicy | None = None, error: str | None = None
) -> Transition:
    ran = StepResult(outcome, START, END, error)  # type: ignore[arg-type]  # authors are not all type-checked
    return next_state.next_state(held, Three.step_names, ran, retry=retry or classic(), roll=0.5)


def written(outcome: object, held: Claim = CLAIM) -> tuple[str, str, str | None]:
    entry = after(outcome, held).entries[0]
    return entry.outcome, entry.message, entry.payload


AT_LAST_STEP = claim(step="c", attempts=2, attempts_since=NOON, crashes=1)
AT_ONCE = END + timedelta(seconds=1)  # as soon as a wait for a moment that is past may be over
AGAIN = {"attempts": 1, "attempts_since": START, "waiting_for": "moment"}


@pytest.mark.parametrize(
    ("outcome", "held", "stands"),
    [
        (Done("ok"), CLAIM, ProcessState(Status.RUNNING, "b", 0)),
        (Done("ok", {"x": 1}), CLAIM, ProcessState(Status.RUNNING, "b", 0, payload='{"x":1}')),
        (Done("ok"), AT_LAST_STEP, ProcessState(Status.SUCCEEDED, None, 0, finished_at=END)),
        (Done("ok", goto="c"), CLAIM, ProcessState(Status.RUNNING, "c", 0)),
        (Done("ok", goto="b"), CLAIM, ProcessState(Status.RUNNING, "b", 0)),
        (Done("ok", goto="a"), CLAIM, ProcessState(Status.FAILED, "a", 1)),
        (Done("ok", goto="a"), claim(step="b"), ProcessState(Status.FAILED, "b", 1)),
        (Done("ok", goto="z"), CLAIM, ProcessState(Status.FAILED, "a", 1)),
        (Done("ok", goto=""), CLAIM, ProcessState(Status.FAILED, "a", 1)),
        (Done("ok", goto="c"), AT_LAST_STEP, ProcessState(Status.FAILED, "c", 3)),
        (Done("ok", {"x": float("nan")}), CLAIM, ProcessState(Status.FAILED, "a", 1)),
        (Done("ok", [("x", 1)]), CLAIM, ProcessState(Status.FAILED, "a", 1)),
        (Skip("none"), AT_LAST_STEP, ProcessState(Status.SKIPPED, "c", 3, finished_at=END)),
        (Reject("no"), AT_LAST_STEP, ProcessState(Status.REJECTED, "c", 3, finished_at=END)),
        (Retry("down"), CLAIM, ProcessState(
            Status.WAITING, "a", due_at=END + MINUTE, retry_after=END + MINUTE, **AGAIN)),
        (Retry("down", after=timedelta(0)), CLAIM, ProcessState(
            Status.WAITING, "a", due_at=END, retry_after=END, **AGAIN)),
        (Retry("down"), claim(attempts=49, attempts_since=NOON), ProcessState(
            Status.FAILED, "a", 50, attempts_since=NOON)),
        (Wait("later", after=MINUTE), CLAIM, ProcessState(
            Status.WAITING, "a", 0, due_at=END + MINUTE, retry_after=END + MINUTE, waiting_for="moment")),
        (Wait("later", after=timedelta(0)), CLAIM, ProcessState(
            Status.WAITING, "a", 0, due_at=AT_ONCE, retry_after=AT_ONCE, waiting_for="moment")),
        (Wait("later", until=NOON), AT_LAST_STEP, ProcessState(
            Status.WAITING, "c", 2, attempts_since=NOON, due_at=AT_ONCE, retry_after=AT_ONCE, waiting_for="moment")),
        (None, CLAIM, ProcessState(Status.FAILED, "a", 1)),
        (Done, CLAIM, ProcessState(Status.FAILED, "a", 1)),
        ({"x": 1}, CLAIM, ProcessState(Status.FAILED, "a", 1)),
        (0, CLAIM, ProcessState(Status.FAILED, "a", 1)),
    ],
)  # fmt: skip
def test_where_a_process_stands_after_an_outcome(outcome: object, held: Claim, stands: ProcessState) -> None:
    assert after(outcome, held).state == stands


@pytest.mark.parametrize(
    ("outcome", "kind", "message"),
    [
        (Done("all 3 rows"), "done", "all 3 rows"),
        (Skip("no row"), "skip", "no row"),
        (Wait("for SAP", after=MINUTE), "wait", "for SAP"),
        (Retry("SAP is down"), "retry", "SAP is down"),
        (Reject("no contract"), "reject", "no contract"),
        (Done(), "done", ""),
        (Done(None), "done", ""),  # type: ignore[arg-type]
        (Done(7), "done", "7"),  # type: ignore[arg-type]
        (None, "retry", "The step is done, but its answer cannot be kept: "
            "it is None, not Done, Skip, Wait, Retry or Reject."),
        (Done(goto="z"), "retry", "The step is done, but its answer cannot be kept: "
            "Done(goto='z') names no later step than 'a'; later are ['b', 'c']."),
        (Done(payload={"list": [1, {"at": b"x"}]}), "retry", "The step is done, but its answer cannot be kept: "
            "payload.list[1].at is bytes, which JSON cannot represent. Decode it to text, or pass base64 of it."),
        ((each for each in "ab"), "retry", "The step answered a generator: what stands behind its `yield` or "
            "`async` has not run. Have it return Done, Skip, Wait, Retry or Reject."),
        (Done(payload="text"), "retry", "The step is done, but its answer cannot be kept: "
            "the payload is a str, not a mapping."),
    ],
)  # fmt: skip
def test_the_history_says_what_a_step_answered(outcome: Outcome, kind: str, message: str) -> None:
    assert written(outcome)[:2] == (kind, message)


def test_a_whole_history_row_tells_of_one_run() -> None:
    held = claim(attempts=2, attempts_since=NOON)

    attempt = after(Reject("no", code="E17"), held)

    assert attempt.entries == (HistoryEntry("a", 3, "reject", "no", START, END, code="E17"),)
    assert (attempt.seq, attempt.at, attempt.takes_away) == (1, END, False)


def test_a_step_that_raised_has_its_traceback_in_the_history() -> None:
    assert after(Retry("ValueError: x"), error="Traceback …").entries[0].error == "Traceback …"


def test_a_long_error_keeps_its_head_and_its_tail() -> None:
    error = "head" + "x" * 100_000 + "\0\ud800tail"

    kept = after(Retry("ValueError"), error=error).entries[0].error or ""

    assert 19_900 < len(kept) <= 20_000
    assert kept.startswith("head") and kept.endswith("\ufffd\ufffdtail")


@pytest.mark.parametrize(
    ("before", "answered", "together"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": 3}}, {"a": {"x": 3}}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, {"a": None}, {"a": None}),
    ],
)
def test_the_last_value_of_a_key_wins(
    before: Mapping[str, Any], answered: Mapping[str, Any], together: Mapping[str, Any]
) -> None:
    attempt = after(Done(payload=answered), claim(payload=serialization.dumps(before)))

    assert serialization.loads(attempt.state.payload or "") == together
    assert serialization.loads(attempt.entries[0].payload or "") == answered


@pytest.mark.parametrize("payload", [None, {}])
def test_a_step_that_adds_nothing_leaves_the_payload_as_it_was(payload: Mapping[str, Any] | None) -> None:
    attempt = after(Done("ok", payload), claim(payload='{"a":1}'))

    assert (attempt.state.payload, attempt.entries[0].payload) == (None, None)


def test_the_age_of_a_policy_counts_from_the_first_attempt_that_failed() -> None:
    policy = every(minutes=1, max_age=timedelta(minutes=5))
    young, old = (claim(attempts=3, attempts_since=END - timedelta(minutes=age)) for age in (4, 4.1))

    assert after(Retry("down"), young, retry=policy).state.status is Status.WAITING
    assert after(Retry("down"), old, retry=policy).state.status is Status.FAILED


def test_the_first_failed_attempt_starts_the_age_at_its_own_start() -> None:
    assert after(Retry("down")).state.attempts_since == START


def test_a_policy_of_none_fails_at_the_first_error() -> None:
    assert after(Retry("down"), retry=never()).state == ProcessState(Status.FAILED, "a", 1, attempts_since=START)


def test_a_done_step_gives_the_next_one_a_fresh_budget() -> None:
    held = claim(attempts=9, attempts_since=NOON, crashes=2)

    assert after(Done(), held).state == ProcessState(Status.RUNNING, "b", 0)


def test_a_wait_uses_no_attempt() -> None:
    held = claim(attempts=9, attempts_since=NOON)

    position_ = after(Wait("later", after=MINUTE), held).state

    assert (position_.attempts, position_.attempts_since) == (9, NOON)


@pytest.mark.parametrize("rest", [timedelta.max, timedelta(days=3_000_000)])
def test_a_rest_longer_than_time_ends_with_time(rest: timedelta) -> None:
    for outcome in (Wait("long", after=rest), Retry("long", after=rest)):
        assert after(outcome).state.due_at == datetime.max.replace(tzinfo=UTC)


def test_a_lease_that_ran_out_uses_no_attempt_counts_a_crash_and_takes_the_process_away() -> None:
    held = claim(attempts=2, attempts_since=NOON, crashes=1, seq=4)

    attempt = interruption.expired(held, END)

    lost = HistoryEntry("a", 3, "lost", "The lease of worker w ran out before the step answered.", NOON, END)
    stands = ProcessState(Status.PENDING, "a", 2, attempts_since=NOON, crashes=2, due_at=END)
    assert attempt == Transition(held, stands, (lost,), END, takes_away=True)


def test_a_process_given_back_unbegun_leaves_no_trace_and_keeps_its_crashes() -> None:
    held = claim(attempts=2, attempts_since=NOON, crashes=1)

    attempt = interruption.released(held, END, interrupted=False)

    stands = ProcessState(Status.PENDING, "a", 2, attempts_since=NOON, crashes=1, due_at=END)
    assert attempt == Transition(held, stands, (), END)


def test_a_process_given_back_while_its_step_runs_says_so_and_is_taken_away_from_it() -> None:
    attempt = interruption.released(CLAIM, END, interrupted=True)

    entry = HistoryEntry("a", 1, "released", "The worker stopped before the step answered.", NOON, END)
    stands = ProcessState(Status.PENDING, "a", 0, crashes=1, due_at=END)
    assert attempt == Transition(CLAIM, stands, (entry,), END, takes_away=True)


def test_a_step_that_was_skipped_is_not_done_so_its_next_run_has_the_key_that_it_would_have_had() -> None:
    steps = ["a", "b", "c", "d"]
    before = {"a": 2, "b": "old/1", "d": 1}

    skipped = next_state.skipped_at("c", next_state.skipped_at("b", next_state.skipped_at("a", before)))
    twice = next_state.skipped_at("c", skipped)

    assert skipped == twice == {"a": [2], "b": ["old/1"], "c": [0], "d": 1}
    assert next_state.restarted_at(steps, "d", "b", skipped) == {"a": [2], "b": "old/1", "c": 0, "d": 1}
    assert next_state.restarted_at(steps, "d", "a", before) == {"a": 3, "b": 1, "c": 1, "d": 1}


def test_a_worker_goes_on_with_what_was_recorded() -> None:
    held = claim(attempts=3, attempts_since=NOON, crashes=2, seq=5, payload='{"a":1}', reruns='{"a":1}')

    following = next_state.continued(after(Done("ok", {"b": 2}), held))

    same = {"attempts": 0, "attempts_since": None, "crashes": 0, "step_started_at": END, "ready_at": END}
    assert following == held._replace(step="b", seq=6, payload='{"a":1,"b":2}', **same)


def test_a_process_stopped_by_the_engine_needs_a_person() -> None:
    attempt = interruption.stopped(claim(attempts=2, attempts_since=NOON), END, message="no\0step")

    assert attempt.state == ProcessState(Status.FAILED, "a", 2, attempts_since=NOON)
    assert attempt.entries == (HistoryEntry("a", 3, "retry", "no\ufffdstep", NOON, END),)


STEPS = ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("step", "from_step", "before", "reruns"),
    [
        ("c", "c", {}, {}),
        ("c", "a", {}, {"a": 1, "b": 1}),
        ("c", "b", {"a": 1, "b": 1}, {"a": 1, "b": 2}),
        ("d", "a", {"d": 4}, {"a": 1, "b": 1, "c": 1, "d": 4}),
    ],
)
def test_done_steps_that_run_again_are_counted_and_the_one_in_hand_is_not(
    step: str, from_step: str, before: Mapping[str, int], reruns: Mapping[str, int]
) -> None:
    assert next_state.restarted_at(STEPS, step, from_step, before) == reruns


FACTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.binary(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    ),
    max_size=4,
)


@given(before=FACTS, answered=FACTS)
def test_any_payload_is_kept_whole_or_stops_the_process_with_the_path_of_the_bad_key(
    before: dict[str, Any], answered: dict[str, Any]
) -> None:
    try:
        held = claim(payload=serialization.dumps(before))
    except serialization.NotJson:
        held = CLAIM

    attempt = after(Done("ok", answered), held)

    if attempt.state.status is Status.RUNNING:
        kept = serialization.loads(attempt.state.payload or held.payload)
        assert kept == {**serialization.loads(held.payload), **serialization.loads(serialization.dumps(answered))}
    else:
        assert attempt.state == ProcessState(Status.FAILED, "a", 1)
        assert "its answer cannot be kept: payload" in attempt.entries[0].message
