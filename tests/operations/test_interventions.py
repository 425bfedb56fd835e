"""What a person does, with a worker beside it: restart, abandon, rerun."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from rig import (
    NOON,
    Three,
    abandon,
    eventually,
    execute,
    get,
    history,
    odd,
    restart,
    row,
    start,
    status,
    told,
    work,
    working,
)
from rows import everything
from traced_steps import Long, noted

from process_manager import Done, Reject, Retry, Skip, StepRun, Wait, every, never, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import HeldByAnother, IllegalValue, Refused, UnknownId, UsageError
from process_manager.operations import Act
from process_manager.store import tables

pytestmark = pytest.mark.every_database


class Personal(Three):
    personal_keys = ("reference", "order_key")


FINAL = {"succeeded": lambda run: Done(), "skipped": lambda run: Skip("none")}


@pytest.fixture
def noon() -> Iterator[Any]:
    with freeze_time(NOON) as clock:
        yield clock


def in_status(database: Database, wanted: str, **options: Any) -> tuple[int, Any]:
    """A process that stands in this status."""
    answers = {
        **FINAL,
        "rejected": lambda run: Reject("no"),
        "failed": lambda run: Retry("down"),
        "waiting": lambda run: Wait("rest", after=timedelta(hours=1)),
    }
    process = odd(answers.get(wanted, FINAL["succeeded"]), retry=never())
    process_id = start(database, process, **options)
    if wanted in answers:
        work(database, process)
    if wanted == "abandoned":
        abandon(database, process_id)
    assert status(database, process_id) == wanted
    return process_id, process


def test_e4_a_restart_gives_a_fresh_budget_in_a_new_round_and_says_who_when_and_why(
    database: Database, noon: Any
) -> None:
    process = odd(
        lambda run: Retry(f"down in round {run.round}", after=timedelta(0)), retry=every(minutes=1, attempts=2)
    )
    process_id = start(database, process)
    work(database, process)
    noon.tick(timedelta(hours=1))

    restart(database, process_id, process)
    work(database, process)

    assert told(database, process_id, "seq", "round", "step", "attempt", "outcome", "message") == [
        (1, 1, "do", 1, "retry", "down in round 1"),
        (2, 1, "do", 2, "retry", "down in round 1"),
        (3, 2, "do", 0, "restart", "SAP is back"),
        (4, 2, "do", 1, "retry", "down in round 2"),
        (5, 2, "do", 2, "retry", "down in round 2"),
    ]
    act = history(database, process_id)[2]
    assert (act.by, act.worker, act.started_at) == ("Ada", None, NOON + timedelta(hours=1))
    assert status(database, process_id) == "failed"


def test_e4_the_age_of_a_policy_starts_anew_with_a_round(database: Database, noon: Any) -> None:
    process = odd(lambda run: Retry("down"), retry=every(minutes=1, max_age=timedelta(minutes=5)))
    process_id = start(database, process)
    work(database, process)
    noon.tick(timedelta(hours=1))
    work(database, process)
    assert status(database, process_id) == "failed"

    restart(database, process_id, process)
    work(database, process)

    assert status(database, process_id) == "waiting"


def test_a_restart_from_an_earlier_step_gives_done_steps_a_new_key_and_the_current_one_its_own(
    database: Database,
) -> None:
    keys: list[tuple[str, str]] = []

    class Letter(Three):
        def step(self, run: StepRun) -> Any:
            keys.append((run.step, run.idempotency_key))
            return Retry("down", after=timedelta(0)) if run.step == "c" and len(keys) < 4 else Done(run.step)

    Letter.plan = tuple(type(Letter.plan[0])(each.name, each.call, never(), None) for each in Letter.plan)
    process_id = start(database, Letter)
    work(database, Letter)
    assert status(database, process_id) == "failed"

    restart(database, process_id, Letter, from_step="b")
    work(database, Letter)

    (a, b, c, again_b, again_c) = (key for _, key in keys)
    assert [step for step, _ in keys] == ["a", "b", "c", "b", "c"]
    assert again_c == c
    assert len({a, b, c, again_b}) == 4
    assert status(database, process_id) == "succeeded"


@pytest.mark.parametrize("step", ["c", "nothing", ""])
def test_a_restart_from_a_step_that_is_not_behind_it_is_refused_naming_those_that_are(
    database: Database, step: str
) -> None:
    process_id = start(database, Three, at=NOON + timedelta(days=999))
    execute(database, "UPDATE processes SET step = 'b'")
    before = everything(database)

    with pytest.raises(UsageError, match=r"stands at step 'b' and cannot start at .*It can start at: a, b\."):
        restart(database, process_id, from_step=step)

    assert everything(database) == before


def test_a_restart_by_its_own_step_needs_no_code_but_another_step_does(database: Database) -> None:
    process_id = start(database, Three, at=NOON + timedelta(days=999))

    restart(database, process_id, odd(lambda run: Done()), from_step="a")
    work(database, odd(lambda run: Done()))

    assert status(database, process_id) == "pending"
    execute(database, "UPDATE processes SET status = 'failed', due_at = NULL, step = 'b'")
    with pytest.raises(UsageError, match="Version 1 of 'three' is not known here"):
        restart(database, process_id, odd(lambda run: Done()), from_step="a")


@pytest.mark.parametrize("closed", ["succeeded", "skipped", "abandoned"])
def test_e7_e8_what_is_final_is_never_run_again_by_any_command(database: Database, closed: str) -> None:
    process_id, process = in_status(database, closed)
    before = everything(database)

    work(database, process)
    work(database, process, only=process_id)
    with pytest.raises(Refused) as restarting:
        restart(database, process_id, process)
    with pytest.raises(Refused) as abandoning:
        abandon(database, process_id)

    assert everything(database) == before
    assert f"rerun-process {process_id}` makes a new process" in str(restarting.value)
    assert (restarting.value.exit_code, abandoning.value.exit_code) == (4, 4)


@pytest.mark.parametrize("closed", ["succeeded", "skipped", "abandoned", "rejected"])
def test_e7_running_a_closed_process_again_makes_a_new_linked_one(database: Database, closed: str) -> None:
    process_id, process = in_status(database, closed, payload={"x": 1}, reference="R", order_key="o", dedup_key="k")
    before = row(database, process_id)

    with database.begin() as connection:
        again = operations.rerun(connection, process_id, registry=Registry([process]), actor=Actor("Ada"))

    found = get(database, again)
    assert (found.rerun_of, found.status, found.step) == (process_id, "pending", "do")
    assert (found.payload, found.reference, found.order_key, found.created_by) == ({"x": 1}, "R", "o", "Ada")
    assert row(database, process_id) == before


@pytest.mark.parametrize(("reference", "lane"), [("ends in a blank ", "so does its lane "), ("🙂" * 150, "🙂" * 101)])
def test_what_was_started_when_more_was_allowed_is_run_again_in_its_lane(
    database: Database, reference: str, lane: str
) -> None:
    if database.dialect == "mssql" and len(lane) > 100:
        pytest.skip("its columns never held that")
    process_id, process = in_status(database, "succeeded")
    with database.begin() as connection:
        which = sa.update(tables.processes).where(tables.processes.c.id == process_id)
        connection.execute(which.values(reference=reference, order_key=lane))

    with database.begin() as connection:
        again = operations.rerun(connection, process_id, registry=Registry([process]), actor=Actor("Ada"))
    work(database, process)

    found = get(database, again)
    assert (found.reference, found.order_key, found.status) == (reference, lane, "succeeded")


@pytest.mark.parametrize("wanted", ["pending", "waiting", "failed"])
def test_an_open_process_is_not_run_again_as_another(database: Database, wanted: str) -> None:
    process_id, process = in_status(database, wanted)

    with database.begin() as connection, pytest.raises(Refused, match="it has not ended"):
        operations.rerun(connection, process_id, registry=Registry([process]), actor=Actor("Ada"))


def test_what_is_not_there_cannot_be_acted_on(database: Database) -> None:
    for act in (restart, abandon):
        with pytest.raises(UnknownId, match="There is no process with id 99"):
            act(database, 99)


@pytest.mark.parametrize("wanted", ["pending", "waiting", "failed"])
def test_abandoning_what_rests_closes_it_with_the_reason(database: Database, wanted: str) -> None:
    process_id, process = in_status(database, wanted, dedup_key="k")

    abandon(database, process_id)
    work(database, process)

    found, last = row(database, process_id), history(database, process_id)[-1]
    assert (found["status"], found["due_at"], found["waiting_for"]) == ("abandoned", None, None)
    assert (last.outcome, last.message, last.by, last.seq) == ("abandon", "wrong case", "Bo", found["seq"])
    assert start(database, process, dedup_key="k") != process_id


def test_a_running_process_is_not_restarted_but_its_holder_named(database: Database, tmp_path: Any) -> None:
    process_id = start(database, Long, {"file": str(tmp_path / "effects"), "go": str(tmp_path / "go")})
    with working(database, Long) as holder:
        eventually(lambda: noted(tmp_path / "effects", "pid"))

        with pytest.raises(HeldByAnother) as refused:
            restart(database, process_id, Long)
        (tmp_path / "go").touch()

    assert refused.value.exit_code == 6
    assert f"Process {process_id} is held by worker {holder.name}." in str(refused.value)


def test_one_process_is_worked_on_before_its_moment(database: Database) -> None:
    early, other = (start(database, Three, at=NOON + timedelta(days=999)) for _ in range(2))

    work(database, Three, only=early)

    assert (status(database, early), status(database, other)) == ("succeeded", "waiting")


def test_working_on_one_process_whose_code_is_not_here_changes_nothing(database: Database) -> None:
    process_id = start(database, Three)
    before = everything(database)

    with pytest.raises(Refused, match="version 1 of 'three' with step 'a' is not known here"):
        work(database, odd(lambda run: Done()), only=process_id)

    assert everything(database) == before


@pytest.mark.parametrize("by", ["", " ", "\ud800", "b" * 5000])
def test_whoever_acts_is_stored_as_somebody(database: Database, by: str) -> None:
    process_id = start(database, actor=Actor(by))
    with database.begin() as connection:
        operations.abandon(connection, process_id, Act(Actor(by), "given up"))

    (act,) = told(database, process_id, "by")
    assert 1 <= len(act[0]) <= 200
    assert act[0] == get(database, process_id).created_by


@pytest.mark.parametrize("option", ["reference", "order_key", "dedup_key"])
def test_a_start_with_a_number_for_a_text_is_refused_in_one_line(database: Database, option: str) -> None:
    with pytest.raises(IllegalValue, match=f"{option} 7 is no text"):
        start(database, **{option: 7})


@pytest.mark.parametrize("option", ["reference", "order_key", "dedup_key"])
def test_a_start_with_a_number_for_a_text_that_is_personal_does_not_repeat_it(database: Database, option: str) -> None:
    with pytest.raises(IllegalValue, match=f"{option} '\\*\\*\\*' is no text"):
        start(database, Personal, **{option: 101701234})
