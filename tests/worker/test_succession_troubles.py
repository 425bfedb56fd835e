"""The next of a lane, taken with the record of the one before it, while transactions fail: each runs once."""

import itertools
import threading
import time
from collections import Counter
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from rig import Bench, execute, odd, start, status, worker

from process_manager import Done, StepRun, operations
from process_manager.database import Database
from process_manager.operations import Start
from tests.worker.test_succession import One, at_its_end, go_on

pytestmark = pytest.mark.parametrize("database", ["postgresql_18", "postgresql_16"], indirect=True)


def test_what_is_taken_is_no_stray_though_it_is_time_to_look_for_some_meanwhile(database: Database) -> None:
    for _ in range(2):
        start(database, One, order_key="k")
    bench, _job = at_its_end(database)
    bench.claims.unconfirmed._until = time.monotonic() + 60
    bench.claims.unconfirmed._next = time.monotonic() + 0.05
    plain = database.engine.dialect.do_execute

    def slow(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        plain(cursor, statement, parameters, context)
        time.sleep(0.1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database.engine.dialect, "do_execute", slow)
        with database.connect() as connection:
            bench.claims.write(connection, claim=bench.claims.may_look())

    assert len(bench.claims.take_ready()) == 1


def test_nothing_is_taken_while_there_may_be_strays(database: Database) -> None:
    start(database, One, order_key="k")
    second = start(database, One, order_key="k")
    bench, _job = at_its_end(database)
    bench.claims.unconfirmed.may_exist()

    (job,), looked = go_on(bench)

    assert (job.claim.id, looked) == (second, True)


def test_a_follower_whose_commit_was_not_confirmed_is_found_and_runs_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(database, One, order_key="k")
    second = start(database, One, order_key="k")
    bench, _job = at_its_end(database)
    plain = database.engine.dialect.do_commit

    def commit_and_lose(driver: Any) -> None:
        plain(driver)
        raise psycopg.OperationalError("lost")

    with database.connect() as connection:
        with monkeypatch.context() as patch, pytest.raises(sa.exc.DBAPIError):
            patch.setattr(database.engine.dialect, "do_commit", commit_and_lose)
            bench.claims.write(connection, claim=bench.claims.may_look())
        assert status(database, second) == "running"
        bench.claims.unconfirmed.may_exist()
        bench.claims.write(connection, claim=bench.claims.may_look())

    assert [job.claim.id for job in bench.claims.take_ready()] == [second]
    assert bench.claims.stats.refused == 0


def test_a_lane_that_was_broken_hands_its_next_on_once(database: Database) -> None:
    ids = [start(database, One, order_key="k") for _ in range(3)]
    execute(database, "UPDATE processes SET status = 'pending', waiting_for = NULL, due_at = updated_at"
            " WHERE id = :id", id=ids[1])  # fmt: skip
    bench = Bench(database, One, threads=4)
    jobs = bench.write()
    bench.write()
    for job in jobs:
        bench.run(job)

    (job,), _looked = go_on(bench)

    assert [job.claim.id for job in jobs] == ids[:2]
    assert job.claim.id == ids[2]


@pytest.mark.slow
def test_workers_run_each_of_twenty_lanes_once_though_a_transaction_fails_now_and_then(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: Counter[int] = Counter()
    lock, sent, plain = threading.Lock(), itertools.count(1), database.engine.dialect.do_execute

    def execute_now_and_then(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if "INSERT INTO process_steps" in statement and next(sent) % 50 == 0:
            raise psycopg.errors.DeadlockDetected("taken back")
        plain(cursor, statement, parameters, context)

    def count(run: StepRun) -> Done:
        with lock:
            runs[run.process_id] += 1
        return Done()

    counted = odd(count)
    with database.begin() as connection:
        operations.start_many(connection, [Start(counted, order_key=str(number % 20)) for number in range(2000)])
    monkeypatch.setattr(database.engine.dialect, "do_execute", execute_now_and_then)

    tallies = [worker(database, counted, until_empty=True) for _ in range(2)]
    threads = [threading.Thread(target=each.run) for each in tallies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert set(runs.values()) == {1}
    assert execute(database, "SELECT status, fence, count(*) FROM processes GROUP BY 1, 2") == [("succeeded", 1, 2000)]
