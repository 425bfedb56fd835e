"""Tasks by the API: listed, shown, answered, claimed, released and given to others."""

from __future__ import annotations

from typing import Any

import pytest
from api_caller import Caller, basic
from asking_steps import Asks
from rig import settings, status
from task_acts import BO, YES, answer, asked, on
from web_visitor import add_user

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import passwords
from process_manager.governance.task_actions import ClaimTask
from process_manager.web.app import create_app
from process_manager.web.office import Office

pytestmark = pytest.mark.slow
PASSWORD = "a long pass phrase"  # noqa: S105 - of a user that only a test has


@pytest.fixture
def ada(database: Database) -> Caller:
    app = create_app(Office.of(settings(), database, Registry([Asks])))
    hashed = passwords.hashed(PASSWORD, of="ada")
    add_user(database, "ada", Role.CASEWORKER, password_hash=hashed, groups=frozenset({"economy"}))
    return Caller(app, basic("ada", PASSWORD))


def facts(answered: Any) -> tuple[Any, ...]:
    found = answered.json()
    return answered.status_code, found["act"], found["has_changed"], found["is_dry_run"]


def test_a_task_is_shown_claimed_released_and_answered(ada: Caller, database: Database) -> None:
    task_id = asked(database, reference="26-4711")
    path = f"/tasks/{task_id}"

    shown = ada.get(path).json()
    done = [ada.post(f"{path}/claim"), ada.post(f"{path}/claim"), ada.post(f"{path}/release")]
    tried = ada.post(f"{path}/answer", {"answer": YES, "dry_run": True})
    answered = ada.post(f"{path}/answer", {"answer": YES, "reason": "by phone"})

    assert (shown["task"]["title"], shown["task"]["reference"]) == ("Approve it?", "26-4711")
    assert shown["form_schema"]["properties"].keys() == {"approved", "amount", "note", "channel"}
    assert shown["refused"] == {"release": "nobody has claimed it"}
    assert [facts(each) for each in done] == [
        (200, "claim", True, False), (200, "claim", False, False), (200, "release", True, False),
    ]  # fmt: skip
    assert (facts(tried), status(database, 1)) == ((200, "answer", True, True), "pending")
    assert facts(answered) == (200, "answer", True, False)
    assert answered.json()["audit_number"] is not None


def test_a_second_answer_is_refused_with_who_was_first_and_when(ada: Caller, database: Database) -> None:
    task_id = asked(database)
    answer(database, task_id, actor=BO)

    again = ada.post(f"/tasks/{task_id}/answer", {"answer": YES})

    assert again.status_code == 409
    assert f"Task {task_id} was answered by bo on 20" in again.json()["detail"]
    assert ada.get(f"/tasks/{task_id}").json()["answer"]["approved"] is True


def test_what_does_not_fit_is_told_with_its_path(ada: Caller, database: Database) -> None:
    task_id = asked(database)

    unfit = ada.post(f"/tasks/{task_id}/answer", {"answer": {"approved": True, "amount": -1}})
    nothing = ada.post(f"/tasks/{task_id}/reassign", {})
    unknown = ada.post("/tasks/999/answer", {"answer": YES})

    assert (unfit.status_code, [each["field"] for each in unfit.json()["errors"]]) == (422, ["answer.amount"])
    assert (nothing.status_code, unknown.status_code) == (422, 404)


def test_who_has_it_or_is_asked_is_told_to_others(ada: Caller, database: Database) -> None:
    task_id = asked(database)
    on(database, task_id, ClaimTask, BO)

    held = ada.post(f"/tasks/{task_id}/answer", {"answer": YES})
    given = ada.post(f"/tasks/{task_id}/reassign", {"group": "chiefs"})
    strange = ada.post(f"/tasks/{task_id}/answer", {"answer": YES})

    assert (held.status_code, "claimed by bo" in held.json()["detail"]) == (409, True)
    assert facts(given) == (200, "reassign", True, False)
    assert (strange.status_code, "the group chiefs" in strange.json()["detail"]) == (403, True)


def test_tasks_are_listed_by_filters_a_page_at_a_time(ada: Caller, database: Database) -> None:
    first, second, other = (asked(database) for _ in range(3))
    answer(database, other, actor=BO)

    def ids(**query: Any) -> list[int]:
        return [each["id"] for each in ada.get("/tasks", **query).json()["items"]]

    page = ada.get("/tasks", limit=1).json()
    assert [each["id"] for each in page["items"]] == [first]
    assert ids(after=page["next_after"]) == [second]
    assert (ids(status="answered"), ids(status="all"), ids(group="chiefs")) == ([other], [other, second, first], [])
    assert (ids(mine=True), ids(overdue=True), ids(name="other")) == ([first, second], [], [])
    assert ada.get("/tasks", after="nonsense").status_code == 422
