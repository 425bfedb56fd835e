"""Commands: started by a key, one of a key at a time, with a state that one function tells."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rig import NOON, eventually, execute, outcomes, row, start, status, work, working

from process_manager import Done, Process, StepRun, clock, inspection, never, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition import command
from process_manager.definition.registry import Registry
from process_manager.errors import HeldByAnother, NotFound, Refused, SwitchedOff, UsageError
from process_manager.gates.gate import Gates
from process_manager.gates.switches import Switch
from process_manager.inspection import State
from process_manager.operations import Act
from process_manager.store.tables import process_steps

pytestmark = pytest.mark.every_database

ACT = Act(Actor("bodil"), "its worker is gone")


class ImportBooks(Process):
    """Fetch cost invoices from one service."""

    label = "Import Cost Invoices to Books"
    arguments = ("service1", 10)
    STEPS = {"fetch": "fetch"}
    retry = never()

    def fetch(self, run: StepRun) -> Done:
        if run.payload["argument"] == "10":
            raise OSError("service 10 is down")
        return Done(f"{run.payload['argument']} fetched")


class Tidy(Process):
    """Remove what is old."""

    arguments = ()
    STEPS = {"tidy": "tidy"}

    def tidy(self, run: StepRun) -> Done:
        return Done()


REGISTRY = Registry([ImportBooks, Tidy])


def run(database: Database, key: str, argument: str | None = None, locks: Path | None = None) -> int:
    with database.begin() as connection:
        return operations.run_command(
            connection, key, argument=argument, registry=REGISTRY, locks_folder=locks, actor=Actor("bodil")
        )


def states(database: Database, gates: Gates | None = None) -> dict[str, State]:
    return {each.key: each.state for each in look(database, gates)}


def look(database: Database, gates: Gates | None = None) -> list[Any]:
    with database.read() as connection:
        known = command.known(REGISTRY).values()
        return inspection.statuses(connection, known, gates or Gates(), now=clock.now())


def test_each_argument_of_a_command_has_a_key_of_its_own() -> None:
    assert sorted(command.known(REGISTRY)) == ["import-books-10", "import-books-service1", "tidy"]


def test_a_command_is_run_by_its_key_or_by_its_name_and_argument(database: Database) -> None:
    first = run(database, "import-books-service1")
    work(database, ImportBooks, Tidy)
    second = run(database, "import-books", "service1")
    work(database, ImportBooks, Tidy)

    assert outcomes(database, first) == outcomes(database, second) == [("fetch", "done")]


def test_an_unknown_command_is_named_with_the_one_probably_meant() -> None:
    with pytest.raises(NotFound, match="Did you mean 'import-books-service1'"):
        command.find(REGISTRY, "import-book", "service1")


def test_a_command_is_open_at_most_once_and_the_second_learns_by_what(database: Database) -> None:
    first = run(database, "tidy")

    with pytest.raises(HeldByAnother, match=f"Process {first} is held by the command 'tidy'"):
        run(database, "tidy")
    assert run(database, "import-books-10") != first


def test_a_rerun_of_a_command_is_of_its_key_and_not_beside_an_open_one(database: Database) -> None:
    first = run(database, "tidy")
    work(database, Tidy)

    second = rerun(database, first)

    assert (row(database, second)["command_key"], row(database, second)["rerun_of"]) == ("tidy", first)
    for again in (lambda: rerun(database, first), lambda: run(database, "tidy")):
        with pytest.raises(HeldByAnother, match=f"Process {second} is held by the command 'tidy'"):
            again()
    assert execute(database, "SELECT count(*) FROM processes") == [(2,)]


def rerun(database: Database, process_id: int) -> int:
    with database.begin() as connection:
        return operations.rerun(connection, process_id, registry=REGISTRY, actor=Actor("bodil"))


@pytest.mark.parametrize(("process", "hint"), [(Tidy, "run-command tidy`"), (ImportBooks, "import-books ARGUMENT`")])
def test_a_command_is_not_started_without_its_key(database: Database, process: type[Process], hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        start(database, process)

    assert execute(database, "SELECT count(*) FROM processes") == [(0,)]


def made(name: str, version: int, arguments: Any) -> type[Process]:
    return type("Made", (Tidy,), {"name": name, "version": version, "arguments": arguments})


def test_only_the_newest_version_of_a_process_says_what_its_commands_are() -> None:
    old, new, other = made("books", 1, ("a", "b")), made("books", 2, ("b", "c")), made("tidy", 1, ())

    known = command.known(Registry([new, old, other, made("tidy", 2, None)]))

    assert {key: each.process for key, each in known.items()} == {"books-b": new, "books-c": new}


def test_two_commands_with_one_key_are_refused_naming_both() -> None:
    shared = Registry([made("import", 1, ("books-a",)), made("import-books", 1, ("a",))])

    with pytest.raises(UsageError, match="'import' and 'import-books' both have the key 'import-books-a'"):
        command.known(shared)


def test_a_command_that_is_switched_off_is_not_started(database: Database, tmp_path: Path) -> None:
    with database.begin() as connection:
        operations.disable(connection, "import-books-10", ACT)
    (tmp_path / "tidy.disabled").touch()

    for key in ("import-books-10", "tidy"):
        with pytest.raises(SwitchedOff, match=f"enable {key}"):
            run(database, key, locks=tmp_path)
    assert execute(database, "SELECT count(*) FROM processes") == [(0,)]
    assert run(database, "tidy") == 1  # whoever names no folder asks the fleet's switches alone
    assert run(database, "import-books-service1", locks=tmp_path) == 2


def test_w6_idle_working_error_and_disabled_are_told_for_each_argument(database: Database) -> None:
    before = states(database)
    run(database, "import-books-10")
    during = states(database)
    work(database, ImportBooks)
    after = states(database)
    disabled = states(database, Gates({"tidy": Switch("tidy", "", "bodil", NOON)}))

    assert set(before.values()) == {State.IDLE}
    assert during["import-books-10"] is State.WORKING
    assert (after["import-books-10"], after["import-books-service1"]) == (State.ERROR, State.IDLE)
    assert (disabled["tidy"], disabled["import-books-service1"]) == (State.DISABLED, State.IDLE)


def test_w6_the_last_errors_of_72_hours_are_told(database: Database) -> None:
    process_id = run(database, "import-books-10")
    work(database, ImportBooks)

    (found,) = [each for each in look(database) if each.key == "import-books-10"]

    assert [(fault.process_id, fault.step, fault.message) for fault in found.errors] == [
        (process_id, "fetch", "OSError: service 10 is down")
    ]
    execute(database, "UPDATE process_steps SET finished_at = '2026-01-01 00:00:00.000000'")
    assert [each.errors for each in look(database)] == [(), (), ()]


def test_w6_a_command_that_often_fails_hides_no_errors_of_another(database: Database) -> None:
    quiet = run(database, "import-books-10")
    work(database, ImportBooks)
    chatty = run(database, "tidy")
    fail_often(database, chatty)

    errors = {each.key: [(fault.process_id, fault.message) for fault in each.errors] for each in look(database)}

    assert errors == {
        "import-books-10": [(quiet, "OSError: service 10 is down")],
        "import-books-service1": [],
        "tidy": [(chatty, f"error {number}") for number in range(60, 50, -1)],
    }


def fail_often(database: Database, process_id: int) -> None:
    now = clock.now()
    row = {"process_id": process_id, "round": 1, "step": "tidy", "outcome": "retry", "worker": "w", "started_at": now,
           "finished_at": now}  # fmt: skip
    rows = [{**row, "seq": number, "attempt": number, "message": f"error {number}"} for number in range(1, 61)]
    with database.begin() as connection:
        connection.execute(sa.insert(process_steps), rows)


@pytest.mark.slow
def test_w6_a_command_whose_worker_is_gone_is_locked_and_unlock_frees_it(database: Database) -> None:
    process_id = run(database, "tidy")
    gone = clock.now() - timedelta(seconds=1)
    hold(database, process_id, gone)

    locked = states(database)["tidy"]
    with database.begin() as connection:
        freed = operations.unlock(connection, "tidy", ACT, registry=REGISTRY)

    assert (locked, freed) == (State.LOCKED, process_id)
    assert outcomes(database, process_id) == [("tidy", "lost"), ("tidy", "unlock")]
    work(database, Tidy)
    assert status(database, process_id) == "succeeded"


def test_a_switch_does_not_hide_what_is_held(database: Database) -> None:
    """An operator restarts a database when a disabled command no longer is Working."""
    off = Gates({"tidy": Switch("tidy", "SAP is down", "bodil", NOON)})
    process_id = run(database, "tidy")
    due = standing(database, off)
    hold(database, process_id, clock.now() + timedelta(minutes=1))
    running = standing(database, off)
    execute(database, "UPDATE processes SET lease_ends_at = '2026-01-01 00:00:00.000000'")
    gone = standing(database, off)
    execute(
        database, "UPDATE processes SET status = 'failed', lease_ends_at = NULL, worker = NULL, step_started_at = NULL"
    )

    why = "'tidy' is disabled by bodil (database): SAP is down"
    assert [due, running, gone, standing(database, off)] == [
        (State.DISABLED, why),
        (State.WORKING, f"finishing step 'tidy'; {why}"),
        (State.LOCKED, f"its worker is gone; {why}"),
        (State.ERROR, f"failed at step 'tidy'; {why}"),
    ]


def standing(database: Database, gates: Gates) -> tuple[State, str]:
    """State and detail of `tidy`."""
    return next((each.state, each.detail) for each in look(database, gates) if each.key == "tidy")


def hold(database: Database, process_id: int, until: Any) -> None:
    from process_manager.store import claiming
    from process_manager.store.claiming import Lease

    with database.begin() as connection:
        assert claiming.claim_one(connection, process_id, Lease("elsewhere", clock.now(), until)) is not None


def test_unlock_leaves_a_command_whose_worker_lives(database: Database) -> None:
    hold(database, run(database, "tidy"), clock.now() + timedelta(minutes=1))

    with database.begin() as connection, pytest.raises(HeldByAnother, match="which is alive"):
        operations.unlock(connection, "tidy", ACT, registry=REGISTRY)


def test_unlock_of_what_no_worker_holds_says_what_to_do(database: Database) -> None:
    with database.begin() as connection, pytest.raises(NotFound, match="idle"):
        operations.unlock(connection, "tidy", ACT, registry=REGISTRY)
    run(database, "tidy")
    with database.begin() as connection, pytest.raises(Refused, match="no worker holds it"):
        operations.unlock(connection, "tidy", ACT, registry=REGISTRY)


@pytest.mark.sqlite_only
def test_unlock_of_what_changed_this_very_moment_is_refused_and_nothing_is_written(database: Database) -> None:
    process_id = run(database, "tidy")
    hold(database, process_id, clock.now() - timedelta(seconds=1))
    execute(database, "CREATE TRIGGER quicker BEFORE UPDATE ON processes BEGIN SELECT RAISE(IGNORE); END")

    with pytest.raises(Refused, match="changed this very moment"), database.begin() as connection:
        operations.unlock(connection, "tidy", ACT, registry=REGISTRY)

    assert execute(database, "SELECT count(*) FROM process_steps") == [(0,)]


def test_the_switch_of_one_argument_holds_only_that_one(database: Database) -> None:
    held, free = run(database, "import-books-10"), run(database, "import-books-service1")
    with database.begin() as connection:
        operations.disable(connection, "import-books-10", ACT)

    with working(database, ImportBooks):
        eventually(lambda: status(database, free) == "succeeded")

    assert status(database, held) == "pending"
