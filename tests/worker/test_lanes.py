"""Lanes: processes with one order key run strictly one after the other, and hold nobody else."""

import contextlib
import random
import threading
from datetime import timedelta
from typing import Any

import pytest
from rig import NOON, Three, execute, get, odd, start, status, told, work

from process_manager import Done, Reject, Retry, StepRun, clock, every, never, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import HeldByAnother, ProcessManagerError, Refused
from process_manager.operations import Act

pytestmark = pytest.mark.every_database

ADA = Act(Actor("Ada"), "why not")


def act(database: Database, kind: str, process_id: int, *classes: Any) -> None:
    with database.begin() as connection:
        if kind == "abandon":
            operations.abandon(connection, process_id, ADA)
        else:
            operations.restart(connection, process_id, ADA, registry=Registry(classes or (Three,)))


def standing(database: Database, *ids: int) -> list[tuple[str, str | None]]:
    found = [get(database, each) for each in ids]
    return [(each.status, each.waiting_for) for each in found]


def behind(head: int) -> tuple[str, str]:
    return ("waiting", f"process {head}, ahead of it in lane 'lane'")


def rejecting(*numbers: int, retry: Any = None) -> type[Any]:
    """A process that says no when it carries one of these numbers."""
    return odd(lambda run: Reject("no") if run.payload.get("n") in numbers else Done(), retry=retry)


def test_only_the_head_of_a_lane_is_due_and_the_others_name_it(database: Database) -> None:
    ids = [start(database, order_key="lane") for _ in range(3)]

    assert standing(database, *ids) == [("pending", None), behind(ids[0]), behind(ids[0])]


def test_a_lane_runs_strictly_one_after_the_other_in_the_order_of_its_starts(database: Database) -> None:
    running, most, order = 0, 0, []
    lock = threading.Lock()

    def answer(run: StepRun) -> Done:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            order.append(run.process_id)
        threading.Event().wait(0.002)
        with lock:
            running -= 1
        return Done()

    process = odd(answer)
    ids = [start(database, process, order_key="lane") for _ in range(15)]

    work(database, process, concurrency=8)

    assert (most, order) == (1, ids)
    assert {status(database, each) for each in ids} == {"succeeded"}


def test_e9_a_lane_holds_only_its_own_key(database: Database) -> None:
    process = odd(lambda run: Retry("down") if run.payload.get("n") == 1 else Done(), retry=every(hours=1))
    stuck = start(database, process, {"n": 1}, order_key="lane")
    next_ = start(database, process, order_key="lane")
    free = [start(database, process, order_key="other"), start(database, process, order_key="Lane"),
            start(database, process)]  # fmt: skip

    work(database, process)

    assert standing(database, stuck, next_) == [("waiting", "moment"), behind(stuck)]
    assert {status(database, each) for each in free} == {"succeeded"}


@pytest.mark.parametrize("ending", ["abandon", "reject"])
def test_the_next_of_a_lane_runs_when_the_one_ahead_ends_badly(database: Database, ending: str) -> None:
    process = rejecting(1)
    first = start(database, process, {"n": 1 if ending == "reject" else 0}, order_key="lane")
    second = start(database, process, order_key="lane")
    if ending == "abandon":
        act(database, "abandon", first)

    work(database, process)

    assert status(database, second) == "succeeded"


def test_abandoning_one_in_the_middle_moves_nobody(database: Database) -> None:
    ids = [start(database, order_key="lane") for _ in range(3)]

    act(database, "abandon", ids[1])

    assert standing(database, *ids) == [("pending", None), ("abandoned", None), behind(ids[0])]


def test_a_failed_head_holds_its_lane_until_a_person_acts(database: Database) -> None:
    process = odd(lambda run: Retry("down") if run.round == 1 and run.payload.get("n") else Done(), retry=never())
    first = start(database, process, {"n": 1}, order_key="lane")
    second = start(database, process, order_key="lane")
    work(database, process)
    assert standing(database, first, second) == [("failed", None), behind(first)]

    act(database, "restart", first, process)
    work(database, process)

    assert standing(database, first, second) == [("succeeded", None), ("succeeded", None)]


def test_a_head_started_for_later_keeps_its_moment_when_its_turn_comes(database: Database) -> None:
    later = clock.now() + timedelta(days=1)
    first = start(database, order_key="lane")
    second = start(database, order_key="lane", at=later)

    work(database)

    found = get(database, second)
    assert (status(database, first), found.status, found.waiting_for, found.due_at) == (
        "succeeded", "waiting", "moment", later,
    )  # fmt: skip


def test_a_moment_that_passed_in_the_lane_makes_its_process_due_at_once(database: Database) -> None:
    start(database, order_key="lane")
    second = start(database, order_key="lane", at=NOON - timedelta(days=9000))

    work(database)

    assert status(database, second) == "succeeded"


def test_what_waits_in_its_lane_is_not_restarted_but_the_one_ahead_named(database: Database) -> None:
    first, second = (start(database, order_key="lane") for _ in range(2))

    with pytest.raises(HeldByAnother, match=f"Process {second} is held by process {first}, which is ahead"):
        act(database, "restart", second)


def test_a_restarted_rejected_process_goes_before_those_that_did_not_begin(database: Database) -> None:
    process = rejecting(1)
    first = start(database, process, {"n": 1}, order_key="lane")
    work(database, process)
    others = [start(database, process, order_key="lane", at=clock.now() + timedelta(days=1)) for _ in range(2)]
    assert standing(database, first, *others) == [("rejected", None), ("waiting", "moment"), behind(others[0])]

    act(database, "restart", first, process)

    assert standing(database, first, *others) == [("pending", None), behind(first), behind(first)]


def test_a_rejected_process_is_not_restarted_when_a_later_one_of_its_lane_has_run_and_that_one_is_named(
    database: Database,
) -> None:
    process = rejecting(1)
    first = start(database, process, {"n": 1}, order_key="lane")
    second = start(database, process, order_key="lane")
    work(database, process)

    with pytest.raises(Refused) as refused:
        act(database, "restart", first, process)

    assert f"process {second}, a later one of its lane, has run since" in str(refused.value)
    assert status(database, first) == "rejected"


def test_a_later_one_that_was_abandoned_before_it_ran_is_no_reason_against_a_restart(database: Database) -> None:
    process = rejecting(1)
    first = start(database, process, {"n": 1}, order_key="lane")
    work(database, process)
    second = start(database, process, order_key="lane")
    act(database, "abandon", second)

    act(database, "restart", first, process)

    assert status(database, first) == "pending"


def test_a_rejected_process_behind_an_open_one_is_not_restarted_and_that_one_is_named(database: Database) -> None:
    process = rejecting(2)
    first = start(database, process, order_key="lane")
    second = start(database, process, {"n": 2}, order_key="lane")
    work(database, process)
    execute(
        database, "UPDATE processes SET status = 'failed', finished_at = NULL, step = 'do' WHERE id = :id", id=first
    )

    with pytest.raises(HeldByAnother, match=f"process {first}, which is ahead of it"):
        act(database, "restart", second, process)


def test_a_rejected_process_is_not_restarted_when_its_dedup_key_is_taken_and_the_owner_is_named(
    database: Database,
) -> None:
    process = rejecting(1)
    first = start(database, process, {"n": 1}, dedup_key="k")
    work(database, process)
    second = start(database, process, dedup_key="k")

    with pytest.raises(Refused) as refused:
        act(database, "restart", first, process)

    assert f"process {second} has its dedup key by now" in str(refused.value)
    act(database, "abandon", second)
    act(database, "restart", first, process)
    assert start(database, process, dedup_key="k") == first


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_started_abandoned_and_restarted_a_lane_has_one_due_and_all_of_it_ends(
    database: Database, seed: int
) -> None:
    dice = random.Random(seed)  # noqa: S311
    process = odd(
        lambda run: dice.choice([Done(), Done(), Reject("no"), Retry("down", after=timedelta(0))]),
        retry=every(seconds=1, attempts=2),
    )
    for _ in range(60):
        kind = dice.choice(["start", "start", "start", "abandon", "restart", "work"])
        ids = [each for (each,) in execute(database, "SELECT id FROM processes")]
        if kind == "start" or not ids:
            start(database, process, order_key=dice.choice(["p", "q", None]), dedup_key=dice.choice(["k", None]))
        elif kind == "work":
            work(database, process, only=dice.choice(ids))
        else:
            with contextlib.suppress(ProcessManagerError):
                act(database, kind, dice.choice(ids), process)
        crowded = execute(
            database,
            "SELECT order_key FROM processes WHERE order_key IS NOT NULL AND (due_at IS NOT NULL OR status = 'running')"
            " GROUP BY order_key HAVING count(*) > 1",
        )
        headless = execute(
            database,
            "SELECT order_key FROM processes WHERE order_key IS NOT NULL AND finished_at IS NULL GROUP BY order_key"
            " HAVING sum(CASE WHEN waiting_for = 'lane' THEN 1 ELSE 0 END) = count(*)",
        )
        assert (crowded, headless) == ([], [])

    for (failed,) in execute(database, "SELECT id FROM processes WHERE status = 'failed'"):
        act(database, "abandon", failed)
    while execute(database, "SELECT 1 FROM processes WHERE finished_at IS NULL"):
        work(database, process)
        for (failed,) in execute(database, "SELECT id FROM processes WHERE status = 'failed'"):
            act(database, "abandon", failed)
    assert execute(database, "SELECT * FROM dedup_keys") == []
    assert told(database, 1, "seq") == [(number + 1,) for number in range(len(told(database, 1, "seq")))]
