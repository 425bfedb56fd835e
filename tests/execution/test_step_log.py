"""The log of a step: `run.log` and Python's own logging, numbered, masked, and no more of it than is kept."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Annotated, Any

import pytest
import structlog
from pydantic import BaseModel
from rig import execute, odd, settings, start, work

from process_manager import Done, Personal, Process, Step, StepRun, classic, inspection, serialization
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.definition.step_run import MOST_LINES
from process_manager.direct import Direct
from process_manager.execution.step_log import STEP_LOG
from process_manager.inspection import Viewer
from process_manager.worker import Plan

log = logging.getLogger("office.invoices")


@pytest.fixture(autouse=True)
def at_info() -> Iterator[None]:
    """The office's loggers let INFO through, as the shipped logging.yaml does; others are as they are."""
    log.setLevel(logging.INFO)
    yield
    log.setLevel(logging.NOTSET)


def lines(database: Database, process_id: int = 1) -> list[dict[str, Any]]:
    """The lines of a process as they are stored, in the order of their numbers."""
    rows = execute(database, "SELECT body FROM evidence WHERE kind = 'log' ORDER BY seq, number")
    return [serialization.loads(body) for (body,) in rows]


def done(database: Database, say: Callable[[StepRun], object]) -> list[dict[str, Any]]:
    """The lines of a process whose step says this."""

    def answer(run: StepRun) -> Done:
        say(run)
        return Done()

    process = odd(answer)
    start(database, process)
    work(database, process)
    return lines(database)


def test_what_a_step_logs_by_either_way_is_kept_in_order(database: Database) -> None:
    def say(run: StepRun) -> None:
        run.log("first", rows=3)
        log.info("invoice %s is booked", 7)
        log.warning("SAP was slow")
        run.log("last")

    assert done(database, say) == [
        {"message": "first", "rows": 3},
        {"message": "invoice 7 is booked", "level": "INFO", "logger": "office.invoices"},
        {"message": "SAP was slow", "level": "WARNING", "logger": "office.invoices"},
        {"message": "last"},
    ]


def test_neither_the_engine_nor_its_driver_nor_what_is_below_info_is_kept(database: Database) -> None:
    def say(_run: StepRun) -> None:
        for name in ("process_manager.worker", "sqlalchemy.engine", "psycopg", "alembic.runtime"):
            logging.getLogger(name).critical("not the step's")
        log.debug("too small")
        log.info("kept")

    assert [each["message"] for each in done(database, say)] == ["kept"]


def test_what_another_thread_logs_is_the_steps_only_in_its_context(database: Database) -> None:
    def say(_run: StepRun) -> None:
        context = copy_context()
        for target in (lambda: log.info("somebody else"), lambda: context.run(log.info, "its own thread")):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()

    assert [each["message"] for each in done(database, say)] == ["its own thread"]


def test_an_event_of_structlogs_has_its_facts(database: Database) -> None:
    bound = structlog.wrap_logger(
        log, processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter], wrapper_class=structlog.BoundLogger
    )

    (line,) = done(database, lambda _run: bound.info("invoice.booked", invoice=7))

    assert line == {"message": "invoice.booked", "invoice": 7, "level": "INFO", "logger": "office.invoices"}


def test_an_exception_is_named_and_its_trace_left_to_the_log(database: Database) -> None:
    def say(_run: StepRun) -> None:
        try:
            raise KeyError("x")
        except KeyError:
            log.exception("it went wrong")

    (line,) = done(database, say)

    assert (line["message"], line["error"]) == ("it went wrong", "KeyError")


class Awkward:
    """Cannot be written."""

    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("said", [("only %s of %s", 1), ("it is %s", Awkward()), (Awkward(),)])
def test_what_cannot_be_written_breaks_no_step(
    database: Database, said: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    log.addHandler(logging.NullHandler())
    log.propagate = False
    try:
        (line,) = done(database, lambda _run: log.info(*said))
    finally:
        log.propagate = True
        log.handlers.clear()

    assert line["message"] in ("only %s of %s", "it is %s", "Awkward")
    assert execute(database, "SELECT status FROM processes") == [("succeeded",)]


def test_secrets_are_masked_when_they_are_stored(database: Database) -> None:
    def say(run: StepRun) -> None:
        run.log("signed in with password: hunter2", token="hunter2", cpr="311299-1234")  # noqa: S106 - of a test
        log.info("password=hunter2 for 311299-1234")

    found = done(database, say)

    assert len(found) == 2
    assert "hunter2" not in str(found)
    assert "311299" not in str(found)


def test_five_hundred_lines_are_kept_and_then_a_count(database: Database) -> None:
    def say(run: StepRun) -> None:
        for number in range(MOST_LINES + 41):
            (run.log if number % 2 else log.info)(f"line {number}")
        run.exchange("SAP", "?", "!")

    found = done(database, say)

    assert [each["message"] for each in found[:-1]] == [f"line {number}" for number in range(MOST_LINES)]
    assert found[-1] == {"message": "41 more lines left out", "left_out": 41}
    numbers = [number for (number,) in execute(database, "SELECT number FROM evidence ORDER BY number")]
    assert numbers == list(range(1, MOST_LINES + 3))


def test_a_step_that_says_no_more_than_is_kept_has_no_count(database: Database) -> None:
    found = done(database, lambda run: [run.log("x") for _ in range(MOST_LINES)])

    assert (len(found), found[-1]) == (MOST_LINES, {"message": "x"})


def test_threads_that_write_at_once_lose_none_and_double_none(database: Database) -> None:
    def say(run: StepRun) -> None:
        def write(name: int) -> None:
            for number in range(100):
                run.log("x", thread=name, n=number)

        threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    found = done(database, say)

    assert len({(each["thread"], each["n"]) for each in found}) == len(found) == 400
    numbers = [number for (number,) in execute(database, "SELECT number FROM evidence ORDER BY number")]
    assert numbers == list(range(1, 401))


def test_a_line_commits_nothing_that_the_step_has_half_done(database: Database) -> None:
    class Half(Process):
        """Writes, logs, and fails."""

        STEPS = {"write": Step("write", effect="transactional")}

        def write(self, run: StepRun) -> Done:
            run.connection.exec_driver_sql("UPDATE installation SET created_at = '1999-01-01 00:00:00.000000'")
            log.info("written")
            raise OSError("SAP is down")

    start(database, Half)
    work(database, Half)

    assert [each["message"] for each in lines(database)] == ["written"]
    assert execute(database, "SELECT count(*) FROM installation WHERE created_at < '2000-01-01'") == [(0,)]


class Parcel(BaseModel):
    """What is personal."""

    name: Annotated[str, Personal]


def test_what_is_personal_is_masked_where_it_is_shown(database: Database) -> None:
    class Post(Process):
        """Logs whom it writes to."""

        parameters = Parcel
        STEPS = {"send": "send"}

        def send(self, run: StepRun) -> Done:
            log.info("a letter to %s", run.payload["name"])
            return Done()

    made = start(database, Post, {"name": "Ida Holm"})
    work(database, Post)

    with database.read() as connection:
        shown = inspection.logs(connection, made, most=9, viewer=Viewer(marks=lambda *_: Post.marks))
    assert [each.line["message"] for each in shown.lines] == ["a letter to ***"]


class Apart(Process):
    """Logs in a child process."""

    STEPS = {"say": Step("say", isolation="process")}

    def say(self, run: StepRun) -> Done:
        logging.getLogger("office.apart").warning("from afar")
        run.log("and near")
        return Done()


@pytest.mark.slow
def test_a_step_in_a_child_process_is_heard_too(database: Database) -> None:
    start(database, Apart)
    work(database, Apart)

    assert [each["message"] for each in lines(database)][:2] == ["from afar", "and near"]


def test_a_direct_call_leaves_logging_as_it_was(database: Database) -> None:
    before, handlers = logging.getLogRecordFactory(), logging.root.handlers[:]
    process = odd(lambda _run: log.info("said") or Done())
    plan = Plan(Registry([process]), settings(), classic())

    with Direct(database, plan) as direct, STEP_LOG:  # as another worker of this program would
        direct.run(process)

    assert [each["message"] for each in lines(database)] == ["said"]
    assert (logging.getLogRecordFactory(), logging.root.handlers) == (before, handlers)


def test_a_record_that_is_filled_later_breaks_nothing(database: Database) -> None:
    told: list[str] = []

    def say(_run: StepRun) -> None:
        told.append(logging.makeLogRecord({"msg": "of a queue", "levelno": logging.ERROR}).getMessage())

    assert done(database, say) == []
    assert told == ["of a queue"]
