"""What crosses the pipe comes out as it went in, or leads to the same record as it would have in a thread."""

import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any

import pytest
from crashing_steps import Booked, Posted
from rig import INSTALLATION, NOON, Three, claim, settings

from process_manager import Done, Process, Reject, Retry, Skip, StepRun, Wait, classic
from process_manager.definition.step_host import Host
from process_manager.execution import decision
from process_manager.execution.completion import Answered, Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import child_host, protocol
from process_manager.execution.isolation.importable import problem
from process_manager.gates import quiet
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import StepResult, Transition, VerifyResult
from process_manager.settings import Settings

LATER = NOON + timedelta(microseconds=1)
COPENHAGEN = zoneinfo.ZoneInfo("Europe/Copenhagen")


def sent(message: Mapping[str, object], tmp_path: Path) -> dict[str, Any]:
    """The message as the other side reads it."""
    file = tmp_path / "pipe"
    with file.open("wb") as pipe:
        protocol.write(pipe.fileno(), message)
    (line,) = file.read_bytes().splitlines(keepends=True)
    return protocol.read(line)


def test_a_claim_crosses_exactly_whatever_fields_it_has(tmp_path: Path) -> None:
    claimed = claim(
        payload='{"a":{"moment":"now"},"æ":"\\ud800"}',
        reference="\udc80 \0 \n 雪",
        attempts_since=LATER,
        reruns='{"a":1}',
        step_started_at=datetime(2026, 3, 29, 1, 59, 59, 999999, UTC),
        ready_at=datetime.max.replace(tzinfo=UTC),
        dedup_hash="f" * 64,
    )

    assert protocol.claim_from(sent(protocol.claim_facts(claimed), tmp_path)) == claimed


def test_a_duration_crosses_to_the_microsecond(tmp_path: Path) -> None:
    durations = [timedelta(0), timedelta.max, timedelta(microseconds=1), -timedelta(days=3, microseconds=7)]

    assert sent({"durations": durations}, tmp_path) == {"durations": durations}


def test_evidence_crosses_exactly(tmp_path: Path) -> None:
    evidence = Evidence(7, 2, 3, "exchange", LATER, '{"system":"SAP","response":{"moment":"now"}}')

    assert protocol.evidence_from(sent(protocol.evidence_facts(evidence), tmp_path)) == evidence


class Colour(Enum):
    RED = "red"


class Rude:
    def __repr__(self) -> str:
        raise ValueError("no text")

    __str__ = __repr__


class Hostile(Mapping[str, Any]):
    def __init__(self, problem: BaseException) -> None:
        self.problem = problem

    def __getitem__(self, key: str) -> Any:
        raise self.problem

    def __iter__(self) -> Iterator[str]:
        raise self.problem

    def __len__(self) -> int:
        return 1


class Numbered(StrEnum):
    B = "b"


class Own(Done):
    """An author's own kind of Done."""


def circle() -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["self"] = found
    return found


ANSWERS: list[Any] = [
    Done(),
    Done("done", {"a": 1, "b": [1.5, None, True, "æ"], "moment": {"moment": "2026-11-23"}}),
    Done("done", {"text": "\0 \ud800"}),
    Done("done", {}),
    Done("x" * 5000 + "\0"),
    Done("later", {"b": 1}, goto="c"),
    Done(goto=Numbered.B),
    Done(goto="nowhere", payload={"bad": NOON}),
    Done(goto=Colour.RED),  # type: ignore[arg-type]
    Own("own", {"a": (1, 2)}),
    Done("kept", Hostile(KeyError("a")), goto="nowhere"),
    Done("bad", {"rows": [{"at": NOON}]}),
    Done("bad", {"colour": Colour.RED}),
    Done("bad", {1: "one"}),  # type: ignore[dict-item]
    Done("bad", {"rate": float("nan")}),
    Done("bad", {"digits": 10**5000}),
    Done("bad", circle()),
    Done("bad", [1]),  # type: ignore[arg-type]
    Done("bad", Rude()),  # type: ignore[arg-type]
    Done("bad", Hostile(KeyError("a"))),
    Done("bad", Hostile(ValueError("password=geheim"))),
    Done("bad", Hostile(SystemExit(4))),
    Done(5),  # type: ignore[arg-type]
    Done(Rude()),  # type: ignore[arg-type]
    Skip("nothing"),
    Skip(None),  # type: ignore[arg-type]
    Wait("until", until=datetime(2026, 11, 24, 8, 0, 0, 1, COPENHAGEN)),
    Wait("past", until=NOON - timedelta(days=1)),
    Wait("at the end", until=datetime.max.replace(tzinfo=UTC)),
    Wait("after", after=timedelta(days=1, microseconds=1)),
    Wait("for ever", after=timedelta.max),
    Retry("again"),
    Retry("again", after=timedelta(milliseconds=1500)),
    Reject("no"),
    Reject("no", code="E\0" + "7" * 200),
    Reject(Rude(), code=Rude()),  # type: ignore[arg-type]
    Reject("no", code=""),
    None,
    "done",
    Rude(),
    Done,
]


def held(of: type[Process] = Three, **changes: Any) -> HeldStep:
    """A process at its first step, as its worker holds it."""
    claimed = claim(step=of.plan[0].name, **changes)
    host = Host(None, settings(), INSTALLATION, lambda _evidence: None)  # type: ignore[arg-type]  # not used here
    return HeldStep(claimed, of, of.plan[0], StepRun(host, claimed))


def decided(at: HeldStep, ran: StepResult) -> Transition:
    """What follows from a run, wherever that is decided."""
    return decision.decide(at, ran, retry=classic(), quiet_of=lambda _name, _version: quiet.NONE)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_what_follows_from_an_answer_crosses_exactly(answer: Any, tmp_path: Path) -> None:
    at = held(payload='{"a":0}', attempts_since=NOON, crashes=2, own_crashes=1)
    attempt = decided(at, StepResult(answer, NOON, LATER, error=None))

    crossed = protocol.answer_from(sent({"decided": protocol.transition_facts(attempt)}, tmp_path), at, asks=False)

    assert crossed == attempt


def test_a_traceback_crosses_with_its_head_and_its_tail(tmp_path: Path) -> None:
    at = held()
    attempt = decided(at, StepResult(Retry("down"), NOON, LATER, error="Traceback\n" + "\udc80 line\n" * 9_000 + "end"))

    crossed = protocol.answer_from(sent({"decided": protocol.transition_facts(attempt)}, tmp_path), at, asks=False)

    assert crossed == attempt
    assert isinstance(crossed, Transition)
    assert (crossed.entries[0].error or "").endswith("line\nend")


@pytest.mark.parametrize("kept", [True, False])
def test_what_a_child_recorded_crosses_exactly(kept: bool, tmp_path: Path) -> None:
    at = held(Booked, payload='{"a":0}')
    attempt = decided(at, StepResult(Done("done", {"a": 1}), NOON, LATER))

    message = sent({"recorded": protocol.transition_facts(attempt), "kept": kept}, tmp_path)

    assert protocol.answer_from(message, at, asks=False) == Recorded(attempt, kept)


RAISED = [
    StepResult(Retry("SAP is down"), NOON, LATER, "Traceback", returned=False),
    StepResult(Retry("it was over its time limit"), NOON, LATER, returned=False, got_through=False),
    StepResult(Reject("no contract", "E7"), NOON, LATER, returned=False),
]


@pytest.mark.parametrize("raised", RAISED)
def test_what_a_once_step_raised_crosses_exactly_both_ways(raised: StepResult, tmp_path: Path) -> None:
    at = held(Posted)

    crossed = protocol.answer_from(sent({"raised": protocol.doubt_facts(raised)}, tmp_path), at, asks=False)

    assert crossed == Answered(at, raised)


def test_what_was_not_run_before_its_verify_is_asked_crosses_exactly(tmp_path: Path) -> None:
    unknown = StepResult(None, NOON, LATER, returned=False)

    assert protocol.doubt_from(sent(protocol.doubt_facts(unknown), tmp_path)) == unknown


SAID = [
    VerifyResult(Done("it is there", {"number": 7})),
    VerifyResult(Retry("it is not there")),
    VerifyResult(Wait("soon", after=timedelta(minutes=1))),
    VerifyResult(Done("bad", {"at": NOON})),
    VerifyResult(None),
    VerifyResult("perhaps"),
    VerifyResult(True),
    VerifyResult(Rude()),
    VerifyResult(exists=False),
    VerifyResult(problem="SAP is down\ud800", error="Traceback"),
]


@pytest.mark.parametrize("raised", [None, *RAISED], ids=lambda raised: raised and type(raised.outcome).__name__)
@pytest.mark.parametrize("asked", SAID, ids=lambda asked: type(asked.answer).__name__)
def test_what_follows_from_what_verify_says_crosses_exactly(
    asked: VerifyResult, raised: StepResult | None, tmp_path: Path
) -> None:
    at = held(Posted, doubtful_since=NOON, crashes=1)
    attempt = decided(at, (raised or StepResult(None, NOON, LATER))._replace(asked=asked))

    crossed = protocol.answer_from(sent({"decided": protocol.transition_facts(attempt)}, tmp_path), at, asks=True)

    assert crossed == attempt


def test_an_answer_that_cannot_even_be_looked_at_is_still_an_answer() -> None:
    broken = Wait("later", after=timedelta(hours=1))
    object.__setattr__(broken, "after", Rude())

    attempt = decided(held(), StepResult(broken, NOON, LATER))

    assert (attempt.state.status, attempt.entries[0].outcome) == ("failed", "retry")
    assert "what follows cannot be told: TypeError" in attempt.entries[0].message


def test_the_settings_are_in_force_in_a_child_as_they_are_here_with_their_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = settings(
        database_url="sqlite:///x.db",
        fakturering_url="mssql://u:geheim@host/db",
        lease=timedelta(seconds=7, microseconds=0),
        process_packages=("a.b", "c"),
        logging_config=Path("x") / "y.yaml",
        zone=None,
    )
    host = Host(None, ours, INSTALLATION, lambda _evidence: None)  # type: ignore[arg-type]
    start = sent(
        child_host.handed(host, database=("sqlite:///x.db", None), log_settings=None, retry=classic()), tmp_path
    )
    monkeypatch.setenv("PROCESS_MANAGER_ZONE", "Europe/Oslo")
    monkeypatch.setenv("PROCESS_MANAGER_LEASE", "nonsense")

    theirs = child_host.ChildHost(start, lambda _evidence: None)

    assert theirs.settings.model_dump() == ours.model_dump()
    assert isinstance(theirs.settings, Settings)
    assert theirs.installation == INSTALLATION


def test_a_class_that_a_child_would_not_find_is_refused_with_a_hint() -> None:
    def made() -> type[Three]:
        class Hidden(Three):
            pass

        return Hidden

    main = type("Main", (Three,), {"__module__": "__main__"})

    assert problem(Three) is None
    assert problem(main) == (
        "__main__.Main cannot run in a child process, for __main__ is another program there. Put it into a module."
    )
    assert "at the top of the module" in (problem(made()) or "")
    assert "at the top of the module" in (problem(type("Three", (Three,), {})) or "")
