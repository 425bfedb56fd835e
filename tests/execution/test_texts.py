"""E11: texts and payloads of every kind are stored faithfully, cleaned, or refused with the path of the bad key."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from rig import NOON, Bench, Three, execute, get, history, odd, start, status, told, work

from process_manager import Done, Reject, Retry, Skip, StepRun, Wait, never
from process_manager.database import Database
from process_manager.errors import IllegalValue, NotJson, PayloadError, UsageError

pytestmark = pytest.mark.every_database

LONG = "head " + "å\0" * 5000 + " tail"


@pytest.mark.parametrize(
    ("answer", "where", "outcome"),
    [
        (lambda run: Done(LONG), "succeeded", "done"),
        (lambda run: Skip(LONG), "skipped", "skip"),
        (lambda run: Reject(LONG, code=LONG), "rejected", "reject"),
        (lambda run: Retry(LONG), "failed", "retry"),
        (lambda run: Wait(LONG, until=datetime(2999, 1, 1, tzinfo=UTC)), "waiting", "wait"),
    ],
)
def test_e11_a_message_of_ten_thousand_characters_with_nul_loses_no_outcome(
    database: Database, answer: Any, where: str, outcome: str
) -> None:
    process = odd(answer, retry=never())
    process_id = start(database, process)

    work(database, process)

    first = history(database, process_id)[0]
    assert (status(database, process_id), first.outcome) == (where, outcome)
    assert len(first.message) <= 2000
    assert first.message.startswith("head å\ufffdå") and first.message.endswith("å\ufffd tail")
    assert "characters left out" in first.message
    assert first.code is None or len(first.code) <= 100


def test_e11_an_error_of_ten_thousand_characters_is_kept_whole_in_its_traceback(database: Database) -> None:
    def answer(run: StepRun) -> None:
        raise ValueError("x" * 10_000 + "\0\ud800")

    process = odd(answer, retry=never())
    process_id = start(database, process)

    work(database, process)

    ((message, error),) = told(database, process_id, "message", "error")
    assert len(message) <= 2000
    assert "x" * 10_000 + "\ufffd\ufffd" in error


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"a": {"b": [1, float("nan")]}}, "payload.a.b[1] is"),
        ({"a": float("inf")}, "payload.a is"),
        ({"a": b"x"}, "payload.a is bytes"),
        ({"a": NOON}, "payload.a is a datetime"),
        ({"a": Decimal(1)}, "payload.a is a Decimal"),
        ({"a": {1, 2}}, "payload.a is a set"),
        ({"a": object()}, "payload.a is an object"),
        ({1: "a"}, "payload[1] is under a key that is an int"),
        ({"a": 10**5000}, "payload.a is an integer of more than 4,300 digits"),
        ([("a", 1)], "the payload is a list"),
        ("a", "the payload is a str"),
        (7, "the payload is an int"),
    ],
)
def test_e11_a_payload_that_json_cannot_carry_fails_with_the_path_and_is_never_repeated(
    database: Database, payload: Any, problem: str
) -> None:
    ran: list[int] = []

    def answer(run: StepRun) -> Done:
        ran.append(run.attempt)
        return Done("done", payload)

    process = odd(answer)
    process_id = start(database, process, {"kept": 1})

    work(database, process)
    work(database, process)

    ((outcome, message),) = told(database, process_id, "outcome", "message")
    assert (status(database, process_id), outcome, ran) == ("failed", "retry", [1])
    assert message.startswith(f"The step is done, but its answer cannot be kept: {problem}")
    assert get(database, process_id).payload == {"kept": 1}


def test_e11_what_json_can_carry_comes_back_the_same(database: Database) -> None:
    payload = {"big": 2**53 + 1, "huge": -(10**300), "æøå": "😀", "deep": [[[{"x": None}]]], "": 0.1, "a b": True,
               "spelled": "\\u0000", "quotes": "'\"$[0]", "empty": {}}  # fmt: skip
    process = odd(lambda run: Done("x", payload))
    process_id = start(database, process, payload)

    work(database, process)

    assert get(database, process_id).payload == payload
    assert history(database, process_id)[0].payload == payload


def test_e11_nul_and_lone_surrogates_are_cleaned_in_keys_and_values(database: Database) -> None:
    process_id = start(database, odd(lambda run: Done()), {"a\0": "\ud800", "b": ["\0"]})

    assert get(database, process_id).payload == {"a\ufffd": "\ufffd", "b": ["\ufffd"]}


def test_e11_a_payload_of_megabytes_is_carried(database: Database) -> None:
    process = odd(lambda run: Done("x", {"text": "æ" * 3_000_000}))
    process_id = start(database, process, {"more": "x" * 2_000_000})

    work(database, process)

    payload = get(database, process_id).payload
    assert (len(payload["text"]), len(payload["more"]), status(database, process_id)) == (
        3_000_000,
        2_000_000,
        "succeeded",
    )


@pytest.mark.parametrize("said", [b"\xff", object(), NOON, float("nan"), {1: {2}}, "\0\ud800", ValueError("x"), None])
def test_evidence_of_any_kind_is_stored_and_stops_no_step(database: Database, said: Any) -> None:
    def answer(run: StepRun) -> Done:
        run.exchange(said, said, said)
        run.log(said, detail=said)
        run.progress(said, said, said)
        return Done()

    process = odd(answer)
    process_id = start(database, process)

    work(database, process)

    first = history(database, process_id)[0]
    assert (first.outcome, len(first.exchanges), len(first.logs)) == ("done", 1, 1)
    assert first.progress is not None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=4) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=4)
        | st.tuples(inner, inner)
        | st.frozensets(st.integers(), max_size=2)
    ),
    max_leaves=8,
)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=ANYTHING, payload=ANYTHING, code=ANYTHING)
@pytest.mark.sqlite_only
def test_e11_whatever_a_step_answers_is_recorded_at_once(
    database: Database, message: Any, payload: Any, code: Any
) -> None:
    for outcome in (Done(message, payload), Reject(message, code=code)):
        process = odd(lambda run, outcome=outcome: outcome)
        process_id = start(database, process)
        bench = Bench(database, process)
        (job,) = bench.write()

        bench.run(job)
        bench.write(claim=False)

        first = history(database, process_id)[0]
        assert first.outcome in ("done", "retry", "reject")
        assert status(database, process_id) in ("running", "failed", "rejected")
        json.dumps([first.message, first.code, first.payload], allow_nan=False)
        execute(database, "UPDATE processes SET due_at = NULL, lease_ends_at = '2999-01-01 00:00:00.000000'"
                " WHERE status = 'running'")  # fmt: skip


# --- what a start may carry -------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["reference", "order_key", "channel"])
@pytest.mark.parametrize("text", ["", "  ", "x" * 201, "a\0", "\ud800"])
def test_a_short_text_that_cannot_be_stored_is_refused_naming_the_field(
    database: Database, field: str, text: str
) -> None:
    with pytest.raises(IllegalValue, match=f"^{field} "):
        start(database, Three, **{field: text})

    assert execute(database, "SELECT count(*) FROM processes") == [(0,)]


@pytest.mark.parametrize("text", ["æøå", "x" * 200, "a'b", "007", "1e5", '["x"]', "null", "😀"])
def test_a_reference_comes_back_as_it_was_written(database: Database, text: str) -> None:
    process_id = start(database, Three, reference=text, order_key=text)

    found = get(database, process_id)
    assert (found.reference, found.order_key) == (text, text)


@pytest.mark.parametrize(
    "at",
    [datetime(2026, 1, 1), datetime.max.replace(tzinfo=timezone(timedelta(hours=-5))), "tomorrow"],  # noqa: DTZ001
)
def test_a_moment_that_is_none_is_refused(database: Database, at: Any) -> None:
    with pytest.raises(IllegalValue, match=r"^at "):
        start(database, Three, at=at)


class Parameters(BaseModel):
    amount: int
    note: Any = "none"


class Typed(Three):
    STEPS = {"a": "step"}
    parameters = Parameters


def test_a_payload_is_checked_and_completed_by_its_model(database: Database) -> None:
    assert get(database, start(database, Typed, {"amount": "7"})).payload == {"amount": 7, "note": "none"}


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({}, "amount: Field required"),
        ({"amount": "secret"}, "amount: Input should be a valid integer"),
        (None, "amount: Field required"),
        ({"amount": 1, "note": b"secret\xff"}, "it is no JSON"),
        ({"amount": 1, "note": object()}, "it is no JSON"),
    ],
)
def test_a_payload_that_does_not_fit_is_refused_without_its_values(
    database: Database, payload: Mapping[str, Any] | None, problem: str
) -> None:
    with pytest.raises(PayloadError) as refused:
        start(database, Typed, payload)

    assert problem in str(refused.value) and "Nothing was started." in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_class_without_steps_cannot_be_started(database: Database) -> None:
    class Empty(Three):
        STEPS: Mapping[str, Any] = {}

    with pytest.raises(UsageError, match=r"class [\w.]+\.Empty has no STEPS"):
        start(database, Empty)


@pytest.mark.parametrize("payload", [[1], "x", 7])
def test_a_payload_that_is_no_object_is_refused(database: Database, payload: Any) -> None:
    with pytest.raises(PayloadError, match="not an object"):
        start(database, Three, payload)


def test_a_start_that_json_cannot_carry_is_refused_with_the_path(database: Database) -> None:
    with pytest.raises(NotJson, match=r"payload\.a\[0\] is bytes"):
        start(database, Three, {"a": [b"x"]})
