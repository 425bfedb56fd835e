"""A message is run as a worker runs what it claims: once, until it rests, and only where and while it may start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from rig import Three, execute, odd, outcomes, row, settings, start

from process_manager import Done, Process, StepRun, Wait, classic, clock
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.fleet import runner as module
from process_manager.fleet.options import AGAIN, SOON
from process_manager.fleet.runner import ELSEWHERE, NOTHING, Runner
from process_manager.gates.switches import Switch
from process_manager.store import sent, switches, workers
from process_manager.store.sent import SentMark
from process_manager.worker import Plan, heartbeat

pytestmark = pytest.mark.every_database(quick=("sqlite",))

NAME = "celery@here:1:abc"


@contextmanager
def runner(database: Database, *classes: type[Process], ends: Any = lambda: False, **more: Any) -> Iterator[Runner]:
    plan = Plan(Registry(classes or (Three,)), settings(), classic(), channels=("default",))
    row_of = heartbeat.this(NAME, concurrency=1, channels=plan.channels, knows=plan.registry.runnable())
    with Runner(database, plan, row_of, ends=ends, drain=more.get("drain", lambda: None)) as opened:
        yield opened


def mark(database: Database, process_id: int) -> None:
    with database.begin() as connection:
        sent.mark(connection, [SentMark(process_id, 0, "default", row(database, process_id)["created_at"])])


def marked(database: Database) -> list[Any]:
    return execute(database, "SELECT process_id, fence FROM sent")


def test_a_message_runs_its_process_until_that_rests(database: Database) -> None:
    process_id = start(database)
    with runner(database) as opened:
        assert opened.run(process_id, 0) == "succeeded"

    assert outcomes(database, process_id) == [("a", "done"), ("b", "done"), ("c", "done")]


def test_a_message_that_comes_again_or_late_does_nothing(database: Database) -> None:
    waits = odd(lambda _run: Wait("a while", after=timedelta(minutes=5)))
    process_id = start(database, waits)
    with runner(database, waits) as opened:
        found = [opened.run(process_id, fence) for fence in (0, 0, 1)]

    assert found == ["waiting", NOTHING, NOTHING]
    assert outcomes(database, process_id) == [("do", "wait")]


def test_what_is_not_known_here_is_untouched_and_sent_again_seconds_later(database: Database, caplog: Any) -> None:
    module._not_here._known.clear()
    process_id = start(database)
    mark(database, process_id)
    with caplog.at_level("INFO"), runner(database, odd(lambda _run: Done(""))) as opened:
        assert [opened.run(process_id, 0) for _ in range(3)] == [ELSEWHERE] * 3

    assert (row(database, process_id)["fence"], row(database, process_id)["status"]) == (0, "pending")
    assert marked(database) == [(process_id, 0)]
    with database.read() as connection:
        (found,) = sent.marks(connection)
    assert timedelta() < found.sent_at + AGAIN - clock.now() <= SOON  # another one that takes the channel may know it
    assert len([each for each in caplog.records if "fleet.not_here" in each.getMessage()]) == 1


def test_what_was_disabled_since_it_was_sent_is_untouched(database: Database) -> None:
    process_id = start(database)
    mark(database, process_id)
    with database.begin() as connection:
        switches.throw(connection, Switch("three", "SAP is down", "Ada", row(database, process_id)["created_at"], None))
    with runner(database) as opened:
        assert opened.run(process_id, 0) == ELSEWHERE

    assert (row(database, process_id)["fence"], outcomes(database, process_id)) == (0, [])
    assert marked(database) == []  # so that the next tick after it is enabled sends it


def test_a_worker_that_ends_gives_back_what_has_steps_left(database: Database) -> None:
    ended: list[bool] = []

    def step(_run: StepRun) -> Done:
        ended.append(True)
        return Done("first")

    process = odd(step)
    process_id = start(database, process)
    with runner(database, process, ends=lambda: bool(ended)) as opened:
        assert opened.run(process_id, 0) == "pending"

    assert [each[:2] for each in outcomes(database, process_id)] == [("do", "done")]


def test_no_step_starts_after_the_time_of_a_task(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    process = odd(lambda _run: (monkeypatch.setattr(module.time, "monotonic", lambda: 1e9), Done("late"))[1])
    process_id = start(database, process)
    with runner(database, process) as opened:
        opened._closes_at = 0.0
        assert opened.run(process_id, 0) == "pending"
        monkeypatch.undo()

    assert outcomes(database, process_id) == [("do", "done")]


def test_the_step_that_runs_hears_of_the_end_of_its_worker(database: Database) -> None:
    ended: list[bool] = []

    def step(run: StepRun) -> Done:
        ended.append(True)
        opened._hurry()
        return Done(f"asked to stop: {run.stop_requested}")

    process = odd(step)
    process_id = start(database, process)
    with runner(database, process, ends=lambda: bool(ended)) as opened:
        opened.run(process_id, 0)

    assert execute(database, "SELECT message FROM process_steps") == [("asked to stop: True",)]


def test_a_runner_is_a_worker_to_all_others_from_the_beginning_to_the_end(database: Database) -> None:
    asked: list[bool] = []
    with runner(database, drain=lambda: asked.append(True)) as opened:
        with database.begin() as connection:
            assert workers.ask_to_drain(connection, NAME, now=row_of(connection).started_at)
        opened._heartbeat._said = None  # as after a third of its lease
        opened._heartbeat.beat()

    assert asked == [True]
    assert execute(database, "SELECT name FROM workers") == []


def row_of(connection: Any) -> workers.Registered:
    found = workers.of_name(connection, NAME)
    assert found is not None
    assert (found.channels, found.concurrency, found.knows) == (("default",), 1, Registry([Three]).runnable())
    return found


def test_what_a_runner_lost_is_not_recorded(database: Database) -> None:
    def step(_run: StepRun) -> Done:
        execute(database, "UPDATE processes SET fence = fence + 1")  # as who takes it over does
        return Done("too late")

    process = odd(step)
    process_id = start(database, process)
    with runner(database, process) as opened:
        opened.run(process_id, 0)

    assert execute(database, "SELECT count(*) FROM process_steps") == [(0,)]
