"""What people answer is masked, asked of the right people, kept as it was given, and found again."""

import pytest
from asking_steps import Above, AsksAnother, AsksOfSomebody, Forgetful
from rig import execute, get, start, work
from task_acts import ADA, BO, CHIEF, YES, answer, asked, listed, on, task

from process_manager import Ask, inspection
from process_manager.database import Database
from process_manager.errors import Forbidden, IllegalValue, UsageError
from process_manager.governance.task_actions import ReassignTask
from process_manager.inspection import TaskFilter, Viewer

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


def test_what_is_personal_in_the_process_is_masked_in_an_answer_too(database: Database) -> None:
    task_id = asked(database, AsksOfSomebody, payload={"cpr": "010180-1234"}, reference="Hansen, Peter")

    done = answer(database, task_id, {**YES, "remark": "call 010180-1234 of Hansen, Peter"})
    work(database, AsksOfSomebody)

    assert done.shown["remark"] == "call *** of ***"
    shown = repr((execute(database, "SELECT after FROM audit"), execute(database, "SELECT message FROM process_steps")))
    assert "call *** of ***" in shown
    assert ("010180" in shown, "Hansen" in shown) == (False, False)
    hidden = task(database, task_id, viewer=Viewer(marks=lambda _name, _version: AsksOfSomebody.marks)).answer
    assert hidden is not None
    assert hidden["remark"] == "call *** of ***"
    assert get(database, 1).payload["remark"] == "call 010180-1234 of Hansen, Peter"


def test_who_is_not_asked_cannot_give_the_task_to_themselves_and_answer(database: Database) -> None:
    task_id = asked(database)

    with pytest.raises(Forbidden, match="it is asked of the group economy"):
        on(database, task_id, ReassignTask, CHIEF, person="Chief")
    on(database, task_id, ReassignTask, CHIEF, person="bo")
    on(database, task_id, ReassignTask, CHIEF, group="leaders")

    with pytest.raises(Forbidden, match="it is asked of the group leaders"):
        answer(database, task_id, actor=CHIEF)


def test_the_starter_of_a_child_is_whoever_started_its_first_parent(database: Database) -> None:
    start(database, Above, actor=ADA)
    work(database, Above, AsksAnother)
    (found,) = listed(database)

    with pytest.raises(Forbidden, match="whoever started the process may not answer it"):
        answer(database, found.id)
    with pytest.raises(UsageError, match="ada started the process"):
        on(database, found.id, ReassignTask, CHIEF, person="ada")
    assert "answer" in task(database, found.id, actor=ADA).refused

    answer(database, found.id, actor=BO)


def test_a_form_of_which_something_would_not_be_kept_is_refused() -> None:
    with pytest.raises(IllegalValue, match="has gone, pin, of which nothing would be kept"):
        Ask("Which?", form=Forgetful)


def test_what_is_not_asked_any_more_is_listed_from_the_newest_on_page_by_page(database: Database) -> None:
    asked_of = [asked(database) for _ in range(5)]
    for each in asked_of:
        answer(database, each)

    pages, after = [], None
    with database.read() as connection:
        while not pages or after is not None:
            page = inspection.tasks(connection, TaskFilter(status="answered"), limit=2, after=after)
            pages.append([each.id for each in page.tasks])
            after = page.after

    newest = asked_of[::-1]
    assert pages == [newest[:2], newest[2:4], newest[4:]]
