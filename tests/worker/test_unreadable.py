"""A row that cannot be read costs its own process, and no other: for whoever claims, takes over, lists or shows."""

from __future__ import annotations

import pytest
from backends import overheard
from rig import Bench, Three, eventually, execute, start, working

from process_manager import Limit, inspection
from process_manager.database import Database
from process_manager.errors import Unreadable
from tests.worker.test_claims import let_leases_end

pytestmark = pytest.mark.every_database

NEVER_READ = {"sqlite": "'garbage'", "postgresql": "'infinity'"}


@pytest.fixture
def never_read(database: Database) -> str:
    """A moment that can be stored, and not be read."""
    if database.dialect not in NEVER_READ:
        pytest.skip("this database holds no moment that cannot be read")
    return NEVER_READ[database.dialect]


def spoil(database: Database, process_id: int, moment: str) -> None:
    execute(database, f"UPDATE processes SET attempts_since = {moment} WHERE id = {process_id}")  # noqa: S608


def test_a_due_row_that_cannot_be_read_is_found_once_and_the_others_are_taken_all_at_once(
    database: Database, never_read: str
) -> None:
    bad, *first = [start(database, Three, {"n": number}) for number in range(4)]
    spoil(database, bad, never_read)
    bench = Bench(database, Three, threads=20)

    with pytest.raises(Unreadable):
        bench.write()
    found = bench.write()
    second = [start(database, Three) for _ in range(8)]
    with overheard(database) as said:
        more = bench.write()

    assert [[job.claim.id for job in jobs] for jobs in (found, more)] == [first, second]
    assert len([each for each in said if each.startswith(("UPDATE", "WITH")) and "fence" in each]) == 1


def test_one_that_rests_in_a_pool_and_cannot_be_read_is_found_once_and_the_others_are_taken(
    database: Database, never_read: str
) -> None:
    class Sap(Three):
        name = "sap"
        limit = Limit("sap-seats", 8)

    bad, *others = [start(database, Sap, {"n": number}) for number in range(4)]
    spoil(database, bad, never_read)
    bench = Bench(database, Sap, threads=8, wait_for=lambda _transition: False)

    with pytest.raises(Unreadable):
        bench.write()

    assert [job.claim.id for job in bench.write()] == others


@pytest.mark.slow
def test_a_running_row_that_cannot_be_read_keeps_nobody_from_taking_the_others_over(
    database: Database, never_read: str
) -> None:
    ids = [start(database, Three, {"n": number}) for number in range(3)]
    Bench(database, Three, threads=3, name="gone").write()
    let_leases_end(database)
    spoil(database, ids[1], never_read)

    with working(database, Three):
        for each in (ids[0], ids[2]):
            eventually(lambda each=each: standing(database, each) == "succeeded")  # type: ignore[misc]

    assert standing(database, ids[1]) == "running"


def test_a_worker_looks_for_claims_that_it_does_not_know_though_one_cannot_be_read(
    database: Database, never_read: str
) -> None:
    ids = [start(database, Three, {"n": number}) for number in range(3)]
    Bench(database, Three, threads=3, name="here").write()  # its answer was lost: the worker that is told nothing
    spoil(database, ids[1], never_read)
    bench = Bench(database, Three, threads=3, name="here")
    bench.claims.unconfirmed.may_exist()

    assert [job.claim.id for job in bench.write()] == [ids[0], ids[2]]


def test_a_row_that_cannot_be_read_is_listed_and_shown_as_far_as_it_can_be(database: Database, never_read: str) -> None:
    ids = [start(database, Three, {"n": number}) for number in range(3)]
    spoil(database, ids[1], never_read)

    with database.read() as connection:
        page = inspection.page(connection, inspection.Filter(), limit=2)
        found = inspection.get(connection, ids[1])
        told = inspection.history(connection, ids[1])

    assert ([each.id for each in page], page[1], told) == ([ids[2], ids[1]], found, [])
    assert (found.name, found.status, found.step, found.payload) == ("three", "pending", "a", {"n": 1})
    assert str(found.message).startswith("These columns cannot be read: attempts_since (")


def test_a_payload_that_is_no_json_is_named_and_hides_no_other_process(database: Database) -> None:
    ids = [start(database, Three, {"n": number}) for number in range(2)]
    if database.dialect == "mariadb":
        pytest.skip("it keeps no such text")
    execute(database, f"UPDATE processes SET payload = 'garbage' WHERE id = {ids[1]}")  # noqa: S608

    with database.read() as connection:
        page = inspection.page(connection, inspection.Filter(), limit=2)

    assert [each.payload for each in page] == [{}, {"n": 0}]
    assert str(page[0].message).startswith("These columns cannot be read: payload (")


def standing(database: Database, process_id: int) -> str:
    return str(execute(database, "SELECT status FROM processes WHERE id = :id", id=process_id)[0][0])


def test_a_due_row_that_cannot_be_read_keeps_back_no_other_and_ends_no_worker(
    database: Database, never_read: str
) -> None:
    ids = [start(database, Three, {"n": number}) for number in range(4)]
    spoil(database, ids[0], never_read)

    with working(database, Three):
        for each in ids[1:]:
            eventually(lambda each=each: standing(database, each) == "succeeded")  # type: ignore[misc]

    assert standing(database, ids[0]) == "pending"
