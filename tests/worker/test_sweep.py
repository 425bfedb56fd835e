"""What rests in its lane behind nobody: a worker finds it, makes it due and counts it, and looks at little for that."""

from datetime import UTC, datetime

import pytest
from backends import overheard
from rig import Bench, Three, execute, row, start, status, work

from process_manager.database import Database
from process_manager.inspection import invariants
from process_manager.inspection.findings import Result
from process_manager.store import lane_sweep, lanes
from process_manager.worker.lane_sweep import LaneSweep

pytestmark = pytest.mark.every_database
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def leave_behind(database: Database, *ids: int) -> None:
    """As a caller does that saw its lane as it was long before."""
    for process_id in ids:
        execute(
            database,
            "UPDATE processes SET status = 'waiting', waiting_for = 'lane', due_at = NULL WHERE id = :id",
            id=process_id,
        )


def sweep(database: Database, made: LaneSweep) -> int:
    """How many statements it sent."""
    with database.begin() as connection, overheard(database) as said:
        made.go_on(connection, NOW)
    return len(said)


def test_a_process_that_rests_behind_nobody_is_made_due_run_and_counted(database: Database) -> None:
    first, behind = (start(database, order_key="a") for _ in range(2))
    leave_behind(database, first)

    work(database, Three)

    with database.read() as connection:
        finding = invariants.left_behind(connection)
    assert (status(database, first), status(database, behind)) == ("succeeded", "succeeded")
    assert (finding.result, finding.count, finding.ids) == (Result.WARNING, 1, (first,))
    said = f"1 process waited in a lane behind nobody until a worker noticed; the latest was process {first}, at 2"
    assert finding.message.startswith(said)


def test_what_was_left_behind_again_is_added_to_the_count(database: Database) -> None:
    ids = [start(database, order_key=key) for key in "abc"]
    leave_behind(database, *ids[:2])
    sweep(database, LaneSweep())
    leave_behind(database, ids[2])
    sweep(database, LaneSweep())

    with database.read() as connection:
        counted = lane_sweep.counted(connection)

    assert counted is not None
    assert (counted.number, counted.process_id, counted.found_at) == (3, ids[2], NOW)


def test_one_that_waits_for_its_moment_is_made_to_wait_for_it(database: Database) -> None:
    later = datetime(2030, 1, 1, tzinfo=UTC)
    head = start(database, order_key="a", at=later)
    leave_behind(database, head)

    sweep(database, LaneSweep())

    found = row(database, head)
    assert (found["status"], found["waiting_for"], found["due_at"]) == ("waiting", "moment", later)


def test_where_all_is_as_it_should_be_a_sweep_is_one_statement_and_nothing_is_counted(database: Database) -> None:
    for key in ("a", "a", "b", None):
        start(database, order_key=key)

    said = sweep(database, LaneSweep())

    with database.read() as connection:
        finding = invariants.left_behind(connection)
    assert said == 1
    assert (finding.result, finding.count) == (Result.OK, 0)


def test_a_sweep_goes_on_where_it_ended_and_begins_anew_behind_the_last(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane_sweep, "FEW", 3)
    ids = [start(database, order_key=key) for key in ("a", "a", "a", "a", "b", "c")]
    made = LaneSweep()
    sweep(database, made)  # the first three, all of lane a
    leave_behind(database, ids[0], ids[5])

    sweep(database, made)  # b and c: the end
    assert (row(database, ids[5])["status"], row(database, ids[0])["status"]) == ("pending", "waiting")

    sweep(database, made)
    assert row(database, ids[0])["status"] == "pending"


def test_a_lane_that_another_holds_is_left_to_the_next_sweep(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("who writes there has the whole file")
    head = start(database, order_key="a")
    leave_behind(database, head)
    made = LaneSweep()
    with database.engine.begin() as other:
        lanes.lock(other, ["a"])
        sweep(database, made)
        assert row(database, head)["status"] == "waiting"

    sweep(database, made)

    assert row(database, head)["status"] == "pending"


def test_a_worker_that_found_nothing_due_sweeps_all_the_same(database: Database) -> None:
    head = start(database, order_key="a")
    leave_behind(database, head)

    jobs = Bench(database, Three).write()

    assert [job.claim.id for job in jobs] == [head]
