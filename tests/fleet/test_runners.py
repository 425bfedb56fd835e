"""Each program of a Celery worker opens the database for itself, and lends its runners to one task at a time."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from rig import Three, execute, odd, row, settings, start
from rows import claim

from process_manager import At, Done, StepRun, classic, clock
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.fleet.ending import Ending
from process_manager.fleet.options import FleetOptions
from process_manager.fleet.runners import Runners
from process_manager.worker import Plan


def runners(database: Database, count: int = 2, **options: Any) -> Runners:
    url = options.pop("url", database.engine.url.render_as_string(hide_password=False))
    name = options.pop("name", None)
    classes = options.pop("classes", (Three,))
    plan = Plan(Registry(classes), settings(database_url=url, **options), classic(), channels=("default",))
    names = iter(f"celery@here:1:{number}" for number in range(100))
    return Runners(plan, Ending(), count=count, name=name or (lambda: next(names)), drain=lambda: None)


def names(database: Database) -> list[str]:
    return [name for (name,) in execute(database, "SELECT name FROM workers ORDER BY name")]


def test_all_of_them_are_seen_once_they_are_open_and_gone_once_they_are_closed(database: Database) -> None:
    found = runners(database)
    assert names(database) == []

    found.open()
    assert names(database) == ["celery@here:1:0", "celery@here:1:1"]

    found.close()
    assert names(database) == []


def test_one_that_broke_is_closed_and_the_next_message_gets_a_new_one(database: Database) -> None:
    found = runners(database, count=1)
    with pytest.raises(ZeroDivisionError), found.lent():
        raise ZeroDivisionError
    assert names(database) == []

    process_id = start(database)
    with found.lent() as runner:
        assert runner.run(process_id, 0) == "succeeded"
        assert names(database) == ["celery@here:1:1"]
    found.close()


def test_what_cannot_be_opened_yet_is_tried_again_by_the_next_message(database: Database, tmp_path: Path) -> None:
    found = runners(database, url=f"sqlite:///{(tmp_path / 'later.db').as_posix()}", count=1)

    found.open()  # which says so in the log

    (tmp_path / "engine.db").rename(tmp_path / "later.db")
    with found.lent():
        pass
    found.close()


@pytest.mark.parametrize("problem", [ZeroDivisionError, KeyboardInterrupt])
def test_a_message_does_not_wait_for_a_runner_whose_opening_broke(
    database: Database, problem: type[BaseException]
) -> None:
    def name() -> str:
        if not broken:
            broken.append(True)
            raise problem
        return "celery@here:1:1"

    broken: list[bool] = []
    found = runners(database, count=1, name=name)
    with suppress(KeyboardInterrupt):
        found.open()

    assert broken
    assert found._free.qsize() == 1
    with found.lent():
        assert names(database) == ["celery@here:1:1"]
    found.close()


@pytest.mark.slow
def test_a_slot_is_started_while_the_only_runner_has_a_long_step(database: Database) -> None:
    soon = clock.now() + timedelta(milliseconds=200)
    nightly = type("Nightly", (Three,), {"name": "nightly", "schedule": At(soon)})
    are_there: list[bool] = []

    def long(_run: StepRun) -> Done:
        until = time.monotonic() + 10
        while not (there := bool(execute(database, "SELECT id FROM processes WHERE name = 'nightly'"))):
            if time.monotonic() > until:
                break
            time.sleep(0.01)
        are_there.append(there)
        return Done("")

    process = odd(long)
    found = runners(database, count=1, classes=(nightly, process))
    found.open()
    process_id = start(database, process)

    with found.lent() as runner:
        runner.run(process_id, 0)
    found.close()

    assert are_there == [True]


@pytest.mark.every_database
def test_a_tick_on_a_host_whose_clock_is_ahead_takes_no_lease_away(database: Database) -> None:
    process_id = start(database)
    claim(database)
    found = runners(database, clock="database")

    with freeze_time(clock.host() + timedelta(hours=1), tick=True):
        ticker = found.ticker()
        ticker.tick(FleetOptions(tick=timedelta(seconds=1), cap=3, again=timedelta(minutes=5)))
    found.close()

    is_lost = row(database, process_id)["crashes"] == 1
    assert is_lost == (database.dialect == "sqlite")  # whose clock is this host's


@pytest.mark.every_database
def test_each_tick_compares_the_clocks_first(database: Database) -> None:
    process_id = start(database)
    found = runners(database, clock="database")
    ticker = found.ticker()
    claim(database)
    clock.follow(timedelta(hours=1))  # as if the host's clock had been set since
    with freeze_time(clock.host() + timedelta(minutes=1), tick=True):  # when it is time to compare them again
        ticker.tick(FleetOptions(tick=timedelta(seconds=1), cap=3, again=timedelta(minutes=5)))
    found.close()

    is_lost = row(database, process_id)["crashes"] == 1
    assert is_lost == (database.dialect == "sqlite")
