"""What grows with what a worker knows, or with what is asked at once, never outgrows a statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import fake_odbc
import pytest
from backends import overheard
from fake_server import Answer, Server, Statement
from rig import NOON
from rows import LEASE, claim

from process_manager.actor import Actor
from process_manager.database import Database, connect
from process_manager.store import claiming, due, filters, queries, starting
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest, Range
from process_manager.store.filters import Filter
from process_manager.store.starting import NewProcess

STEPS = ("a", *(f"step-{number}" for number in range(12)))
OTHERS = tuple(Range(f"class-{number:03}", version, STEPS) for number in range(200) for version in (1, 2))
MUCH = ClaimRequest(OTHERS)
"""400 names and versions, each of 13 steps."""

FIRST, LAST = OTHERS[0], OTHERS[-1]
MANY = 70_000
"""More than any database takes parameters."""


def new(kind: Range, number: int = 1) -> list[NewProcess]:
    return [NewProcess(kind.name, kind.version, "default", "a", "{}") for _ in range(number)]


def insert(database: Database, *rows: NewProcess, at: datetime = NOON) -> list[int]:
    with database.begin() as connection:
        return starting.insert(connection, rows, actor=Actor("Ada"), now=at)


@pytest.mark.slow
@pytest.mark.every_database
def test_a_worker_that_knows_400_classes_takes_the_longest_due_wherever_it_stands(database: Database) -> None:
    ages = [(LAST, 1), (FIRST, 2), (OTHERS[200], 3), (FIRST, 4), (LAST, 5)]
    ids = [insert(database, *new(kind), at=NOON - timedelta(hours=hours))[0] for kind, hours in ages]
    insert(database, *new(Range("another", 1, ())))

    with database.read() as connection:
        assert due.next_due(connection, MUCH) == NOON - timedelta(hours=5)
        assert set(claiming.due_ids(connection, MUCH, Lease("w", NOON, NOON), limit=9)) == set(ids)
    assert [each.id for each in claim(database, request=MUCH, now=NOON, limit=1)] == ids[-1:]
    assert [each.id for each in claim(database, request=MUCH, now=NOON, limit=9)] == sorted(ids[:-1])
    with database.read() as connection:
        assert due.next_due(connection, MUCH) is None


@pytest.mark.every_database
def test_who_knows_no_more_than_fits_asks_once(database: Database) -> None:
    insert(database, *new(FIRST))

    with overheard(database) as said:
        claim(database, request=ClaimRequest(OTHERS[: due.MOST_RANGES]), now=NOON)

    asked = [text for text in said if "FROM processes" in text and "range_1" in text]
    assert len(asked) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        MUCH,
        ClaimRequest(OTHERS, ("default",) * 9, ("night",) * 60, ("tidy",) * 60),
        ClaimRequest(OTHERS[:1], ("default",) * 3000),
    ],
)
def test_on_sql_server_no_question_about_what_is_due_has_too_many_parameters(odbc: Server, asked: ClaimRequest) -> None:
    def script(said: Statement) -> Answer:
        return Answer(("due_at",), [(NOON.replace(tzinfo=None),)] if "min(" in said.text else [])

    database = connect(fake_odbc.URL)
    with database.begin() as connection:
        odbc.script = script
        claiming.claim_due(connection, asked, Lease("w", NOON, NOON), limit=5)
        claiming.due_ids(connection, asked, Lease("w", NOON, NOON), limit=5)
        due.next_due(connection, asked)
    database.close()

    sizes = [len(said.values) for said in odbc.sent if "processes" in said.text]
    assert sizes
    assert max(sizes) <= 3 * due.MOST_RANGES + 10  # now, count and the offset of each range


@pytest.fixture
def crowd(database: Database) -> list[int]:
    """More processes than a statement may name, all of them held."""
    lease = Lease("w", NOON, NOON + LEASE)
    return insert(database, *(replace(each, lease=lease) for each in new(FIRST, MANY)))


@pytest.mark.slow
@pytest.mark.every_database
def test_so_many_as_no_statement_names_are_asked_for_renewed_and_filtered(database: Database, crowd: list[int]) -> None:
    with database.begin() as connection:
        assert claiming.renew(connection, [(id_, 1) for id_ in crowd], lease_ends_at=NOON + 2 * LEASE) == set(crowd)
        assert queries.progress(connection, crowd) == {}
        assert filters.count(connection, Filter(ids=tuple(crowd[1:]))) == MANY - 1
