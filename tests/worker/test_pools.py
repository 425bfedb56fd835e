"""Pools and their seats: what a person, a deploy and long steps do to those that rest there."""

import pytest
from rig import Bench, Three, cancel, start

from process_manager import Limit, Process
from process_manager.database import Database
from process_manager.store import limit_queries

pytestmark = pytest.mark.every_database


class Sap(Three):
    """Three steps that share one seat."""

    name = "sap"
    limit = Limit("sap-seats", 1)


def bench_of(database: Database, *classes: type[Process], threads: int = 2) -> Bench:
    """A bench for a worker, which waits for no lock and goes on with nothing by itself."""
    return Bench(database, *classes, threads=threads, wait_for=lambda _transition: False)


def test_one_that_was_asked_to_stop_keeps_its_seat_until_it_has(database: Database) -> None:
    ids = [start(database, Sap) for _ in range(2)]
    bench = bench_of(database, Sap)
    (held,) = bench.write()
    cancel(database, ids[0])

    assert bench_of(database, Sap).write() == []
    with database.read() as connection:
        assert [each.process_id for each in limit_queries.holders(connection)] == ids[:1]

    bench.run(held)
    bench.write(claim=False)
    assert [held.claim.id for held in bench.write()] == ids[1:]
