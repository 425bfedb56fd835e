"""A child that sends what no step leads to has crashed: nothing of it is recorded as an answer."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from child_pool import Nursery, is_gone, noted, nursery
from crashing_steps import Apart, Booked, Posted, payload
from rig import NOON, claim, outcomes, row, start, status, told, work

from process_manager import Done, Process, Retry, Wait, classic
from process_manager.database import Database
from process_manager.definition.step_run import StepRun
from process_manager.execution import decision
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import protocol
from process_manager.execution.isolation.results import Crashed
from process_manager.gates import quiet
from process_manager.lifecycle.transition import StepResult

LATER = NOON + timedelta(seconds=1)
ENDED = {"status": "succeeded", "step": None, "finished_at": LATER}
Facts = dict[str, Any]


@pytest.fixture
def own() -> Iterator[Nursery]:
    with nursery() as made:
        yield made


def held(of: type[Process] = Apart) -> HeldStep:
    claimed = claim(name=of.name, step="do", attempts=2, crashes=2, own_crashes=1)
    return HeldStep(claimed, of, of.plan[0], StepRun(None, claimed))  # type: ignore[arg-type]  # not used here


def facts(answer: Any = None) -> Facts:
    """What its worker reads when a step gave this answer."""
    answer = answer or Done("done", {"a": 1})
    attempt = decision.decide(
        held(), StepResult(answer, NOON, LATER), retry=classic(), quiet_of=lambda _name, _version: quiet.NONE
    )
    return protocol.read(json.dumps(protocol.transition_facts(attempt), default=protocol._tagged).encode())


def state(**changes: Any) -> Facts:
    found = facts()
    return {**found, "state": {**found["state"], **changes}}


def entry(**changes: Any) -> Facts:
    found = facts()
    return {**found, "entry": {**found["entry"], **changes}}


def waits(**changes: Any) -> Facts:
    found = facts(Wait("later", after=timedelta(hours=1)))
    return {**found, "state": {**found["state"], **changes}}


NONSENSE: list[tuple[Any, str]] = [
    (None, "its fields are not state, entry, asks"),
    ([], "its fields are not state, entry, asks"),
    ({**facts(), "claim": {}}, "its fields are not state, entry, asks"),
    ({**facts(), "state": None}, "its state is None"),
    ({**facts(), "entry": {}}, "its fields are not outcome, message,"),
    (state(version=2), "its fields are not status, step,"),
    (state(status=None), "its status is None"),
    (state(status="pending"), "its outcome does not lead to its status"),
    (state(status="abandoned"), "its outcome does not lead to its status"),
    (state(status="heaven"), "its outcome does not lead to its status"),
    (state(status="waiting"), "its outcome does not lead to its status"),
    (state(status="succeeded"), "its step cannot be"),
    (state(**{**ENDED, "finished_at": None}), "its finished_at cannot be"),
    (state(**{**ENDED, "finished_at": NOON}), "its finished_at cannot be"),
    (state(finished_at=LATER), "its finished_at cannot be"),
    (state(step="do"), "its step cannot be"),
    (state(step="elsewhere"), "its step cannot be"),
    (state(step=None), "its step cannot be"),
    (state(attempts=True), "its attempts is a bool"),
    (state(attempts=4), "its attempts cannot be"),
    (state(attempts=-1), "its attempts cannot be"),
    (state(crashes=2), "its crashes cannot be"),
    (state(own_crashes=9), "its crashes cannot be"),
    (state(due_at=LATER), "its due_at cannot be"),
    (state(due_at="tomorrow"), "its due_at is a str"),
    (state(doubtful_since=NOON), "its doubtful_since cannot be"),
    (state(waiting_for="moment"), "its waiting_for cannot be"),
    (waits(due_at=None), "its due_at cannot be"),
    (waits(retry_after=LATER), "its due_at cannot be"),
    (waits(waiting_for="ahead"), "its waiting_for cannot be"),
    (entry(by="Ada"), "its fields are not outcome, message,"),
    (entry(outcome="restart"), "its outcome does not lead to its status"),
    (entry(message=None), "its message is None"),
    (entry(message={"a": 1}), "its message is a dict"),
    (entry(started_at=None), "its started_at is None"),
    (entry(payload="[1]"), "its payload is no object"),
    (entry(payload='{"a": NaN}'), "its payload cannot be stored"),
    (entry(payload="[" * 100_000), "its payload cannot be stored"),
    (entry(payload='{"a":' * 200 + "1" + "}" * 200), "its payload cannot be stored"),
    (entry(payload="password=geheim"), "Expecting value"),
]


@pytest.mark.parametrize(("found", "problem"), NONSENSE, ids=[f"{i}-{each[1][:40]}" for i, each in enumerate(NONSENSE)])
def test_a_transition_to_which_no_answer_leads_is_refused_without_what_it_says(found: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as refused:
        protocol.answer_from({"decided": found}, held(), asks=False)

    assert "geheim" not in str(refused.value)


def test_what_is_sent_of_an_answer_is_not_nonsense() -> None:
    for found in (facts(), waits(), state(**ENDED), entry(payload=None)):
        protocol.answer_from({"decided": found}, held(), asks=False)


def test_texts_that_are_too_long_are_shortened_as_any_other() -> None:
    long = entry(message="x" * 50_000 + "\0", error="y" * 50_000, code="z" * 500)

    crossed: Any = protocol.answer_from({"decided": long}, held(), asks=False)

    (written,) = crossed.entries
    assert [len(text) for text in (written.message, written.error, written.code)] == [2_000, 20_000, 100]


RAISED = protocol.doubt_facts(StepResult(Retry("SAP is down"), NOON, LATER))
NOTHING = protocol.doubt_facts(StepResult(None, NOON, LATER))


@pytest.mark.parametrize(
    ("of", "asks", "message"),
    [
        (Apart, False, {}),
        (Apart, False, {"began": True}),
        (Apart, False, {"raised": RAISED}),
        (Apart, False, {"undone": True}),
        (Apart, False, {"did_not_happen": True}),
        (Apart, False, {"recorded": facts(), "kept": True}),
        (Booked, False, {"recorded": facts(), "kept": "yes"}),
        (Booked, False, {"raised": RAISED}),
        (Posted, False, {"raised": NOTHING}),
        (Posted, False, {"raised": {**RAISED, "returned": True}}),
        (Posted, False, {"did_not_happen": True}),
        (Posted, True, {"did_not_happen": 1.5}),
        (Posted, True, {"raised": RAISED}),
    ],
)
def test_what_answers_another_question_is_refused(of: type[Process], asks: bool, message: Facts) -> None:
    with pytest.raises(ValueError, match=r"its fields are not|it answers no"):
        protocol.answer_from(message, held(of), asks=asks)


@pytest.mark.parametrize(
    "line",
    [
        b"[]", b"7", b"{", b'{"moment": "2026-11-23T12:00:00"}', b'{"at": {"moment": "geheim"}}', b"[" * 100_000,
        b'{"at": {"moment": "0001-01-01T00:00:00+14:00"}}',
    ],
)  # fmt: skip
def test_a_line_that_is_no_message_is_refused_without_what_it_says(line: bytes) -> None:
    with pytest.raises(ValueError) as refused:
        protocol.read(line)

    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("changes", [{"seq": "1"}, {"made_at": None}, {"more": 1}])
def test_evidence_that_is_none_is_refused(changes: Facts) -> None:
    found = {"process_id": 7, "seq": 1, "number": 1, "kind": "log", "made_at": NOON, "body": "{}", **changes}

    with pytest.raises(ValueError, match="its "):
        protocol.evidence_from(found)


LIES: list[tuple[str, str]] = [
    ("answers_nonsense", "answered nonsense: its fields are not state, entry, asks"),
    ("sends_nonsense", "sent nonsense: Expecting value: line 1 column 1 (char 0)"),
    ("says_nonsense", "sent nonsense: its fields are not process_id, seq, number, kind, made_at, body"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("does", "how"), LIES)
def test_a_child_that_sends_nonsense_has_crashed_and_is_killed(
    own: Nursery, tmp_path: Path, does: str, how: str
) -> None:
    ending = own.run(does, file=str(tmp_path / "file"))

    assert ending == Crashed(how, "lying\n")
    assert is_gone(noted(tmp_path / "file")["pid"])
    assert own.done()["pid"] != noted(tmp_path / "file")["pid"]


@pytest.mark.slow
@pytest.mark.every_database(quick=["sqlite"])
def test_three_nonsensical_answers_convict_as_three_crashes_do(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Apart, payload(tmp_path, "lies"))

    work(database, Apart)

    message = "The step's own process answered nonsense: its status is a list."
    assert told(database, process_id, "outcome", "message")[:2] == [("lost", message)] * 2
    found = row(database, process_id)
    assert (found["status"], found["attempts"], found["own_crashes"]) == ("quarantined", 0, 3)


@pytest.mark.slow
@pytest.mark.parametrize(("says", "stands"), [("done", "succeeded"), (None, "uncertain")])
def test_a_once_step_whose_child_answers_nonsense_is_asked_about(
    database: Database, tmp_path: Path, says: str | None, stands: str
) -> None:
    process_id = start(database, Posted, payload(tmp_path, "lies", says=says))

    work(database, Posted)

    assert status(database, process_id) == stands
    assert outcomes(database, process_id)[0] == ("do", "done" if says else "doubt")
