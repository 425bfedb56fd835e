"""Web servers do batches beside their pages: each wave once, whoever of them is up, and whoever dies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from bills import KNOWN, Bill, add_ada, asked, failed, restarts, results, row
from rig import child, eventually, execute, settings, start, work
from web_server import serving

from process_manager.database import Database
from process_manager.store import causes
from process_manager.web.office import Office

pytestmark = pytest.mark.slow


@pytest.fixture
def office(database: Database) -> Database:
    """A database with ada, and bills that fail."""
    add_ada(database)
    return database


def of(database: Database) -> Office:
    return Office.of(settings(), database, KNOWN)


def test_two_servers_do_each_wave_once(office: Database) -> None:
    ids = failed(office, 30)
    with serving(of(office)), serving(of(office)):
        batch_id = asked(office, ids, one_first=True)
        for done in (1, 5, 21, 30):
            eventually(lambda done=done: row(office, batch_id)["done"] == done)  # type: ignore[misc]
            work(office, Bill)
        eventually(lambda: row(office, batch_id)["finished_at"])

    assert restarts(office, ids) == {1}
    assert {each[1:] for each in results(office, batch_id)} == {("done", "succeeded")}


def test_a_server_that_is_killed_in_a_wave_leaves_the_rest_to_another_and_nobody_is_acted_on_twice(
    office: Database, tmp_path: Path
) -> None:
    ids = failed(office, 230)
    batch_id = asked(office, ids)
    with child("serve_pages.py", tmp_path, die=2) as dying:
        assert dying.wait(60) == -9
    assert (row(office, batch_id)["done"], restarts(office, ids[100:])) == (100, {0})

    execute(office, "UPDATE batches SET lease_ends_at = '2026-01-01 00:00:00.000000'")  # nobody waits for half a minute
    with serving(of(office)):
        eventually(lambda: row(office, batch_id)["finished_at"])

    found = row(office, batch_id)
    assert (found["ending"], found["done"], found["refused"], found["skipped"]) == ("done", 230, 0, 0)
    assert restarts(office, ids) == {1}


def test_a_server_that_is_stopped_lets_another_go_on_at_once(office: Database) -> None:
    ids = failed(office, 3)
    with serving(of(office)):
        batch_id = asked(office, ids, one_first=True)
        eventually(lambda: row(office, batch_id)["done"] == 1)
    assert row(office, batch_id)["lease_ends_at"] is None
    work(office, Bill)
    with serving(of(office)):
        eventually(lambda: row(office, batch_id)["finished_at"])

    assert restarts(office, ids) == {1}


def test_what_stopped_before_causes_were_kept_is_sorted(office: Database) -> None:
    failed(office, 3)
    fine = start(office, Bill)
    execute(office, "UPDATE processes SET cause = :unknown WHERE cause IS NOT NULL", unknown=causes.UNKNOWN)

    def known() -> list[Any]:
        return [each for each in execute(office, "SELECT cause FROM processes WHERE status = 'failed'") if each[0]]

    with serving(of(office)):
        eventually(lambda: len(known()) == 3)

    assert execute(office, "SELECT cause FROM processes WHERE id = :id", id=fine) == [(None,)]
