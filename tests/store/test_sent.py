"""What is sent to Celery: marked once, claimed once, and found by an index however much is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from backends import overheard
from freezegun import freeze_time
from rig import NOON, row, start
from rows import LEASE, THREE, claim

from process_manager.database import Database
from process_manager.store import sent
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest
from process_manager.store.sent import SentMark

pytestmark = pytest.mark.every_database

OURS = Lease("celery@here:1:abc", NOON, NOON + LEASE)
BY_DEFAULT = replace(THREE, channels=("default",))


@pytest.fixture(autouse=True)
def noon() -> Any:
    with freeze_time(NOON):
        yield


def due_now(database: Database, request: ClaimRequest = BY_DEFAULT, limit: int = 10) -> list[tuple[int, int]]:
    with database.read() as connection:
        return sent.due_now(connection, request, now=NOON, limit=limit)


def mark(database: Database, *ids: int, fence: int = 0) -> None:
    with database.begin() as connection:
        sent.mark(connection, [SentMark(id_, fence, "default", NOON) for id_ in ids])


def marks(database: Database) -> list[SentMark]:
    with database.read() as connection:
        return sent.marks(connection)


def take(database: Database, process_id: int, fence: int) -> int | None:
    """The fence of the claim."""
    with database.begin() as connection:
        found = sent.claim(connection, process_id, fence, OURS)
    return None if found is None else found.fence


def test_the_longest_due_of_a_channel_are_found_first_and_no_more_than_asked_for(database: Database) -> None:
    start(database, channel="night")
    later = start(database)
    with freeze_time(NOON - timedelta(hours=1)):
        earlier = start(database)
    start(database, at=NOON + timedelta(hours=1))

    assert due_now(database) == [(earlier, 0), (later, 0)]
    assert due_now(database, limit=1) == [(earlier, 0)]


def test_who_looks_for_what_is_due_locks_none_of_it(database: Database) -> None:
    process_id = start(database)
    with database.read() as connection:
        assert sent.due_now(connection, BY_DEFAULT, now=NOON, limit=5) == [(process_id, 0)]

        if database.dialect != "sqlite":  # where one transaction writes at a time
            assert [each.id for each in claim(database)] == [process_id]


def test_a_mark_stands_until_its_process_is_claimed(database: Database) -> None:
    kept, taken = start(database), start(database)
    mark(database, kept, taken)

    assert take(database, taken, 0) == 1

    assert [(each.process_id, each.is_due) for each in marks(database)] == [(kept, True), (taken, False)]
    with database.begin() as connection:
        sent.unmark(connection, [(taken, 0), (99, 7)])
    assert marks(database) == [SentMark(kept, 0, "default", NOON)]


def test_a_mark_that_another_made_refuses_all_of_them(database: Database) -> None:
    first, second = start(database), start(database)
    mark(database, second)

    with pytest.raises(sa.exc.IntegrityError):
        mark(database, first, second)

    assert [each.process_id for each in marks(database)] == [second]


def test_a_message_that_comes_again_claims_nothing(database: Database) -> None:
    process_id = start(database)

    assert [take(database, process_id, 0), take(database, process_id, 0)] == [1, None]
    assert row(database, process_id)["fence"] == 1


def test_a_message_claims_neither_what_is_not_due_yet_nor_under_another_fence(database: Database) -> None:
    later, now = start(database, at=NOON + timedelta(hours=1)), start(database)

    assert [take(database, later, 0), take(database, now, 1), take(database, 99, 0)] == [None, None, None]
    assert row(database, now)["status"] == "pending"


@pytest.mark.sqlite_only
def test_what_is_due_is_found_by_the_index_and_marks_by_their_keys(database: Database) -> None:
    process_id = start(database)
    mark(database, process_id)

    with overheard(database) as said:
        due_now(database)
        marks(database)
        take(database, process_id, 0)

    plans = {text: plan(database, text) for text in said if text.startswith(("SELECT", "UPDATE"))}
    assert len(plans) == 4
    assert [step for steps in plans.values() for step in steps if step.startswith("SCAN processes")] == []
    (found,) = [steps for text, steps in plans.items() if "FROM (SELECT" in text]
    assert any("ix_processes_channel" in step for step in found)


def plan(database: Database, text: str) -> list[str]:
    with database.read() as connection:
        return [step[3] for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text.replace('?', 'NULL')}")]
