"""Questions a person may ask, and what they are answered."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from backends import overheard
from freezegun import freeze_time
from rig import NOON, Bench, Three, odd, start, work

from process_manager import Done, Reject, Retry, StepRun, Wait, inspection, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import UnknownId
from process_manager.inspection import Filter, History, Overview
from process_manager.operations import Act

pytestmark = pytest.mark.every_database


@pytest.fixture(autouse=True)
def noon() -> Iterator[Any]:
    with freeze_time(NOON) as clock:
        yield clock


def get(database: Database, process_id: int) -> Overview:
    with database.read() as connection:
        return inspection.get(connection, process_id)


def page(database: Database, limit: int = 50, **which: Any) -> list[int]:
    with database.read() as connection:
        return [each.id for each in inspection.page(connection, Filter(**which), limit=limit)]


def history(database: Database, process_id: int, step: str | None = None) -> list[History]:
    with database.read() as connection:
        return inspection.history(connection, process_id, step=step)


def test_a_process_is_shown_whole(database: Database) -> None:
    process_id = start(database, payload={"x": 1}, reference="26-1", order_key="lane", actor=Actor("Ada"))

    assert get(database, process_id) == Overview(
        id=process_id,
        name="three",
        version=1,
        reference="26-1",
        status="pending",
        step="a",
        attempt=0,
        round=1,
        due_at=NOON,
        retry_after=None,
        waiting_for=None,
        channel="default",
        order_key="lane",
        worker=None,
        lease_ends_at=None,
        message=None,
        payload={"x": 1},
        rerun_of=None,
        created_at=NOON,
        created_by="Ada",
        updated_at=NOON,
        finished_at=None,
    )


def test_a_running_process_shows_its_attempt_worker_and_lease(database: Database) -> None:
    process_id = start(database)
    Bench(database, name="w").write()

    found = get(database, process_id)

    assert (found.status, found.attempt, found.worker, found.due_at) == ("running", 1, "w", None)
    assert found.lease_ends_at == NOON + timedelta(seconds=90)


def test_a_finished_process_shows_its_last_message_payload_and_end(database: Database, noon: Any) -> None:
    process_id = start(database, payload={"x": 1})
    noon.tick(timedelta(minutes=1))

    work(database)

    found = get(database, process_id)
    assert (found.status, found.step, found.message) == ("succeeded", None, "c is done")
    assert found.payload == {"x": 1, "a": 1, "b": 1, "c": 1}
    assert found.finished_at == found.updated_at == NOON + timedelta(minutes=1)


def test_a_process_in_its_lane_names_the_one_ahead(database: Database) -> None:
    first, second = (start(database, order_key="lane") for _ in range(2))

    assert get(database, second).waiting_for == f"process {first}, ahead of it in lane 'lane'"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (lambda run: Retry("down"), ("waiting", 1, "moment", "down")),
        (lambda run: Wait("rest", after=timedelta(hours=1)), ("waiting", 0, "moment", "rest")),
        (lambda run: Reject("no"), ("rejected", 1, None, "no")),
        (lambda run: None, ("failed", 1, None, "The step is done, but its answer cannot be kept: it is None, "
            "not Done, Skip, Wait, Retry or Reject.")),
    ],
)  # fmt: skip
def test_where_a_process_rests_is_shown_with_why(database: Database, answer: Any, shown: tuple[Any, ...]) -> None:
    process = odd(answer)
    process_id = start(database, process)

    work(database, process)

    found = get(database, process_id)
    assert (found.status, found.attempt, found.waiting_for, found.message) == shown


def test_the_newest_processes_come_first_and_the_next_page_goes_on_where_one_ended(database: Database) -> None:
    ids = [start(database) for _ in range(7)]

    pages = [page(database, limit=3), page(database, limit=3, below=ids[4]), page(database, limit=3, below=ids[1])]

    assert pages == [ids[:3:-1], ids[3:0:-1], ids[:1]]


def test_a_list_is_narrowed_by_each_question_and_by_all_of_them(database: Database) -> None:
    process = odd(lambda run: Done())
    one = start(database, reference="R", channel="sap", order_key="o")
    two = start(database, reference="R")
    other = start(database, process, reference="r")
    work(database, process)

    assert page(database, reference="R") == [two, one]
    assert page(database, name="odd") == [other]
    assert page(database, channel="sap") == page(database, order_key="o") == [one]
    assert page(database, status=("succeeded",)) == [other]
    assert page(database, status=("succeeded", "pending")) == [other, two, one]
    assert page(database, reference="R", channel="default", status=("pending",), name="three") == [two]
    assert page(database, reference="' OR 1=1 --") == []


def test_processes_are_counted_by_name_version_and_status(database: Database) -> None:
    process = odd(lambda run: Done())
    for _ in range(2):
        start(database, process)
    work(database, process)
    start(database, process)
    start(database)

    with database.read() as connection:
        assert inspection.counts(connection) == {
            ("odd", 1): {"pending": 1, "succeeded": 2},
            ("three", 1): {"pending": 1},
        }


def test_the_history_of_one_step_is_that_of_its_runs_and_acts(database: Database) -> None:
    process_id = start(database)
    work(database)

    assert [each.step for each in history(database, process_id)] == ["a", "b", "c"]
    assert [(each.seq, each.outcome) for each in history(database, process_id, "b")] == [(2, "done")]
    assert history(database, process_id, "nothing") == []


def test_the_step_in_progress_comes_last_and_is_a_row_like_the_others(database: Database) -> None:
    process_id = start(database)
    bench = Bench(database, name="w")
    (job,) = bench.write()
    bench.run(job)
    bench.write(claim=False)

    assert history(database, process_id)[1:] == [
        History(
            process_id=process_id,
            seq=2,
            round=1,
            step="b",
            attempt=1,
            outcome="started",
            code=None,
            message="",
            started_at=NOON,
            finished_at=None,
            payload=None,
            exchanges=(),
            logs=(),
            progress=None,
            error=None,
            worker="w",
            by=None,
        )
    ]


def test_what_a_lost_run_said_stays_with_its_own_row(database: Database) -> None:
    def answer(run: StepRun) -> Done:
        run.log(f"in run {run.seq}")
        return Done()

    process = odd(answer)
    process_id = start(database, process)
    first, second = Bench(database, process), Bench(database, process)
    (stale,) = first.write()
    with freeze_time(NOON + timedelta(hours=1)):
        (job,) = second.write()
        for bench, each in ((first, stale), (second, job)):
            bench.run(each)
            bench.claims.accept(bench.said)
            bench.write(claim=False)

    rows = [(each.outcome, [line["message"] for line in each.logs]) for each in history(database, process_id)]
    assert rows[:2] == [("lost", ["in run 1"]), ("done", ["in run 2"])]


def test_acts_of_people_stand_in_the_history_with_their_names(database: Database) -> None:
    process_id = start(database)

    with database.begin() as connection:
        operations.abandon(connection, process_id, Act(Actor("Bo"), "wrong case"))

    (act,) = history(database, process_id)
    assert (act.outcome, act.by, act.message, act.attempt, act.worker) == ("abandon", "Bo", "wrong case", 0, None)


@pytest.mark.parametrize("ask", [get, history])
def test_what_is_not_there_is_said_to_be_unknown(database: Database, ask: Any) -> None:
    with pytest.raises(UnknownId) as unknown:
        ask(database, 99)

    assert unknown.value.exit_code == 3
    assert "There is no process with id 99" in str(unknown.value)


def test_a_question_writes_nothing_and_waits_for_nobody(database: Database) -> None:
    process_id = start(database)

    with database.begin() as writer:
        operations.abandon(writer, process_id, Act(Actor("Bo"), "wrong"))
        shown = get(database, process_id).status

    assert (shown, get(database, process_id).status) == ("pending", "abandoned")


def test_a_thousand_overviews_take_two_statements(database: Database) -> None:
    with database.begin() as connection:
        operations.start_many(
            connection, [operations.Start(Three, order_key=f"lane {number % 100}") for number in range(1000)]
        )

    with overheard(database) as said:
        found = page(database, limit=1000)

    assert (len(found), len([each for each in said if not each.startswith("BEGIN")])) == (1000, 2)
