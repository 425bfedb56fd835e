"""Limits: however a process is taken, never more of its steps run at once than the fleet has seats."""

import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest
from backends import overheard
from freezegun import freeze_time
from rig import NOON, Bench, Three, execute, get, outcomes, row, settings, start, status, work, worker

from process_manager import Done, Limit, Process, Rate, Retry, Step, StepRun, classic, clock
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import Refused
from process_manager.execution.held_step import HeldStep
from process_manager.store import limit_queries
from process_manager.worker import Plan

pytestmark = pytest.mark.every_database

SEATS = Limit("sap-seats", 2)


class Counted:
    """How many run at once, and the most that ever did."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = self.most = self.runs = 0

    def __call__(self, run: StepRun) -> Done:
        with self.lock:
            self.now += 1
            self.runs += 1
            self.most = max(self.most, self.now)
        threading.Event().wait(0.01)
        with self.lock:
            self.now -= 1
        return Done()


def posting(
    answer: Any = lambda _run: Done(), *, limit: Limit | None = SEATS, rate: Rate | None = None
) -> type[Process]:
    """A process whose second step is shared by the fleet."""

    class Posting(Process):
        STEPS = {"read": "read", "post": Step("post", limit=limit, rate=rate), "tell": "read"}

        def read(self, run: StepRun) -> Done:
            return Done()

        def post(self, run: StepRun) -> Any:
            return answer(run)

    return Posting


def bench_for(database: Database, *classes: type[Process], threads: int = 2) -> Bench:
    """A bench for a worker, which waits for no lock and goes on with nothing by itself."""
    return Bench(database, *classes, threads=threads, wait_for=lambda _transition: False)


def abandon_held(bench: Bench, held: HeldStep) -> None:
    """Have a process end that is held."""
    execute(
        bench.database,
        "UPDATE processes SET status = 'abandoned', finished_at = :now, lease_ends_at = NULL, worker = NULL,"
        " step_started_at = NULL, fence = fence + 1 WHERE id = :id",
        now=NOON, id=held.claim.id,
    )  # fmt: skip


def test_no_more_run_at_once_than_there_are_seats(database: Database) -> None:
    counted = Counted()
    cls = posting(counted)
    ids = [start(database, cls) for _ in range(12)]

    work(database, cls, concurrency=8)

    assert [status(database, each) for each in ids] == ["succeeded"] * 12
    assert counted.runs == 12
    assert counted.most <= 2
    assert outcomes(database, ids[0]) == [("read", "done"), ("post", "done"), ("tell", "done")]


def test_before_its_step_a_process_rests_in_the_pool_and_is_held_by_nobody(database: Database) -> None:
    cls = posting()
    process_id = start(database, cls)
    bench = bench_for(database, cls)
    (held,) = bench.write()

    bench.run(held)
    bench.write(claim=False)

    found = row(database, process_id)
    assert (found["status"], found["waiting_for"], found["pool"], found["step"]) == (
        "waiting", "platform", "sap-seats", "post",
    )  # fmt: skip
    assert found["due_at"] > found["pool_since"] + timedelta(hours=23)


def test_a_first_step_is_never_started_without_a_seat(database: Database) -> None:
    class Sap(Three):
        name = "sap"
        limit = Limit("sap-seats", 1)

    first, second = start(database, Sap), start(database, Sap)
    bench = bench_for(database, Sap, threads=4)

    (held,) = bench.write()

    assert held.claim.id == first
    assert bench.write() == []
    assert get(database, second).status == "waiting"


def test_a_direct_call_takes_a_seat_or_leaves_it_to_the_workers(database: Database) -> None:
    class Sap(Three):
        name = "sap"
        limit = Limit("sap-seats", 1)

    plan = Plan(Registry([Sap]), settings(), classic())
    with Direct(database, plan) as direct:
        assert direct.run(Sap).status == "succeeded"
        bench = bench_for(database, Sap)
        start(database, Sap)
        bench.write()

        rest = direct.run(Sap)

    assert rest.status == "waiting"
    assert row(database, rest.id)["pool"] == "sap-seats"


def test_one_that_is_asked_for_is_refused_while_no_seat_is_free(database: Database) -> None:
    class Sap(Three):
        name = "sap"
        limit = Limit("sap-seats", 1)

    ids = [start(database, Sap) for _ in range(2)]
    bench = bench_for(database, Sap)
    (held,) = bench.write()

    with pytest.raises(Refused, match="nothing is left of sap-seats"):
        worker(database, Sap, only=ids[1]).run()

    assert row(database, ids[1])["status"] == "waiting"
    bench.run(held)
    bench.write(claim=False)
    worker(database, Sap, only=ids[1]).run()
    assert status(database, ids[1]) == "succeeded"


def test_a_limit_closed_by_a_person_lets_nothing_start_and_one_that_is_raised_lets_more(database: Database) -> None:
    class Sap(Three):
        name = "sap"
        limit = Limit("sap-seats", 1)

    ids = [start(database, Sap) for _ in range(3)]
    bench = bench_for(database, Sap, threads=4)
    bench.write()
    with database.begin() as connection:
        limit_queries.choose(connection, "sap-seats", 2, by="Ada", now=clock.now())

    assert [held.claim.id for held in bench.write()] == [ids[1]]

    with database.begin() as connection:
        limit_queries.choose(connection, "sap-seats", 0, by="Ada", now=clock.now())
    assert bench.write() == []
    assert work(database, Sap).outcomes.total() == 0  # it ends: nothing will start by itself


def test_a_rate_lets_one_start_in_each_interval(database: Database) -> None:
    cls = posting(limit=None, rate=Rate("sap", 10, per="1m"))
    bench = bench_for(database, cls, threads=8)
    with freeze_time(NOON) as frozen:
        ids = [start(database, cls) for _ in range(4)]
        for held in bench.write():
            bench.run(held)
        taken = []
        for second in (0, 1, 5, 6, 7, 12, 100, 101, 106):
            frozen.move_to(NOON + timedelta(seconds=second))
            taken += [(second, held.claim.id) for held in bench.write()]

    assert [second for second, _ in taken] == [0, 6, 12, 100]
    assert sorted(each for _, each in taken) == ids


def test_the_longest_resting_goes_first_and_one_that_came_another_way_has_its_old_place(database: Database) -> None:
    class Sap(Three):
        name = "sap"
        limit = Limit("sap-seats", 1)

    ids = [start(database, Sap) for _ in range(3)]
    execute(database, "UPDATE processes SET due_at = :then WHERE id = :id", then=NOON, id=ids[0])  # as a day later

    bench = bench_for(database, Sap, threads=4)
    took = []
    for _ in range(3):
        (held,) = bench.write()
        took.append(held.claim.id)
        abandon_held(bench, held)

    assert took == ids


def test_a_retry_comes_back_into_the_pool_and_frees_its_seat_meanwhile(database: Database) -> None:
    answers = iter([Retry("busy"), Done(), Done()])
    cls = posting(lambda _run: next(answers), limit=Limit("sap-seats", 1))
    ids = [start(database, cls) for _ in range(2)]

    work(database, cls)
    execute(database, "UPDATE processes SET due_at = :then WHERE status = 'waiting'", then=NOON)
    work(database, cls)

    assert [status(database, each) for each in ids] == ["succeeded"] * 2
    assert outcomes(database, ids[0])[1:3] == [("post", "retry"), ("post", "done")]


def test_a_seat_is_free_once_the_lease_of_its_holder_is_taken_away(database: Database) -> None:
    class Sap(Three):
        name = "sap"
        limit = Limit("sap-seats", 1)

    ids = [start(database, Sap) for _ in range(2)]
    bench_for(database, Sap).write()  # and is never heard of again
    execute(database, "UPDATE processes SET lease_ends_at = :then WHERE status = 'running'", then=NOON)
    other = bench_for(database, Sap)

    taken = other.write() or other.write()

    assert [held.claim.id for held in taken] == [ids[1]]


def test_in_a_process_of_its_own_and_in_its_own_transaction_a_step_comes_into_the_pool_all_the_same(
    database: Database,
) -> None:
    class Booked(Process):
        STEPS = {"book": Step("book", effect="transactional"), "post": Step("post", limit=SEATS)}

        def book(self, run: StepRun) -> Done:
            return Done()

        def post(self, run: StepRun) -> Done:
            return Done()

    ids = [start(database, Booked) for _ in range(3)]

    work(database, Booked)
    rest = Direct(database, Plan(Registry([Booked]), settings(), classic()))
    with rest as direct:
        assert direct.run(Booked).status == "succeeded"

    assert [status(database, each) for each in ids] == ["succeeded"] * 3


def test_whoever_declares_none_sends_no_statement_more_and_reads_no_column_more(database: Database) -> None:
    start(database)

    with overheard(database) as said:
        work(database)

    assert [each for each in said if "limits" in each or "seats" in each or "pool" in each] == []


LOADED = """
import sys
import process_manager.worker.loop, process_manager.worker.runtime, process_manager.direct
rooms = ("worker.pools", "worker.seats", "store.limit", "lifecycle.pooling", "lifecycle.pace")
print([name for name in sys.modules if name.removeprefix("process_manager.").startswith(rooms)])
"""


def test_whoever_declares_none_imports_none_of_it() -> None:
    found = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    assert found.stdout == "[]\n"
