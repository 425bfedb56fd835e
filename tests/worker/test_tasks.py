"""Steps that ask people, in every way in which a step can run, and what becomes of a task."""

import threading
from typing import Any

import pytest
from asking_steps import ASKERS, Approval, Asks, AsksAnother
from rig import abandon, execute, get, history, odd, outcomes, restart, row, start, status, told, work
from task_acts import ADA, BO, CHIEF, EVE, YES, act, answer, asked, listed, on, task

from process_manager import Ask, Done, StepRun, operations
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import AnswerError, Forbidden, TaskClosed, TaskHeld, UnknownTask, UsageError
from process_manager.governance.task_actions import AnswerTask, ClaimTask, ReassignTask, ReleaseTask
from process_manager.inspection import TaskFilter
from process_manager.operations import Act

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


@pytest.mark.parametrize("process", ASKERS)
def test_a_step_asks_a_person_rests_and_goes_on_with_the_answer(database: Database, process: type[Asks]) -> None:
    task_id = asked(database, process)
    found = task(database, task_id).task
    at = row(database, found.process_id)
    assert (at["status"], at["waiting_for"], at["due_at"], at["attempts"]) == ("waiting", "event", None, 0)
    assert (found.title, found.status, found.group, found.form) == ("Approve it?", "open", "economy", "Approval")

    answer(database, task_id)
    work(database, process)

    assert outcomes(database, found.process_id) == [
        ("ask", "wait"),
        ("ask", "answer"),
        ("ask", "done"),
        ("end", "done"),
    ]
    assert get(database, found.process_id).payload == {"by": "ada", "way": "page", "amount": 12}
    assert row(database, found.process_id)["message"] == "nothing"  # an answer is that of the step that asked
    after = task(database, task_id)
    assert (after.task.status, after.task.answered_by, after.task.answered_way) == ("answered", "ada", "page")
    assert after.answer == {"approved": True, "amount": 12, "note": "", "channel": "post"}


def test_the_history_tells_who_answered_and_what_with_a_mask_for_what_is_personal(database: Database) -> None:
    task_id = asked(database)

    answer(database, task_id, {**YES, "note": "her secret"}, reason="as agreed")

    (told_,) = [each for each in history(database, 1) if each.outcome == "answer"]
    assert (told_.by, told_.way, told_.round, told_.attempt) == ("ada", "page", 1, 0)
    shown = '{"approved":true,"amount":12,"note":"***","channel":"post"}'
    assert told_.message.replace(" ", "") == f"Approval: {shown}: as agreed".replace(" ", "")
    audit = execute(database, "SELECT act, target, result, a.* FROM audit a ORDER BY number")
    assert [each[:3] for each in audit] == [("task-answer", f"task {task_id}", "done")]
    assert "her secret" not in repr((audit, execute(database, "SELECT message, payload FROM process_steps")))


def test_an_answer_is_the_same_in_every_retry_and_a_later_question_is_another(database: Database) -> None:
    seen: list[Any] = []

    def stumbles(run: StepRun) -> Any:
        found = run.answer(Approval)
        if found is None:
            return Ask("Approve it?", form=Approval)
        seen.append(found.form.amount)
        if len(seen) == 1:
            raise ValueError("SAP is down")
        return Ask("And now?", form=Approval) if len(seen) == 2 else Done("enough")

    process = odd(stumbles)
    process_id = start(database, process)
    work(database, process)
    answer(database, listed(database)[0].id, {**YES, "amount": 1})
    work(database, process)
    execute(database, "UPDATE processes SET due_at = updated_at WHERE status = 'waiting'")
    work(database, process)
    assert (seen, row(database, process_id)["waiting_for"]) == ([1, 1], "event")
    first, second = listed(database)

    answer(database, second.id, {**YES, "amount": 2})
    work(database, process)

    assert (first.status, second.title, seen, status(database, process_id)) == (
        "answered",
        "And now?",
        [1, 1, 2],
        "succeeded",
    )


def test_of_two_who_answer_at_once_one_is_told_who_was_quicker(database: Database) -> None:
    task_id = asked(database)
    found: list[Any] = []
    both = threading.Barrier(2)

    def answers(actor: Actor) -> None:
        both.wait()
        try:
            found.append(answer(database, task_id, actor=actor))
        except TaskClosed as problem:
            found.append(problem)

    threads = [threading.Thread(target=answers, args=[actor]) for actor in (ADA, BO)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    after = task(database, task_id).task
    (late,) = [each for each in found if isinstance(each, TaskClosed)]
    assert len(found) == 2
    assert f"was answered by {after.answered_by} on {after.answered_at:%Y-%m-%d %H:%M:%S} UTC" in str(late)
    assert [each.outcome for each in history(database, 1)] == ["wait", "answer"]
    assert execute(database, "SELECT result FROM audit ORDER BY number") == [("done",), ("refused",)]


def test_whoever_started_the_process_may_not_answer_where_that_is_said_whatever_way_they_come(
    database: Database,
) -> None:
    started_by = Actor("Ada@desk-7", is_person=True, way="console", groups=None)
    task_id = asked(database, AsksAnother, actor=started_by)

    for actor in (ADA, started_by):
        for kind, options in ((AnswerTask, {"answer": YES}), (ClaimTask, {})):
            with pytest.raises(Forbidden, match="whoever started the process"):
                on(database, task_id, kind, actor, **options)
    with pytest.raises(UsageError, match="ada started the process"):
        on(database, task_id, ReassignTask, BO, person="ada")

    assert len(execute(database, "SELECT 1 FROM audit WHERE result = 'refused'")) == 4
    answer(database, task_id, actor=BO)


def test_only_the_group_that_is_asked_may_answer_and_a_viewer_of_it_may_not(database: Database) -> None:
    task_id = asked(database)
    viewer = Actor("vi", is_person=True, role=Role.VIEWER, groups=frozenset({"economy"}))

    for actor in (EVE, CHIEF, viewer):
        with pytest.raises(Forbidden):
            answer(database, task_id, actor=actor)

    assert task(database, task_id, actor=EVE).refused == {
        "answer": "it is asked of the group economy",
        "release": "nobody has claimed it",
        "reassign": "it is asked of the group economy",
    }
    assert task(database, task_id, actor=ADA).refused.keys() == {"release"}


def test_what_one_has_claimed_no_other_answers_until_it_is_released_or_handed_over(database: Database) -> None:
    task_id = asked(database)
    assert on(database, task_id, ClaimTask, ADA) is True
    assert on(database, task_id, ClaimTask, ADA) is False

    for kind, options in ((AnswerTask, {"answer": YES}), (ClaimTask, {})):
        with pytest.raises(TaskHeld, match="claimed by ada"):
            on(database, task_id, kind, BO, **options)
    with pytest.raises(Forbidden):
        on(database, task_id, ReleaseTask, EVE)
    assert on(database, task_id, ReleaseTask, CHIEF) is True
    assert on(database, task_id, ReassignTask, BO, person="eve") is True
    with pytest.raises(TaskHeld):
        answer(database, task_id, actor=ADA)
    answer(database, task_id, actor=EVE)

    assert task(database, task_id).task.answered_by == "eve"


def test_a_task_that_is_given_to_another_group_is_asked_of_that(database: Database) -> None:
    task_id = asked(database)
    on(database, task_id, ClaimTask, ADA)

    assert on(database, task_id, ReassignTask, CHIEF, group="leaders") is True
    assert on(database, task_id, ReassignTask, CHIEF, group="leaders") is False

    found = task(database, task_id).task
    assert (found.group, found.claimed_by) == ("leaders", None)
    with pytest.raises(Forbidden):
        answer(database, task_id)
    assert execute(database, "SELECT COUNT(*) FROM audit WHERE act = 'task-reassign'") == [(1,)]


@pytest.mark.parametrize(
    ("given", "told_"),
    [
        ({}, "approved: Fill this in"),
        ({"approved": True, "amount": -1}, "amount: Write at least 0"),
        ({"approved": True, "amount": "much"}, "amount: Write a whole number"),
        ({"approved": True, "channel": "fax"}, "channel: Choose one of these"),
        ([1], "answer: Write this as JSON"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_its_field(database: Database, given: Any, told_: str) -> None:
    task_id = asked(database)

    with pytest.raises(AnswerError, match=told_):
        answer(database, task_id, given)

    assert (task(database, task_id).task.status, status(database, 1)) == ("open", "waiting")


@pytest.mark.parametrize("leaves", ["restart", "abandon", "skip", "run-now"])
def test_a_task_is_withdrawn_once_its_process_waits_for_it_no_longer(database: Database, leaves: str) -> None:
    task_id = asked(database)

    leave(database, leaves)
    assert task(database, task_id).task.status == "withdrawn"
    with pytest.raises(TaskClosed, match="process 1 waits for it no longer"):
        answer(database, task_id)
    work(database, Asks)

    now = [each.id for each in listed(database, TaskFilter())]
    assert (now not in ([], [task_id])) is (leaves in ("restart", "run-now"))
    if now:
        answer(database, now[0])
        work(database, Asks)
        assert status(database, 1) == "succeeded"


def leave(database: Database, leaves: str) -> None:
    if leaves == "restart":
        return restart(database, 1, Asks)
    if leaves == "abandon":
        return abandon(database, 1)
    with database.begin() as connection:
        verb = operations.skip_step if leaves == "skip" else operations.run_now
        verb(connection, 1, Act(CHIEF, "because"), registry=Registry([Asks]))
    return None


def test_whoever_edits_what_a_process_carries_has_it_ask_anew(database: Database) -> None:
    task_id = asked(database)

    with database.begin() as connection:
        why = Act(CHIEF, "another amount")
        operations.edit_payload(connection, 1, why, registry=Registry([Asks]), changes={"amount": 9})
    assert status(database, 1) == "pending"
    work(database, Asks)

    first, second = sorted(listed(database), key=lambda each: each.id)
    assert (first.id, first.status, second.status) == (task_id, "withdrawn", "open")


def test_an_answer_of_an_earlier_round_does_not_count_in_a_later_one(database: Database) -> None:
    def fails(run: StepRun) -> Any:
        return Ask("Approve it?", form=Approval) if run.answer(Approval) is None else Done(payload={"no": object()})

    process = odd(fails)
    process_id = start(database, process)
    work(database, process)
    answer(database, listed(database)[0].id)
    work(database, process)
    assert status(database, process_id) == "failed"

    restart(database, process_id, process)
    work(database, process)

    assert [each.status for each in listed(database)] == ["answered", "open"]


def test_what_cannot_be_asked_fails_the_step_and_says_why(database: Database) -> None:
    class Hidden(Approval):
        pass

    process = odd(lambda _run: Ask(form=Hidden))
    start(database, process)
    work(database, process)

    ((message,),) = told(database, 1, "message")[:1]
    assert "is found nowhere by this name" in message


def test_a_task_of_another_process_than_was_named_is_not_there(database: Database) -> None:
    task_id = asked(database)
    other = start(database, Asks)

    with pytest.raises(UnknownTask):
        act(database, ADA, AnswerTask(other, task_id, answer=YES))
