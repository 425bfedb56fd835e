"""What a worker makes of one process's steps: order, history, retries, answers of every kind."""

import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from rig import (
    INSTALLATION,
    NOON,
    Odd,
    Three,
    eventually,
    execute,
    get,
    history,
    odd,
    outcomes,
    row,
    start,
    status,
    told,
    work,
    working,
)  # fmt: skip

from process_manager import BusinessError, Done, Reject, Retry, Skip, StepRun, never
from process_manager.database import Database

pytestmark = pytest.mark.every_database

SECOND = timedelta(seconds=1)


@pytest.fixture
def noon() -> Iterator[Any]:
    with freeze_time(NOON) as clock:
        yield clock


def test_e1_steps_run_in_order_and_the_history_says_all_of_each(database: Database, noon: Any) -> None:
    def answer(run: StepRun) -> Done:
        run.log("begins", row=7)
        run.progress(1, 3, "half")
        run.exchange("SAP", {"order": "æ"}, {"ok": True})
        run.progress(3, 3, "all")
        noon.tick(SECOND)
        return Done("3 rows", {"rows": 3})

    process = odd(answer)
    process_id = start(database, process, {"batch": "b"})

    work(database, process)

    first, second = history(database, process_id)
    assert {name: getattr(first, name) for name in first.__slots__ if name not in ("worker",)} == {
        "process_id": process_id, "seq": 1, "round": 1, "step": "do", "attempt": 1, "outcome": "done", "code": None,
        "message": "3 rows", "started_at": NOON, "finished_at": NOON + SECOND, "payload": {"rows": 3},
        "exchanges": ({"system": "SAP", "request": {"order": "æ"}, "response": {"ok": True}, "at": NOON},),
        "logs": ({"message": "begins", "row": 7, "at": NOON},),
        "progress": {"done": 3, "total": 3, "message": "all", "at": NOON}, "error": None, "by": None,
        "way": None, "request_id": None, "event": None, "event_number": None,
    }  # fmt: skip
    assert (second.seq, second.step, second.outcome, second.exchanges) == (2, "after", "done", ())
    assert get(database, process_id).payload == {"batch": "b", "rows": 3}
    assert execute(database, "SELECT DISTINCT worker FROM processes") == [(None,)]


def test_e1_a_step_that_runs_shows_as_started_with_what_it_has_said_so_far(database: Database) -> None:
    go = threading.Event()

    def answer(run: StepRun) -> Done:
        run.exchange("SAP", "question", "answer")
        go.wait(10)
        return Done()

    process = odd(answer)
    process_id = start(database, process)
    with working(database, process) as worker:
        eventually(lambda: history(database, process_id) and history(database, process_id)[0].exchanges)
        (shown,) = history(database, process_id)
        overview = get(database, process_id)
        go.set()
        eventually(lambda: status(database, process_id) == "succeeded")

    assert (shown.seq, shown.step, shown.attempt, shown.outcome) == (1, "do", 1, "started")
    assert (shown.finished_at, shown.worker) == (None, worker.name)
    assert (overview.status, overview.attempt, overview.worker) == ("running", 1, worker.name)


def test_e12_a_rejected_process_cancels_its_remaining_steps(database: Database) -> None:
    def refuse(run: StepRun) -> None:
        raise BusinessError("no contract", code="E17")

    for process in (odd(refuse), odd(lambda run: Reject("no contract", code="E17"))):
        process_id = start(database, process)
        work(database, process)

        assert told(database, process_id, "step", "outcome", "message", "code", "error") == [
            ("do", "reject", "no contract", "E17", None)
        ]
        assert (status(database, process_id), get(database, process_id).step) == ("rejected", "do")


def test_e12_nothing_succeeds_while_a_step_is_unfinished(database: Database) -> None:
    process = odd(lambda run: Done("on", goto="after") if run.attempt > 1 else Retry("down", after=timedelta(0)))
    process_id = start(database, process)

    work(database, process)

    assert outcomes(database, process_id) == [("do", "retry"), ("do", "done"), ("after", "done")]
    assert status(database, process_id) == "succeeded"


def test_skip_ends_a_process_by_design(database: Database) -> None:
    process = odd(lambda run: Skip("no row"))
    process_id = start(database, process)

    work(database, process)

    assert (status(database, process_id), outcomes(database, process_id)) == ("skipped", [("do", "skip")])


def test_e13_a_key_written_twice_keeps_its_last_value(database: Database) -> None:
    process_id = start(database, Three, {"a": 0, "x": [1]})

    work(database)

    assert get(database, process_id).payload == {"a": 1, "b": 1, "c": 1, "x": [1]}


def test_what_a_step_does_to_its_payload_changes_nothing(database: Database) -> None:
    def answer(run: StepRun) -> Done:
        run.payload["x"] = 2  # type: ignore[index]
        run.payload["list"].append(3)
        return Done()

    process = odd(answer)
    process_id = start(database, process, {"list": []})

    work(database, process)

    assert get(database, process_id).payload == {"list": []}


def test_a_retried_step_keeps_its_idempotency_key_and_another_step_has_another(database: Database) -> None:
    keys: list[str] = []

    def answer(run: StepRun) -> Any:
        keys.append(run.idempotency_key)
        return Retry("down", after=timedelta(0)) if run.attempt < 3 else Done()

    process = odd(answer)
    start(database, process)
    start(database, process)
    work(database, process, concurrency=1)

    assert len(keys) == 6
    assert len(set(keys)) == 2
    assert str(INSTALLATION) not in keys


class HostileError(Exception):
    def __str__(self) -> str:
        raise SystemExit(9)


class BareError(BusinessError):
    def __init__(self) -> None:
        """As an author may forget to call the one above."""


def raiser(problem: BaseException) -> Callable[[StepRun], None]:
    def answer(run: StepRun) -> None:
        raise problem

    return answer


def endless(run: StepRun) -> None:
    endless(run)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda run: sys.exit(3), "SystemExit: 3"),
        (raiser(KeyboardInterrupt()), "KeyboardInterrupt"),
        (raiser(GeneratorExit()), "GeneratorExit"),
        (raiser(MemoryError()), "MemoryError"),
        (endless, "RecursionError: maximum recursion depth exceeded"),
        (raiser(HostileError()), "HostileError: its text raised SystemExit"),
        (raiser(ValueError("a\0b\ud800c")), "ValueError: a\ufffdb\ufffdc"),
        (raiser(ExceptionGroup("two", [ValueError("1"), KeyError("2")])), "ExceptionGroup: two (2 sub-exceptions)"),
        (lambda run: run.nothing, "AttributeError: 'StepRun' object has no attribute 'nothing'"),
        (lambda run: run.publish("x"), "run.publish is not part of this version yet"),
    ],
)
def test_e17_whatever_a_step_raises_is_a_system_error_with_its_traceback(
    database: Database, answer: Callable[[StepRun], Any], message: str
) -> None:
    process = odd(answer, retry=never())
    process_id = start(database, process)

    stats = work(database, process)

    ((outcome, said, error),) = told(database, process_id, "outcome", "message", "error")
    assert (stats.statuses, outcome) == ({"failed": 1}, "retry")
    assert said.startswith(message)
    assert "\0" not in error
    assert "Traceback" in error or "traceback raised" in error


class Wild:
    def __repr__(self) -> str:
        raise SystemExit(9)


@pytest.mark.parametrize("wild", [Wild(), Done(Wild()), Reject("no", code=Wild()), Skip(Wild()), Done(payload=Wild())])
def test_e17_an_answer_whose_text_raises_hurts_its_own_process_alone(database: Database, wild: Any) -> None:
    process = odd(lambda run: wild if run.payload.get("wild") else Done())
    hurt, other = start(database, process, {"wild": 1}), start(database, process)

    work(database, process)

    assert status(database, hurt) in ("failed", "rejected", "skipped", "succeeded")
    assert status(database, other) == "succeeded"


def test_a_business_error_that_forgot_its_message_is_still_a_refusal(database: Database) -> None:
    process = odd(raiser(BareError()))
    process_id = start(database, process)

    work(database, process)

    assert told(database, process_id, "outcome", "message") == [("reject", "BareError")]


def test_a_process_whose_making_raises_is_a_system_error(database: Database) -> None:
    process = type("Odd", (Odd,), {"__init__": lambda self: sys.exit("no licence")})
    process_id = start(database, process)

    work(database, process)

    assert told(database, process_id, "outcome", "message") == [("retry", "SystemExit: no licence")]


def test_what_the_threads_of_a_step_say_is_all_kept(database: Database) -> None:
    def answer(run: StepRun) -> Done:
        threads = [threading.Thread(target=lambda: [run.log("said") for _ in range(50)]) for _ in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return Done()

    process = odd(answer)
    process_id = start(database, process)

    work(database, process)

    assert len(history(database, process_id)[0].logs) == 400


def test_a_clock_that_goes_back_loses_nothing(database: Database, noon: Any) -> None:
    def answer(run: StepRun) -> Done:
        noon.tick(timedelta(minutes=-10))
        return Done()

    process = odd(answer)
    process_id = start(database, process)

    work(database, process)

    assert outcomes(database, process_id) == [("do", "done"), ("after", "done")]
    assert row(database, process_id)["finished_at"] == NOON - timedelta(minutes=10)
