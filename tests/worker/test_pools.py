"""Pools and their seats: what a person, a deploy and long steps do to those that rest there."""

import pytest
from rig import Bench, Three, abandon, cancel, row, start, status, work

from process_manager import Done, Limit, Process, StepRun
from process_manager.database import Database
from process_manager.store import limit_queries
from process_manager.worker import polling

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


class Renamed(Three):
    """The same of the next program: its limit has another name."""

    name = "sap"
    limit = Limit("sap-licences", 1)


class Dropped(Three):
    """The same of a later program, which shares nothing."""

    name = "sap"


@pytest.mark.parametrize("later", [Renamed, Dropped])
def test_what_rests_for_a_limit_that_is_declared_no_more_goes_on(
    database: Database, later: type[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "MINUTE", 0.0)
    ids = [start(database, Sap) for _ in range(3)]
    bench = bench_of(database, Sap)
    (held,) = bench.write()
    abandon(database, held.claim.id)

    work(database, later)

    assert [status(database, each) for each in ids] == ["abandoned", "succeeded", "succeeded"]


def test_another_class_that_still_declares_it_is_left_where_it_rests(database: Database) -> None:
    start(database, Sap)
    other = start(database, Sap)
    bench_of(database, Sap).write()
    due_at = row(database, other)["due_at"]

    bench_of(database, Sap, Three).write()

    assert row(database, other)["due_at"] == due_at


def test_a_full_pool_keeps_nobody_from_holding_more_than_its_threads(database: Database) -> None:
    class Letter(Three):
        name = "letter"

    for cls in (Sap, Sap, *[Letter] * 8):
        start(database, cls)
    bench = bench_of(database, Sap, Letter, threads=2)
    bench.claims._prefetch.recorded(6)

    assert len(bench.write()) == 8  # 2 threads, and 6 that were recorded just now: the pool has no seat for another
    for _ in range(2):
        start(database, Letter)
    bench.claims._prefetch.recorded(2)

    assert len(bench.write()) == 2


def test_the_first_look_of_a_new_program_goes_by_its_own_number(database: Database) -> None:
    def of(seats: int) -> type[Process]:
        return type("Sap", (Three,), {"name": "sap", "limit": Limit("sap-seats", seats), "__module__": __name__})

    for _ in range(6):
        start(database, Sap)
    assert len(bench_of(database, of(2), threads=8).write()) == 2

    assert len(bench_of(database, of(3), threads=8).write()) == 1


def test_what_needs_no_seat_has_every_second_thread_beside_a_pool_that_is_never_empty(database: Database) -> None:
    class Roomy(Process):
        STEPS = {"post": "post"}
        limit = Limit("room", 8)

        def post(self, run: StepRun) -> Done:
            return Done()

    class Letter(Process):
        STEPS = {"post": "post"}

        def post(self, run: StepRun) -> Done:
            return Done()

    for cls in (*[Roomy] * 8, *[Letter] * 8):
        start(database, cls)
    bench = bench_of(database, Roomy, Letter, threads=1)
    bench.claims._prefetch.recorded = lambda count: None  # type: ignore[method-assign]  # as after long steps
    took = []
    for _ in range(6):
        (held,) = bench.write()
        took.append(held.claim.name)
        bench.run(held)

    assert took == ["roomy", "letter"] * 3
