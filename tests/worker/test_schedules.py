"""Workers start processes by the clock, and pay nothing where there are no schedules."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from rig import Three, eventually, settings, work, working

from process_manager import At, Cron, Process, clock
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.operations import declared_schedules
from process_manager.store import schedules
from process_manager.store.tables import processes
from process_manager.worker.scheduler import Scheduler


def scheduled(schedule: Any, version: int = 1) -> type[Process]:
    return type("Nightly", (Three,), {"name": "nightly", "schedule": schedule, "version": version})


def add(database: Database, next_at: datetime, rule: At | None = None) -> None:
    """Add a schedule as a person does, that is next at this moment."""
    facts = declared_schedules.facts(rule or Cron("0 6 * * *"), "UTC")
    made = {"created_at": next_at, "created_by": "ada", "changed_at": next_at, "next_at": next_at}
    with database.begin() as connection:
        schedules.insert(connection, {"name": "early", "process": "nightly", "version": None, **facts, **made})


def started(database: Database) -> list[tuple[Any, ...]]:
    chosen = (processes.c.name, processes.c.created_by, processes.c.status)
    with database.begin() as connection:
        return [tuple(each) for each in connection.execute(sa.select(*chosen).order_by(processes.c.id))]


def test_a_run_that_ends_by_itself_starts_what_is_due_and_runs_it(database: Database) -> None:
    add(database, clock.now() - timedelta(days=3))

    work(database, scheduled(None))

    assert started(database) == [("nightly", "schedule early", "succeeded")]


def test_a_run_of_one_process_starts_no_other(database: Database) -> None:
    add(database, clock.now() - timedelta(days=3))

    work(database, scheduled(None), only=1, until_empty=False)

    assert started(database) == []


def test_a_schedule_waits_for_who_knows_its_process(database: Database) -> None:
    add(database, clock.now() - timedelta(days=3))

    work(database, Three)

    assert started(database) == []


def test_one_that_is_understood_no_more_holds_up_no_other(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    now = clock.now()
    add(database, now - timedelta(days=3))
    with database.begin() as connection:
        row = dict(schedules.one(connection, "early") or {})
        schedules.insert(connection, {**row, "name": "broken", "rule": "0 6 * * mon-fry", "next_at": now})
    scheduler = Scheduler(database, Registry([scheduled(None)]), "UTC")
    scheduler.look()

    assert scheduler.start_due(now) == 1
    assert scheduler.start_due(now) == 0
    assert scheduler.next_at() == now + timedelta(minutes=1)  # the broken one is looked at again


@pytest.mark.parametrize("is_known", [True, False])
def test_whatever_one_raises_holds_up_no_other(
    database: Database, caplog: pytest.LogCaptureFixture, is_known: bool
) -> None:
    now = clock.now()
    add(database, now - timedelta(days=3))
    problem: Exception = sa.exc.DataError("", None, ValueError("too long")) if is_known else LookupError("odd")
    with database.begin() as connection:
        row = dict(schedules.one(connection, "early") or {})
        schedules.insert(connection, {**row, "name": "broken", "next_at": now - timedelta(days=4)})

    def refuse(_connection: Any, _cursor: Any, _statement: str, parameters: Any, *_more: Any) -> None:
        if "broken" in parameters:
            raise problem

    scheduler = Scheduler(database, Registry([scheduled(None)]), "UTC")
    scheduler.look()
    sa.event.listen(database.engine, "before_cursor_execute", refuse)

    assert scheduler.start_due(now) == 1
    assert [each[1] for each in started(database)] == ["schedule early"]
    assert "schedule.broken" in caplog.text


def test_a_connection_that_is_lost_ends_the_look(database: Database) -> None:
    now = clock.now()
    add(database, now)
    scheduler = Scheduler(database, Registry([scheduled(None)]), "UTC")
    scheduler.look()

    def lose(*_given: Any) -> None:
        raise sa.exc.OperationalError("", None, OSError("gone"), connection_invalidated=True)

    sa.event.listen(database.engine, "before_cursor_execute", lose)
    try:
        with pytest.raises(Exception, match="gone"):
            scheduler.start_due(now)
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", lose)
    assert scheduler.next_at() == now  # it is tried again at once


def test_one_that_a_later_version_took_over_meanwhile_is_left_to_who_knows_that(database: Database) -> None:
    now = clock.now()
    add(database, now)
    scheduler = Scheduler(database, Registry([scheduled(None)]), "UTC")
    scheduler.look()
    with database.begin() as connection:
        schedules.change(connection, "early", {"version": 2})

    assert scheduler.start_due(now) == 0
    assert scheduler.next_at() is None  # it is asked for no more until the next look
    assert started(database) == []


@pytest.mark.slow
def test_a_slot_starts_within_a_second_of_its_moment(database: Database) -> None:
    moment = clock.now().replace(microsecond=0) + timedelta(seconds=2)

    with working(database, scheduled(At(moment))):
        eventually(lambda: bool(started(database)))

    with database.begin() as connection:
        (created_at,) = connection.execute(sa.select(processes.c.created_at)).scalars()
    assert timedelta() <= created_at - moment < timedelta(seconds=1)


@pytest.mark.slow
def test_the_first_slot_of_a_new_schedule_is_in_time_where_there_was_one_before(database: Database) -> None:
    with working(database, scheduled(At(clock.now() + timedelta(seconds=1)))):
        eventually(lambda: len(started(database)) == 1)
        moment = clock.now().replace(microsecond=0) + timedelta(seconds=2)
        add(database, moment, At(moment))
        eventually(lambda: len(started(database)) == 2)

    with database.begin() as connection:
        created_at = connection.execute(sa.select(sa.func.max(processes.c.created_at))).scalar_one()
    assert timedelta() <= created_at - moment < timedelta(seconds=1)


@pytest.mark.slow
def test_two_workers_start_each_slot_once(database: Database) -> None:
    cls = scheduled(Cron("* * * * * *", zone="UTC"))

    with working(database, cls), working(database, cls):
        eventually(lambda: len(started(database)) >= 4)

    with database.begin() as connection:
        made = connection.execute(sa.select(processes.c.created_at, processes.c.dedup_hash).order_by(processes.c.id))
        moments, slots = zip(*made, strict=True)
    assert len(set(slots)) == len(slots)
    first, last = (each.replace(microsecond=0) for each in (moments[0], moments[-1]))
    passed = round((last - first).total_seconds()) + 1  # one more where a busy machine starts the first a second late
    assert passed - 1 <= len(slots) <= passed + 1


PLAIN = """
import sys
import sqlalchemy as sa
from process_manager import Done, Process
from process_manager.database import connect, schema
from process_manager.definition.registry import Registry
from process_manager.lifecycle.retry import classic
from process_manager.settings import model_of
from process_manager.worker import Plan, Worker

class Plain(Process):
    STEPS = {"a": "step"}
    def step(self, run):
        return Done()

database = connect(sys.argv[1])
schema.upgrade(database, "head")
asked = []
sa.event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
given = model_of()(quiet="none", zone="UTC", clock="host")
Worker(database, Plan(Registry([Plain]), given, classic(), until_empty=True)).run()
print(len([each for each in asked if "schedules" in each]))
print([name for name in sys.modules if "schedule" in name.replace("schedule_t", "") or name.startswith("cronsim")])
"""


@pytest.mark.slow
def test_a_worker_without_schedules_asks_for_them_now_and_then_and_imports_nothing(tmp_path: Any) -> None:
    url = f"sqlite:///{(tmp_path / 'it.db').as_posix()}"

    told = subprocess.run([sys.executable, "-c", PLAIN, url], capture_output=True, text=True, check=True)

    allowed = ["process_manager.definition.schedule", "process_manager.store.schedules"]
    asked, imported = told.stdout.splitlines()[-2:]
    assert asked == "1"
    assert sorted(eval(imported)) == allowed  # noqa: S307 - a list that the test printed


def test_settings_give_the_zone(database: Database) -> None:
    Scheduler(database, Registry([scheduled(Cron("0 6 * * *"))]), settings(zone="Europe/Oslo").zone_name()).declare(
        clock.now()
    )

    with database.begin() as connection:
        row = schedules.one(connection, "nightly")
    assert row is not None
    assert row["zone"] == "Europe/Oslo"
