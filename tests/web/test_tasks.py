"""The pages of tasks: what is asked, its form, and the acts on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from asking_steps import Asks, AsksAnother, AsksAnybody, AsksApart
from fastapi import FastAPI
from invoice_pages import text
from rig import settings, status, work
from task_acts import BO, answer, asked, on, task
from web_visitor import Visitor

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance.task_actions import ClaimTask, ReassignTask
from process_manager.store.task_tables import tasks
from process_manager.web.app import create_app
from process_manager.web.office import Office

pytestmark = pytest.mark.slow

ECONOMY = frozenset({"economy"})
YES = {"p.approved": "yes", "p.amount": "12", "p.note": "", "p.channel": "mail"}


PAST = datetime(2026, 1, 2, tzinfo=UTC)


class Late(Asks):
    """Its task has a moment by which it is due."""

    name = "late"
    terms = {"group": "economy", "due": timedelta(days=1), "details": "Look at the invoice."}


def opened(database: Database, *, groups: frozenset[str] = ECONOMY, role: Role = Role.CASEWORKER) -> Visitor:
    known = Registry([Asks, AsksAnother, AsksAnybody, AsksApart, Late])
    app: FastAPI = create_app(Office.of(settings(), database, known))
    visitor = Visitor(app)
    visitor.come_in(database, role=role, groups=groups)
    return visitor


def shown(visitor: Visitor, path: str) -> str:
    answered = visitor.get(path)
    assert answered.status_code == 200
    return text(answered)


def test_a_task_is_listed_opened_and_answered(database: Database) -> None:
    task_id = asked(database, reference="26-4711")
    ada = opened(database)

    listed, page = shown(ada, "/tasks"), shown(ada, f"/tasks/{task_id}")
    form = ada.get(f"/tasks/{task_id}").text
    sent = ada.post(f"/tasks/{task_id}/answer", {**YES, "reason": "by phone"})

    assert "One task waits for your answer. None is overdue." in listed
    assert "Approve it? 26-4711" in listed
    assert "Asked of economy" in page
    assert 'type="checkbox" id="p-approved"' in form
    assert (sent.status_code, sent.headers["location"]) == (303, f"/tasks/{task_id}?done=answer")
    after = shown(ada, f"/tasks/{task_id}?done=answer")
    assert "Answered: its process goes on." in after
    assert "Answered by ada" in after
    assert "Amount 12" in after
    assert "Channel mail" in after
    assert status(database, 1) == "pending"
    work(database, Asks)
    assert "ada" in shown(ada, "/processes/1")
    assert "Approve it? 26-4711" in shown(ada, "/tasks?view=answered")


def test_what_does_not_fit_is_said_beside_its_field_and_what_was_typed_stays(database: Database) -> None:
    task_id = asked(database)
    ada = opened(database)

    sent = ada.post(f"/tasks/{task_id}/answer", {**YES, "p.amount": "-5", "reason": "by phone"})
    unreadable = ada.post(f"/tasks/{task_id}/answer", {**YES, "p.amount": "many"})

    assert (sent.status_code, unreadable.status_code) == (422, 422)
    assert "Write at least 0." in sent.text
    assert 'aria-invalid="true"' in sent.text
    assert 'value="-5"' in sent.text
    assert 'value="by phone"' in sent.text
    assert "Write a whole number." in unreadable.text
    assert task(database, task_id).task.status == "open"


def test_who_was_quicker_is_told_and_what_was_typed_stays(database: Database) -> None:
    task_id = asked(database)
    ada = opened(database)
    answer(database, task_id, actor=BO)

    sent = ada.post(f"/tasks/{task_id}/answer", {**YES, "p.note": "called them"})

    assert sent.status_code == 409
    assert "bo answered it at " in text(sent)
    assert "what you typed is kept" in text(sent)
    assert 'value="called them"' in sent.text
    assert "<fieldset disabled" in sent.text


def test_a_task_is_claimed_released_and_given_to_others(database: Database) -> None:
    task_id = asked(database)
    ada = opened(database)

    ways = [ada.post(f"/tasks/{task_id}/{way}").headers.get("location") for way in ("claim", "release")]
    on(database, task_id, ClaimTask, BO)
    held = ada.post(f"/tasks/{task_id}/answer", YES)
    given = ada.post(f"/tasks/{task_id}/reassign", {"group": "chiefs", "reason": "over the limit"})

    assert ways == [f"/tasks/{task_id}?done=claim", f"/tasks/{task_id}?done=release"]
    assert (held.status_code, f"Task {task_id} is claimed by bo." in text(held)) == (409, True)
    assert given.status_code == 303
    assert "You cannot answer it: it is asked of the group chiefs." in shown(ada, f"/tasks/{task_id}")
    assert ada.post(f"/tasks/{task_id}/answer", YES).status_code == 403
    assert ada.post(f"/tasks/{task_id}/reassign", {}).status_code == 422
    assert ada.post(f"/tasks/{task_id}/nonsense").status_code == 422
    assert ada.get("/tasks/999").status_code == 404


def test_the_views_and_filters_of_the_list(database: Database) -> None:
    overdue, other, anybody = asked(database, Late), asked(database), asked(database, AsksAnybody)
    on(database, other, ReassignTask, BO, group="chiefs")
    ada = opened(database)
    on(database, anybody, ClaimTask, BO)
    late = {"due_at": PAST, "orders_at": PAST}
    database.run(lambda it: it.execute(sa.update(tasks).where(tasks.c.id == overdue).values(late)))

    found = {view: links(ada, f"/tasks?{view}") for view in VIEWS}

    assert found == {
        "": [overdue],
        "view=overdue": [overdue],
        "view=open": [overdue, other, anybody],
        "view=claimed": [],
        "group=chiefs&view=open": [other],
        "name=late": [overdue],
        "view=answered": [],
    }
    assert "One task is overdue." in shown(ada, "/tasks")
    assert "1 task should have been answered by now." in shown(ada, "/attention")
    assert "Overdue since" in shown(ada, f"/tasks/{overdue}")
    assert "Look at the invoice." in shown(ada, f"/tasks/{overdue}")


VIEWS = ("", "view=overdue", "view=open", "view=claimed", "group=chiefs&view=open", "name=late", "view=answered")


def links(visitor: Visitor, path: str) -> list[int]:
    return [int(each.partition('"')[0]) for each in visitor.get(path).text.split('<a href="/tasks/')[1:]]


def test_whoever_may_not_answer_sees_why(database: Database) -> None:
    task_id = asked(database)
    stranger = opened(database, groups=frozenset(), role=Role.VIEWER)

    page = stranger.get(f"/tasks/{task_id}")

    assert "Your role, viewer, cannot answer tasks" in text(page)
    assert "<fieldset disabled" in page.text
    assert stranger.post(f"/tasks/{task_id}/answer", YES).status_code == 403


def test_a_process_that_was_given_up_asks_no_more(database: Database) -> None:
    task_id = asked(database)
    ada = opened(database)
    assert ada.post("/processes/1/abandon", {"reason": "withdrawn"}).status_code == 303

    sent = ada.post(f"/tasks/{task_id}/answer", YES)

    assert sent.status_code == 409
    assert "Its process waits for it no longer." in text(sent)
    assert "Nobody waits for an answer any more." in shown(ada, f"/tasks/{task_id}")


def test_the_page_of_a_process_says_what_is_asked_of_whom_and_links_to_it(database: Database) -> None:
    task_id = asked(database, AsksApart)
    ada = opened(database)

    page = ada.get("/processes/1")

    assert "Approve it?" in text(page)
    assert "economy" in text(page)
    assert f'href="/tasks/{task_id}"' in page.text


def test_pages_of_tasks_go_on_where_they_ended(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("process_manager.web.pages.tasks.SHOWN", 1)
    first, second = asked(database), asked(database)
    ada = opened(database)

    page = ada.get("/tasks").text
    onward = page.partition('href="/tasks?after=')[2].partition('"')[0]

    assert [links(ada, "/tasks"), links(ada, f"/tasks?after={onward}")] == [[first], [second]]
    assert links(ada, "/tasks?after=nonsense") == [first]
