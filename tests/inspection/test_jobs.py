"""Bots and jobs on every database: made once, found by what they are, counted, and read with their bot."""

from dataclasses import replace
from datetime import timedelta

import pytest
from job_pages import ADA, REGISTRY, furnish_jobs
from rig import SEES_ALL, execute

from process_manager import clock
from process_manager.database import Database
from process_manager.errors import BotChanged, Occupied
from process_manager.governance import bots
from process_manager.governance.bot_actions import RerunJob
from process_manager.governance.process_actions import Cancel
from process_manager.inspection import jobs as asked_for
from process_manager.store import jobs as stored


@pytest.mark.every_database
def test_jobs_are_found_by_where_they_stand_and_counted(database: Database) -> None:
    made = furnish_jobs(database)

    with database.read() as connection:
        found = {
            status: [
                each.process.id
                for each in asked_for.jobs(
                    connection, asked_for.filters(status), limit=9, registry=REGISTRY, viewer=SEES_ALL
                ).items
            ]
            for status in (None, *asked_for.STATUSES)
        }
        counts = stored.counts(connection, most=5)
        running = asked_for.job(connection, made["running"], registry=REGISTRY, viewer=SEES_ALL)

    assert found == {
        None: sorted(made.values(), reverse=True),
        "scheduled": [made["scheduled"]],
        "queued": [made["queued"]],
        "running": [made["running"]],
        "cancelling": [made["stopping"]],
        "success": [made["done"]],
        "cancelled": [],
        "failed": [made["failed"]],
    }
    assert counts == (2, 1)
    assert (running.bot_name, running.percent, running.parameters["year"]) == ("Read the rows", 64, 2026)


@pytest.mark.every_database
def test_a_bot_is_changed_as_it_was_seen_and_its_name_is_its_own(database: Database) -> None:
    new, now = bots.NewBot("Reader", "reader"), clock.now()
    made = database.run(lambda connection: bots.create(connection, new, REGISTRY, by="root", now=now))
    other = bots.NewBot("reader", "reader", default_parameters={"year": 2026})
    second = database.run(lambda connection: bots.create(connection, other, REGISTRY, by="root", now=now))

    with database.begin() as connection:
        bot = bots.require(connection, made.id, seen=(1,))
        changed = bots.change(connection, bot, {"enabled": False}, REGISTRY, now=now + timedelta(hours=1))
        with pytest.raises(BotChanged):
            bots.require(connection, made.id, seen=(1,))
        with pytest.raises(Occupied, match="There is a bot named 'Reader' already"):
            bots.create(connection, new, REGISTRY, by="root", now=now)
        bots.delete(connection, second)

    assert (changed.version, changed.enabled, second.id > made.id) == (2, False, True)
    with database.read() as connection:
        assert [each.name for each in bots.page(connection, after=0, limit=5)] == ["Reader"]


@pytest.mark.every_database
def test_a_rerun_is_a_job_of_the_same_bot(database: Database) -> None:
    made = furnish_jobs(database)
    action = RerunJob(made["failed"], registry=REGISTRY, given={"note": "again"})

    again = database.run(lambda connection: action.perform(connection, ADA)).id

    with database.read() as connection:
        found = asked_for.job(connection, again, registry=REGISTRY, viewer=SEES_ALL)
    assert (found.process.rerun_of, found.bot_name, found.status) == (made["failed"], "Read the rows", "queued")
    assert found.parameters == {"year": 2026, "kind": "permit", "note": "again", "dry": False}


@pytest.mark.every_database
def test_what_has_ended_is_walked_bit_by_bit_and_nothing_is_left_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "WALKED", 2)
    made = furnish_jobs(database)

    assert _pages(database, "success") == [[], [], [made["done"]], []]  # it is the oldest of six
    assert _pages(database, "cancelled") == [[]]
    database.run(lambda connection: Cancel(made["queued"], reason="x").perform(connection, ADA))
    database.run(lambda connection: Cancel(made["scheduled"], reason="x").perform(connection, ADA))
    assert _pages(database, "cancelled", limit=1) == [[made["scheduled"]], [made["queued"]]]
    assert _pages(database, "failed") == [[made["failed"]]]


@pytest.mark.slow
@pytest.mark.every_database
def test_a_walk_of_several_statuses_leaves_nothing_out(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "WALKED", 2)
    made = list(furnish_jobs(database).values())
    for place, job_id in enumerate(made):  # of one status there are more than are looked through at once
        _stand(database, job_id, "quarantined" if place < 2 else "failed")

    newest_first = sorted(made, reverse=True)
    for limit in (9, 2, 1):
        pages = _pages(database, "failed", limit=limit)
        assert [each for page in pages for each in page] == newest_first
        assert max(map(len, pages)) <= limit


@pytest.mark.slow
@pytest.mark.every_database
def test_the_jobs_that_somebody_started_are_found_however_old_they_are(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "WALKED", 2)
    made = furnish_jobs(database)
    execute(database, "UPDATE processes SET created_by = 'bob' WHERE id = :id", id=made["done"])

    pages = _pages(database, None, started_by="bob")

    assert [each for page in pages for each in page] == [made["done"]]


def _pages(database: Database, status: str | None, *, limit: int = 9, started_by: str | None = None) -> list[list[int]]:
    """Return the pages of jobs of a status, from the newest to the last."""
    pages: list[list[int]] = []
    below = None
    while not pages or below is not None:
        which = replace(asked_for.filters(status, below=below), started_by=started_by)
        with database.read() as connection:
            found, below = stored.newest(connection, which, limit=limit)
        pages.append(found)
    return pages


def _stand(database: Database, job_id: int, status: str) -> None:
    """Let a job stand stopped in a status."""
    execute(
        database,
        "UPDATE processes SET status = :status, step = 'read', finished_at = NULL, due_at = NULL, "
        "lease_ends_at = NULL, worker = NULL, step_started_at = NULL, waiting_for = NULL WHERE id = :id",
        id=job_id,
        status=status,
    )
