"""Switches, bound to the whole life of a process, and the row of a worker that lives."""

import sqlite3
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rig import Three, eventually, execute, start, status, work, worker, working

from process_manager import Done, Process, StepRun, Wait
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import IllegalValue
from process_manager.operations import Act, switches
from process_manager.store import switches as store_switches

pytestmark = pytest.mark.every_database

ACT = Act(Actor("bodil"), "SAP is updated")


class Night(Process):
    """Two steps, and the windows of the engine."""

    STEPS = {"a": "step", "b": "step"}

    def step(self, run: StepRun) -> Done:
        return Done()


def disable(database: Database, key: str, **options: object) -> None:
    with database.begin() as connection:
        switches.disable(connection, key, ACT, **options)  # type: ignore[arg-type]


def enable(database: Database, key: str, folder: Path) -> list[str]:
    with database.begin() as connection:
        return [*switches.enable(connection, key), *switches.enable_here(folder, key)]


@pytest.mark.slow
@pytest.mark.parametrize("key", ["all-commands", "process-manager", "three", "default"])
def test_w3_a_switch_of_the_fleet_stops_what_it_names(database: Database, tmp_path: Path, key: str) -> None:
    process_id = start(database)
    disable(database, key)

    stats = work(database)

    assert (status(database, process_id), stats.outcomes) == ("pending", {})
    assert enable(database, key, tmp_path) == ["database"]
    work(database)
    assert status(database, process_id) == "succeeded"


def test_a_switch_is_thrown_by_somebody_and_until_a_moment_that_is_one(database: Database) -> None:
    with database.begin() as connection:
        switches.disable(connection, "night", Act(Actor("b" * 300), "a long name"))
        switches.disable(connection, "three", Act(Actor(" "), "no name"))
    with pytest.raises(IllegalValue, match="is no moment with a time zone"):
        disable(database, "night", until=datetime(2999, 1, 1))  # noqa: DTZ001 - what is refused

    with database.read() as connection:
        thrown = {switch.key: switch.by for switch in store_switches.thrown(connection)}
    assert thrown.keys() == {"night", "three"}
    assert (len(thrown["night"]), thrown["three"]) == (200, "somebody")


@pytest.mark.parametrize("key", ["all-commands", "process-manager", "three", "default"])
@pytest.mark.sqlite_only
def test_w3_a_switch_file_stops_what_it_names(database: Database, tmp_path: Path, key: str) -> None:
    (tmp_path / f"{key}.disabled").touch()
    process_id = start(database)

    work(database, locks_folder=tmp_path)

    assert status(database, process_id) == "pending"


@pytest.mark.sqlite_only
def test_w3_a_running_worker_sees_a_switch_before_its_next_step_within_five_seconds(
    database: Database, tmp_path: Path
) -> None:
    with working(database, locks_folder=tmp_path):
        first = start(database)
        eventually(lambda: status(database, first) == "succeeded", seconds=5)
        (tmp_path / "three.disabled").touch()
        eventually(lambda: status_after_a_while(database) == "pending", seconds=5)
        held = start(database)
        (tmp_path / "three.disabled").unlink()
        eventually(lambda: status(database, held) == "succeeded", seconds=6)


def status_after_a_while(database: Database) -> str:
    process_id = start(database)
    time.sleep(0.2)
    return status(database, process_id)


def test_w3_one_thing_that_is_switched_off_holds_nothing_else(database: Database) -> None:
    disable(database, "night")
    held, free = start(database, Night), start(database, Three)

    work(database, Night, Three)

    assert (status(database, held), status(database, free)) == ("pending", "succeeded")


def test_a_run_ends_only_when_nothing_is_due_in_a_channel_that_came_up_meanwhile(database: Database) -> None:
    came: list[int] = []

    class Opening(Process):
        """Starts a process in a channel that nobody declares, while another channel is disabled."""

        STEPS = {"a": "step"}

        def step(self, run: StepRun) -> Done:
            came.append(start(database, Three, channel="new"))
            return Done()

    start(database, Three, channel="closed")
    start(database, Opening)
    disable(database, "closed")

    stats = work(database, Opening, Three)

    assert status(database, came[0]) == "succeeded"
    assert stats.statuses == {"succeeded": 2}


def test_a_run_that_was_closed_the_whole_time_says_so_only_if_something_was_due(database: Database) -> None:
    disable(database, "all-commands")

    assert not work(database).closed
    start(database)
    assert work(database).closed


def test_w8_a_run_is_closed_when_all_that_is_due_is_though_other_processes_may_run(database: Database) -> None:
    start(database, Night)
    disable(database, "night")

    assert work(database, Night, Three).closed
    start(database, Three)
    assert not work(database, Night, Three).closed


def test_a_worker_is_known_while_it_runs_and_not_afterwards(database: Database) -> None:
    def known() -> list[tuple[object, ...]]:
        return execute(database, "SELECT name, knows FROM workers")

    with working(database) as made:
        found = eventually(known)

    assert found == [(made.name, '[["three", 1, ["a", "b", "c"]]]')]
    assert known() == []


def test_the_process_of_a_disabled_switch_is_not_touched(database: Database) -> None:
    process_id = start(database)
    disable(database, "three")
    before = execute(database, "SELECT * FROM processes")

    worker(database, until_empty=True).run()

    assert execute(database, "SELECT * FROM processes") == before
    assert status(database, process_id) == "pending"


@pytest.mark.sqlite_only
def test_w3_a_switch_file_is_seen_while_another_program_holds_the_database(database: Database, tmp_path: Path) -> None:
    began: list[float] = []

    class Steady(Process):
        """One short step after another, forever."""

        STEPS = {"a": "step"}

        def step(self, run: StepRun) -> Wait:
            began.append(time.monotonic())
            threading.Event().wait(0.05)
            return Wait("again", after=timedelta(milliseconds=1))

    for _ in range(4):
        start(database, Steady)
    with working(database, Steady, locks_folder=tmp_path, lease=timedelta(seconds=6)):
        eventually(lambda: began)
        other = sqlite3.connect(tmp_path / "engine.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        (tmp_path / "steady.disabled").touch()
        thrown = time.monotonic()
        time.sleep(5.5)
        other.execute("ROLLBACK")
        other.close()
        time.sleep(0.5)

    assert max(began) - thrown < 5


@pytest.mark.sqlite_only
def test_a_worker_starts_and_ends_though_it_cannot_say_that_it_lives(database: Database, tmp_path: Path) -> None:
    process_id = start(database)
    execute(database, "DROP TABLE workers")

    assert work(database).statuses == {"succeeded": 1}
    assert status(database, process_id) == "succeeded"


def test_the_row_of_a_worker_that_somebody_removed_is_made_again(database: Database) -> None:
    def known() -> list[tuple[object, ...]]:
        return execute(database, "SELECT name FROM workers")

    with working(database, lease=timedelta(seconds=3)):
        (name,) = eventually(known)
        execute(database, "DELETE FROM workers")
        assert eventually(known) == [name]
