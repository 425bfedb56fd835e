"""Many processes and several workers: nobody delays, doubles or starves another."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from rig import (
    NOON,
    Three,
    asked,
    eventually,
    execute,
    get,
    history,
    odd,
    row,
    start,
    status,
    told,
    work,
    worker,
    working,
)  # fmt: skip

from process_manager import Done, Process, Retry, StepRun, Wait, clock, operations
from process_manager.database import Database
from process_manager.worker.stats import RunStats

SECOND = timedelta(seconds=1)


@pytest.fixture
def go() -> Iterator[threading.Event]:
    """What hung steps wait for; they are let go at the end."""
    event = threading.Event()
    yield event
    event.set()


def hangs(go: threading.Event) -> type[Process]:
    def answer(run: StepRun) -> Done:
        if run.payload.get("hangs"):
            go.wait(30)
        return Done()

    return odd(answer)


def test_e9_one_that_fails_waits_hangs_or_is_unknown_delays_nobody(database: Database, go: threading.Event) -> None:
    def answer(run: StepRun) -> Done | Retry | Wait:
        match run.payload.get("n"):
            case 0:
                raise RuntimeError("broken")
            case 1:
                return Wait("rest", after=timedelta(days=1))
            case 2:
                go.wait(30)
        return Done()

    class Unknown(Three):
        STEPS = {"a": "step"}

    process = odd(answer)
    unknown = start(database, Unknown)
    odds = [start(database, process, {"n": number}) for number in range(3)]
    others = [start(database, process) for _ in range(30)]

    with working(database, process):
        eventually(lambda: {status(database, each) for each in others} == {"succeeded"})
        assert [status(database, each) for each in [unknown, *odds]] == ["pending", "waiting", "waiting", "running"]
        go.set()


def test_e9_what_no_worker_knows_is_left_exactly_as_it_was(database: Database) -> None:
    class Unknown(Three):
        STEPS = {"a": "step"}

    process_id = start(database, Unknown)
    before = row(database, process_id)

    work(database, Three)

    assert row(database, process_id) == before


def test_e17_a_hung_step_blocks_no_renewal_of_the_others(database: Database, go: threading.Event) -> None:
    process = hangs(go)
    ids = [start(database, process, {"hangs": True}) for _ in range(3)]

    with working(database, process, lease=SECOND, concurrency=3), working(database, process, lease=SECOND):
        eventually(lambda: {status(database, each) for each in ids} == {"running"})
        until = clock.now() + 3 * SECOND
        eventually(lambda: clock.now() > until)
        fences = [row(database, each)["fence"] for each in ids]
        go.set()
        eventually(lambda: {status(database, each) for each in ids} == {"succeeded"})

    assert fences == [1, 1, 1]


def test_a_step_over_its_time_limit_is_asked_to_stop_and_nobody_else_gets_its_process(database: Database) -> None:
    from process_manager import Step

    class Slow(Process):
        STEPS = {"slow": Step("slow", time_limit=timedelta(milliseconds=50))}

        def slow(self, run: StepRun) -> Done:
            eventually(lambda: run.stop_requested)
            return Done("stopped when asked")

    process_id = start(database, Slow)

    work(database, Slow, lease=SECOND)

    assert told(database, process_id, "outcome", "message") == [("done", "stopped when asked")]


def test_what_a_worker_of_long_steps_holds_unbegun_another_gets(database: Database, go: threading.Event) -> None:
    process = hangs(go)
    for _ in range(40):
        start(database, process)
    with working(database, process, concurrency=2):
        eventually(lambda: execute(database, "SELECT count(*) FROM process_steps")[0][0] >= 40)
        ids = [start(database, process, {"hangs": True}) for _ in range(2)]
        ids += [start(database, process) for _ in range(40)]
        eventually(lambda: [status(database, each) for each in ids[:2]] == ["running"] * 2)
        with working(database, process, concurrency=2):
            eventually(lambda: {status(database, each) for each in ids[2:]} == {"succeeded"})
            go.set()


def test_several_workers_share_the_work_and_run_no_step_twice(database: Database) -> None:
    ran: list[tuple[int, str, int]] = []

    def answer(run: StepRun) -> Done:
        ran.append((run.process_id, run.step, run.fence))
        return Done()

    process = odd(answer)
    with database.begin() as connection:
        operations.start_many(connection, [operations.Start(process) for _ in range(300)])
    tallies: list[RunStats] = []

    workers = [worker(database, process, until_empty=True) for _ in range(3)]
    threads = [threading.Thread(target=lambda each=each: tallies.append(each.run())) for each in workers]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    work(database, process)

    assert len(ran) == len(set(ran)) == 300
    assert execute(database, "SELECT status, count(*) FROM processes GROUP BY 1") == [("succeeded", 300)]
    assert sum(each.refused for each in tallies) == 0


def test_a_worker_that_could_not_renew_claims_nothing_until_it_can_again(database: Database) -> None:
    def answer(run: StepRun) -> Done:
        with run.database.begin():  # nobody else can write, the lease renewer neither
            threading.Event().wait(1.5)
        return Done()

    process = odd(answer)
    ids = [start(database, process) for _ in range(2)]

    stats = work(database, process, lease=SECOND, concurrency=1)

    assert {status(database, each) for each in ids} == {"succeeded"}
    assert stats.statuses["pending"] <= 6


def test_w1_no_step_starts_after_the_time_box_and_what_was_held_is_given_back(database: Database) -> None:
    def answer(run: StepRun) -> Done:
        threading.Event().wait(1.2)  # longer than the time box
        return Done()

    process = odd(answer)
    ids = [start(database, process) for _ in range(6)]

    work(database, process, concurrency=2, time_box=SECOND)

    closes = min(row(database, each)["created_at"] for each in ids) + 2 * SECOND
    begun = [each for each in ids if history(database, each)]
    assert 1 <= len(begun) <= 2
    assert all(began < closes for each in begun for (began,) in told(database, each, "started_at"))
    assert {status(database, each) for each in ids} == {"pending"}
    assert {row(database, each)["attempts"] for each in ids} == {0}


def test_a_worker_that_works_until_nothing_is_due_does_not_wait_for_what_rests(database: Database) -> None:
    start(database, at=NOON + timedelta(days=9999))

    assert work(database) == RunStats()


def test_a_worker_that_works_until_nothing_is_due_goes_on_through_lanes_and_retries_without_rest(
    database: Database,
) -> None:
    process = odd(lambda run: Done() if run.attempt > 2 else Retry("again", after=timedelta(0)))
    ids = [start(database, process, order_key=f"lane {number % 2}") for number in range(6)]

    stats = work(database, process)

    assert {status(database, each) for each in ids} == {"succeeded"}
    assert stats.outcomes == {"retry": 12, "done": 12}


def test_an_idle_worker_takes_what_is_started_meanwhile(database: Database) -> None:
    with working(database):
        process_id = start(database)
        eventually(lambda: status(database, process_id) == "succeeded", seconds=3)

    found = get(database, process_id)
    assert found.finished_at is not None
    assert found.finished_at - found.created_at < SECOND


def test_a_worker_of_some_channels_leaves_the_others_alone(database: Database) -> None:
    sap, mail = start(database, channel="sap"), start(database, channel="mail")

    work(database, channels=("sap",))

    assert (status(database, sap), status(database, mail)) == ("succeeded", "pending")


@pytest.mark.slow
def test_e10_sixteen_threads_that_start_one_key_a_thousand_times_make_one_process(database: Database) -> None:
    def starts(_thread: int) -> set[tuple[int, bool]]:
        found = [asked(database, dedup_key="k") for _ in range(1000)]
        return {(each.id, each.is_new) for each in found}

    with ThreadPoolExecutor(16) as pool:
        found = set().union(*pool.map(starts, range(16)))

    assert found == {(1, True), (1, False)}
    assert execute(database, "SELECT count(*) FROM processes") == [(1,)]


def test_a_steps_own_starts_join_its_own_transaction_and_run_too(database: Database) -> None:
    def answer(run: StepRun) -> Done:
        with run.database.begin() as connection:
            child = operations.start(connection, Three, dedup_key=run.idempotency_key)
        return Done(payload={"child": child.id})

    process = odd(answer)
    process_id = start(database, process)

    work(database, process, Three)

    assert status(database, get(database, process_id).payload["child"]) == "succeeded"
