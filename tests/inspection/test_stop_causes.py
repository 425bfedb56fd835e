"""Why processes have stopped, counted by every database: by status, kind, step and words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from freezegun import freeze_time
from rig import NOON, Three, execute, odd, restart, start, work

from process_manager import Done, Retry
from process_manager.database import Database, connect, schema
from process_manager.inspection import StopCauses, causes
from process_manager.lifecycle.retry import every
from process_manager.store import causes as store
from process_manager.store import filters
from process_manager.store.filters import Filter

pytestmark = pytest.mark.every_database

SAID = {"down": "SAP is down, try {} again", "locked": "row {} is locked by 'user {}'"}
Bad = odd(
    lambda run: (
        Retry(SAID[run.payload["is"]].format(run.process_id, run.process_id))
        if run.payload["is"] in SAID
        else Done("it is")
    ),
    retry=every(seconds=1, attempts=1),
)


def stopped(database: Database, **counts: int) -> list[int]:
    """So many processes that have stopped for each of these."""
    ids = [start(database, Bad, {"is": name}) for name, count in counts.items() for _ in range(count)]
    work(database, Bad)
    return ids


def found(database: Database) -> StopCauses:
    with database.read() as connection:
        return causes(connection)


def told(database: Database) -> list[tuple[str, int, int]]:
    """What each cause says, how many they are, and how many others have passed."""
    return [(each.said.partition(" ")[0], each.number, each.passed) for each in found(database).items]


def test_each_cause_is_counted_and_those_that_passed_since(database: Database) -> None:
    with freeze_time(NOON) as frozen:
        ids = stopped(database, down=3, locked=2)
        assert told(database) == [("SAP", 3, 0), ("row", 2, 0)]
        (first, _) = found(database).items
        assert (first.name, first.version, first.step, first.status) == ("odd", 1, "do", "failed")
        assert {each.id for each in first.examples} == {ids[0], ids[2]}
        assert first.oldest == first.newest == NOON

        frozen.tick(timedelta(minutes=1))
        stopped(database, fine=4, locked=1)

    assert sorted(told(database)) == [("SAP", 3, 4), ("row", 3, 0)]


def test_its_key_finds_its_processes_and_what_goes_on_is_none_of_them(database: Database) -> None:
    ids = stopped(database, down=2, locked=1)
    key = found(database).items[0].keys
    restart(database, ids[0], Bad)

    with database.read() as connection:
        assert filters.matching(connection, Filter(cause=key)) == [ids[1]]
        assert filters.newest(connection, Filter(cause=key, status=("failed",)), limit=9) == [ids[1]]
        assert filters.matching(connection, Filter(cause=key, status=("pending",))) == []
    assert told(database) == [("SAP", 1, 0), ("row", 1, 0)]


def test_what_stopped_before_causes_were_kept_is_sorted_in_portions(database: Database) -> None:
    stopped(database, down=3)
    start(database, Three)
    expected = told(database)
    execute(database, "UPDATE processes SET cause = '' WHERE cause IS NOT NULL")
    assert (found(database).items, found(database).unsorted) == ((), 3)

    sizes = [database.run(lambda connection: store.sort_some(connection, most=2)) for _ in range(3)]

    assert (sizes, told(database)) == ([2, 1, 0], expected)


def test_an_upgrade_marks_what_had_stopped_before_as_not_sorted_yet(tmp_path: Path) -> None:
    made = connect(f"sqlite:///{tmp_path / 'before.db'}")
    schema.upgrade(made, "head")
    ids = stopped(made, down=2, fine=1)
    schema.downgrade(made, "0017")
    schema.upgrade(made, "head")

    assert execute(made, "SELECT id, cause, stopped_at = updated_at FROM processes WHERE cause IS NOT NULL") == [
        (each, store.UNKNOWN, 1) for each in ids[:2]
    ]
    made.close()
