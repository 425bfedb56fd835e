"""Many threads at once on one database: nothing is taken twice, nothing is left behind, whoever is first is the one."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

import pytest
import sqlalchemy as sa
from rig import Bench, Three, abandon, claim_request, eventually, execute, restart, start
from rows import answer

from process_manager import Reject, Skip, clock, operations
from process_manager.database import Database
from process_manager.errors import ProcessManagerError
from process_manager.lifecycle.claim import Claim
from process_manager.operations import Start, Started
from process_manager.store import claiming, recording
from process_manager.store.claiming import Lease

pytestmark = pytest.mark.every_database

T = TypeVar("T")
THREE = claim_request(("three", 1))


def crowd(size: int, act: Callable[[int], T]) -> list[T]:
    """What each of so many threads answers, all of which begin at once."""
    ready = threading.Barrier(size)

    def begin(number: int) -> T:
        ready.wait(30)
        return act(number)

    with ThreadPoolExecutor(size) as threads:
        return list(threads.map(begin, range(size)))


def take(connection: sa.Connection, worker: str, limit: int) -> list[Claim]:
    now = clock.now()
    return claiming.claim_due(connection, THREE, Lease(worker, now, now + timedelta(seconds=90)), limit=limit)


def test_eight_that_claim_at_once_take_every_process_and_none_twice(database: Database) -> None:
    with database.begin() as connection:
        ids = [each.id for each in operations.start_many(connection, [Start(Three)] * 400)]

    def claims(number: int) -> list[int]:
        found: list[int] = []
        while batch := database.run(lambda connection: take(connection, f"w{number}", limit=7)):
            found += [each.id for each in batch]
        return found

    found = [each for claimed in crowd(8, claims) for each in claimed]
    while left := database.run(lambda connection: take(connection, "last", limit=50)):
        found += [each.id for each in left]  # what others held locked when the last of them looked

    assert sorted(found) == ids
    assert execute(database, "SELECT DISTINCT status, fence FROM processes") == [("running", 1)]


def test_what_another_transaction_holds_is_not_taken_for_nothing_due(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("one transaction at a time")
    start(database, Three)
    bench = Bench(database, Three)

    with suppress(ZeroDivisionError), database.begin() as other:
        assert take(other, "other", limit=1)
        assert (bench.write(), bench.claims.empty) == ([], False)
        raise ZeroDivisionError

    (job,) = bench.write()
    assert (job.claim.worker, bench.claims.empty) == ("bench", False)


def test_eight_that_claim_record_and_renew_at_once_lose_and_double_nothing(database: Database) -> None:
    with database.begin() as connection:
        ids = [each.id for each in operations.start_many(connection, [Start(Three)] * 120)]

    def works(number: int) -> None:
        while held := database.run(lambda connection: take(connection, f"w{number}", limit=5)):
            pairs = [(each.id, each.fence) for each in held]
            until = clock.now() + timedelta(minutes=5)
            ours: set[int] = set()
            while len(ours) < len(held):  # another that claims may hold a row for a moment: it is passed over
                ours |= database.run(lambda connection: claiming.renew(connection, pairs, lease_ends_at=until))  # noqa: B023
            assert ours == {each.id for each in held}
            attempts = [answer(each, Skip("none"), at=clock.now()) for each in held]
            kept = database.run(lambda connection: recording.record(connection, attempts).kept)  # noqa: B023
            assert len(kept) == len(held)

    crowd(8, works)
    works(9)

    assert execute(database, "SELECT status, count(*) FROM processes GROUP BY status") == [("skipped", len(ids))]
    told = execute(database, "SELECT process_id, count(*) FROM process_steps GROUP BY process_id")
    assert Counter(dict(told)) == Counter(dict.fromkeys(ids, 1))


@pytest.mark.parametrize("lane", [None, "lane"])
def test_sixteen_starts_with_one_dedup_key_are_one_process(database: Database, lane: str | None) -> None:
    def starts(_number: int) -> Started:
        return database.run(lambda connection: operations.start(connection, Three, dedup_key="k", order_key=lane))

    found = crowd(16, starts)

    assert len({each.id for each in found}) == 1
    assert [each.is_new for each in found].count(True) == 1
    assert execute(database, "SELECT id, status FROM processes") == [(found[0].id, "pending")]


def test_a_dedup_key_that_is_freed_and_taken_at_once_always_has_one_answer(database: Database) -> None:
    def churns(_number: int) -> list[Started]:
        made = []
        for _ in range(25):
            made.append(database.run(lambda connection: operations.start(connection, Three, dedup_key="k")))
            with suppress(ProcessManagerError):
                abandon(database, made[-1].id)
        return made

    found = [each for made in crowd(8, churns) for each in made]

    new = [each.id for each in found if each.is_new]
    assert len(new) == len(set(new))
    assert {each.id for each in found} == set(new)
    assert execute(database, "SELECT count(*) FROM processes") == [(len(new),)]
    assert execute(database, "SELECT * FROM dedup_keys") == []


def test_a_key_that_is_freed_just_after_it_was_found_taken_goes_to_the_start_that_waited(database: Database) -> None:
    if database.dialect != "postgresql":
        pytest.skip("elsewhere nobody frees a key while another start looks at it")
    freed: list[int] = []

    def free(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO dedup_keys") and threading.current_thread() is second and not freed:
            freed.append(first.id)
            abandon(database, first.id)

    found: list[Started] = []
    second = threading.Thread(
        target=lambda: found.extend(
            database.run(
                lambda connection: operations.start_many(connection, [Start(Three, dedup_key="k"), Start(Three)])
            )
        )
    )
    sa.event.listen(database.engine, "after_cursor_execute", free)
    try:
        with database.begin() as connection:
            first = operations.start(connection, Three, dedup_key="k")
            second.start()
            eventually(lambda: execute(database, WAITING))
        second.join(15)
    finally:
        sa.event.remove(database.engine, "after_cursor_execute", free)

    assert freed == [first.id]
    assert [(each.id - first.id, each.is_new) for each in found] == [(1, True), (2, True)]
    assert execute(database, "SELECT process_id FROM dedup_keys") == [(first.id + 1,)]


WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.mark.parametrize("times", range(5))
def test_of_a_start_and_a_restart_with_one_dedup_key_at_once_one_has_it(database: Database, times: int) -> None:
    first = start(database, dedup_key="k")
    (held,) = database.run(lambda connection: take(connection, "w", limit=1))
    database.run(lambda connection: recording.record(connection, [answer(held, Reject("no"), at=clock.now())]))

    def acts(number: int) -> None:
        if number % 2:
            database.run(lambda connection: operations.start(connection, Three, dedup_key="k"))
        else:
            with suppress(ProcessManagerError):
                restart(database, first)

    crowd(4, acts)

    ((holder,),) = execute(database, "SELECT process_id FROM dedup_keys")
    assert execute(database, "SELECT id FROM processes WHERE finished_at IS NULL") == [(holder,)]


def test_a_lane_in_which_eight_start_end_and_restart_at_once_has_one_due_and_all_of_it_ends(
    database: Database,
) -> None:
    def acts(number: int) -> None:
        dice = random.Random(number)  # noqa: S311
        for _ in range(15):
            with suppress(ProcessManagerError):
                one_act(database, dice)

    crowd(8, acts)

    while execute(database, "SELECT 1 FROM processes WHERE finished_at IS NULL"):
        for key in ("p", "q"):
            opened = execute(
                database,
                "SELECT id, status, waiting_for FROM processes WHERE order_key = :key AND finished_at IS NULL"
                " ORDER BY id",
                key=key,
            )
            assert [status for _, status, why in opened if why != "lane"] == ["pending"][: len(opened)], opened
            if opened:
                assert opened[0][2] is None, "the head waits in its lane"
                abandon(database, opened[0][0])
    assert execute(database, "SELECT * FROM dedup_keys") == []


def one_act(database: Database, dice: random.Random) -> None:
    key = dice.choice(["p", "q"])
    kind = dice.choice(["start", "start", "work", "work", "abandon", "restart"])
    if kind == "start":
        database.run(lambda connection: operations.start(connection, Three, order_key=key))
    elif kind == "work":
        held = database.run(lambda connection: take(connection, "w", limit=1))
        attempts = [answer(each, dice.choice([Reject("no"), Skip("none")]), at=clock.now()) for each in held]
        database.run(lambda connection: recording.record(connection, attempts))
    else:
        status = "rejected" if kind == "restart" else "pending"
        found = execute(database, "SELECT max(id) FROM processes WHERE status = :status", status=status)
        if found[0][0] is not None:
            (restart if kind == "restart" else abandon)(database, found[0][0])
