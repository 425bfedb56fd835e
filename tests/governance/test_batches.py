"""Batches: one act on many, one first and the others once that has passed; nobody is acted on twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bills import ADA, NONE, Bill, add_ada, asked, failed, results, row, runner
from rig import Three, abandon, execute, history, restart, start, status, work

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.errors import BatchEnded, IllegalValue, NotFound, ReasonRequired, UsageError
from process_manager.governance import acting, batch_runner, users
from process_manager.governance.batch_actions import StartBatch, StopBatch
from process_manager.governance.batch_runner import LEASE, Turn
from process_manager.governance.batches import BatchRequest
from process_manager.store import batches as store

pytestmark = pytest.mark.every_database


@pytest.fixture
def office(database: Database) -> Database:
    """A database with ada, and bills that fail."""
    add_ada(database)
    return database


def test_one_is_restarted_first_and_the_others_follow_in_growing_waves(office: Database) -> None:
    ids = failed(office, 30)
    batch_id = asked(office, ids, one_first=True)
    server = runner(office)
    (held,) = server.take()
    sizes = []
    while True:
        before = row(office, batch_id)["done"]
        turn = server.turn(held)
        if turn is Turn.ENDED:
            break
        sizes.append(row(office, batch_id)["done"] - before)
        assert server.turn(held) is Turn.WAITS or sizes[-1] == 9  # those are looked after no more
        work(office, Bill)

    assert sizes == [1, 4, 16, 9]
    assert results(office, batch_id) == [(each, "done", "succeeded") for each in ids]
    assert (row(office, batch_id)["ending"], row(office, batch_id)["done"]) == ("done", 30)
    told = history(office, ids[7])[1]
    assert (told.outcome, told.by, told.message) == ("restart", "ada", f"the network is up (batch {batch_id})")


def test_the_rest_is_left_alone_when_the_first_fails_again(office: Database) -> None:
    bad, *good = failed(office, 1, bad=True) + failed(office, 3)
    batch_id = asked(office, [bad, *good], one_first=True)
    server = runner(office)
    (held,) = server.take()

    assert server.turn(held) is Turn.WENT_ON
    work(office, Bill)
    assert server.turn(held) is Turn.ENDED

    assert row(office, batch_id)["ending"] == "failed"
    assert results(office, batch_id) == [(bad, "done", "failed"), *((each, None, "failed") for each in good)]
    assert server.take() == []


def test_who_was_first_elsewhere_is_skipped_and_the_next_is_the_first(office: Database) -> None:
    ids = failed(office, 3)
    batch_id = asked(office, ids, one_first=True)
    restart(office, ids[0], Bill)
    abandon(office, ids[1])
    server = runner(office)
    (held,) = server.take()

    turns = [server.turn(held) for _ in range(3)]

    assert turns == [Turn.WENT_ON] * 3
    assert [each[1] for each in results(office, batch_id)] == ["skipped", "skipped", "done"]
    found = row(office, batch_id)
    assert (found["done"], found["refused"], found["skipped"]) == (1, 0, 2)


def test_without_one_first_all_are_done_at_once_a_hundred_in_a_transaction(office: Database) -> None:
    ids = failed(office, 2)
    batch_id = asked(office, ids, act="abandon")
    server = runner(office)
    (held,) = server.take()

    assert [server.turn(held), server.turn(held)] == [Turn.WENT_ON, Turn.ENDED]
    assert results(office, batch_id) == [(each, "done", "abandoned") for each in ids]


def test_one_that_cannot_be_restarted_is_told_with_the_reason_and_stops_no_other(office: Database) -> None:
    ids = failed(office, 1)
    fine = start(office, Three)
    work(office, Three)
    batch_id = asked(office, [*ids, fine, 999])
    server = runner(office)
    (held,) = server.take()
    server.turn(held)

    assert results(office, batch_id) == [(ids[0], "done", "pending"), (fine, "refused", "succeeded")]
    with office.read() as connection:
        said = store.items(connection, batch_id, after=1, limit=9)[0]["message"]
    assert "has succeeded" in said


def test_nobody_takes_what_another_holds_until_it_gives_no_sign_of_life(office: Database) -> None:
    batch_id = asked(office, failed(office, 6), one_first=True)
    first, second = runner(office), runner(office, "web-2")
    (held,) = first.take()
    first.turn(held)

    assert second.take() == []
    clock.follow(clock.now() - clock.host() + LEASE + timedelta(seconds=1))
    (taken,) = second.take()
    work(office, Bill)

    assert first.turn(held) is Turn.ENDED
    assert second.turn(taken) is Turn.WENT_ON
    assert (row(office, batch_id)["runner"], row(office, batch_id)["done"]) == ("web-2", 5)


def test_a_server_that_was_slow_does_nothing_of_what_another_took(office: Database) -> None:
    ids = failed(office, 3)
    batch_id = asked(office, ids)
    first, second = runner(office), runner(office, "web-2")
    (held,) = first.take()
    seen = row(office, batch_id)
    with office.read() as connection:
        items = store.following(connection, batch_id, after=0, limit=9)
    clock.follow(clock.now() - clock.host() + LEASE + timedelta(seconds=1))
    (taken,) = second.take()
    second.turn(taken)

    wave = batch_runner._Wave(held, seen, items, -1)  # type: ignore[arg-type]
    assert first._act(wave, ADA) is Turn.ENDED

    assert [len(history(office, each)) for each in ids] == [2, 2, 2]


def test_a_crash_before_the_commit_leaves_nothing_done_and_the_next_server_does_it_once(office: Database) -> None:
    ids = failed(office, 3)
    batch_id = asked(office, ids)
    server = runner(office)
    (held,) = server.take()

    class CrashError(Exception):
        pass

    class Dying(batch_runner._Wave):
        def note(self, *given: Any) -> None:
            super().note(*given)
            raise CrashError

    with office.read() as connection:
        items = store.following(connection, batch_id, after=0, limit=9)
    with pytest.raises(CrashError):
        server._act(Dying(held, row(office, batch_id), items, -1), ADA)  # type: ignore[arg-type]
    assert [status(office, each) for each in ids] == ["failed"] * 3
    assert row(office, batch_id)["position"] == 0

    server.turn(held)
    assert [each[1] for each in results(office, batch_id)] == ["done"] * 3
    assert [len(history(office, each)) for each in ids] == [2, 2, 2]


def test_it_is_stopped_between_two_waves(office: Database) -> None:
    ids = failed(office, 6)
    batch_id = asked(office, ids, one_first=True)
    server = runner(office)
    (held,) = server.take()
    server.turn(held)

    acting(office, Actor("bo", is_person=True, way="page"), StopBatch(batch_id, "bill"), policies=NONE)
    work(office, Bill)

    assert server.turn(held) is Turn.ENDED
    assert (row(office, batch_id)["ending"], row(office, batch_id)["ended_by"]) == ("asked", "bo")
    assert [each[1] for each in results(office, batch_id)] == ["done", *[None] * 5]
    with pytest.raises(BatchEnded):
        acting(office, ADA, StopBatch(batch_id, "bill"), policies=NONE)
    with pytest.raises(NotFound):
        acting(office, ADA, StopBatch(99, "bill"), policies=NONE)


@pytest.mark.parametrize("what", ["role", "disabled"])
def test_it_ends_when_who_started_it_may_do_it_no_more(office: Database, what: str) -> None:
    ids = failed(office, 6)
    batch_id = asked(office, ids, one_first=True)
    server = runner(office)
    (held,) = server.take()
    server.turn(held)
    work(office, Bill)
    if what == "role":
        office.run(lambda connection: users.set_role(connection, "ada", Role.VIEWER, now=clock.now()))
    else:
        office.run(lambda connection: users.disable(connection, "ada", now=clock.now()))

    assert server.turn(held) is Turn.ENDED
    assert row(office, batch_id)["ending"] == "forbidden"
    assert [each[1] for each in results(office, batch_id)] == ["done", *[None] * 5]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"act": "explode"}, UsageError),
        ({"reason": " "}, ReasonRequired),
        ({"ids": []}, UsageError),
        ({"act": "abandon", "one_first": True}, UsageError),
        ({"ids": range(100_001)}, IllegalValue),
    ],
)
def test_a_batch_that_makes_no_sense_is_not_written(
    office: Database, changes: dict[str, Any], problem: type[Exception]
) -> None:
    request = BatchRequest(**{"act": "restart", "reason": "x", "ids": [1], "asked": {}, **changes})

    with pytest.raises(problem):
        acting(office, ADA, StartBatch(request), policies=NONE)

    assert execute(office, "SELECT * FROM batches") == []


def test_ten_thousand_are_chosen_in_a_few_statements(office: Database) -> None:
    one = start(office, Three)
    columns = "name, version, channel, step, status, due_at, parameters, created_at, created_by, updated_at"
    for _ in range(13):
        execute(office, f"INSERT INTO processes ({columns}) SELECT {columns} FROM processes")  # noqa: S608 - ours
    ids = [each[0] for each in execute(office, "SELECT id FROM processes")]

    batch_id = asked(office, ids)

    assert (row(office, batch_id)["total"], len(ids)) == (8_192, 8_192)
    with office.read() as connection:
        (last,) = store.items(connection, batch_id, after=8_191, limit=9)
    assert (last["number"], last["process_id"], last["step"]) == (8_192, max(ids), "a")
    assert min(ids) == one
