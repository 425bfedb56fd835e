"""Pools and their seats: what a person, a deploy and long steps do to those that rest there."""

import pytest
from rig import Bench, Three, abandon, cancel, row, start, status, work

from process_manager import Done, Limit, Process, StepRun, Upgrade
from process_manager.database import Database
from process_manager.store import limit_queries
from process_manager.worker import polling, prefetch

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


def test_one_that_is_asked_for_gives_up_its_old_place_in_the_pool(database: Database) -> None:
    holder, asked_for = start(database, Sap), start(database, Sap)
    bench = bench_of(database, Sap)
    (held,) = bench.write()
    before = row(database, asked_for)["pool_since"]
    abandon(database, held.claim.id)
    bench.claims.take_one(database, asked_for)
    (step,) = bench.claims.take_ready()

    bench.run(step)
    bench.write(claim=False)

    assert held.claim.id == holder
    assert row(database, asked_for)["pool"] == "sap-seats"
    assert row(database, asked_for)["pool_since"] > before


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


def test_a_full_pool_keeps_nobody_from_holding_more_than_its_threads(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefetch, "RECENT", 60.0)  # however slow this machine is now

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


def of(seats: int, *, version: int = 1, name: str = "sap") -> type[Process]:
    """A class of this version, of a program that gives its limit so many seats."""
    options = {"name": name, "version": version, "limit": Limit("sap-seats", seats), "__module__": __name__}
    return type("Sap", (Three,), {**options, "upgrades": {1: Upgrade()} if version > 1 else {}})


def seats_after_a_look(database: Database, *classes: type[Process]) -> int:
    """How many seats there are, once a worker that knows these has looked for work."""
    start(database, classes[0])
    bench_of(database, *classes, threads=8).write()
    with database.read() as connection:
        found = limit_queries.one(connection, "sap-seats")
    return found.most if found else 0


def test_the_first_look_of_a_higher_version_goes_by_its_own_number(database: Database) -> None:
    for _ in range(6):
        start(database, of(2))
    assert len(bench_of(database, of(2), threads=8).write()) == 2

    assert len(bench_of(database, of(3, version=2), threads=8).write()) == 1


def test_no_older_program_sets_the_number_back(database: Database) -> None:
    found = [seats_after_a_look(database, of(seats, version=version)) for seats, version in [(2, 1), (3, 2), (2, 1)]]

    assert found == [2, 3, 3]


def test_another_number_in_the_same_version_holds_nothing_and_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    assert [seats_after_a_look(database, of(seats)) for seats in (2, 3)] == [2, 2]
    assert "limit.differs" in caplog.text


def test_of_classes_that_share_a_limit_each_goes_by_its_own_versions(database: Database) -> None:
    programs = [
        (of(2), of(2, name="letter")),
        (of(3, version=2), of(3, name="letter")),
        (of(2), of(2, name="letter")),  # of the old program, started again
        (of(4, version=2), of(4, name="letter", version=2)),
        (of(5, name="invoice", version=9),),  # of another program, which was never seen before: it sets nothing
        (of(5, name="invoice", version=10),),
    ]

    assert [seats_after_a_look(database, *each) for each in programs] == [2, 3, 3, 4, 4, 5]


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
