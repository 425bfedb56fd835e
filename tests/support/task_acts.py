"""Short ways to act on tasks, and to look at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asking_steps import Asks, AsksAnybody
from rig import SEES_ALL, start, work

from process_manager import governance, inspection
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import Policies
from process_manager.governance.action import Action
from process_manager.governance.task_actions import AnswerTask, ClaimTask, ReassignTask, ReleaseTask, TaskAction
from process_manager.inspection import TaskDetail, TaskFilter, TaskView

ADA = Actor("ada", is_person=True, way="page", role=Role.CASEWORKER, groups=frozenset({"economy"}))
BO = Actor("bo", is_person=True, way="page", role=Role.CASEWORKER, groups=frozenset({"economy"}))
EVE = Actor("eve", is_person=True, way="page", role=Role.CASEWORKER)
CHIEF = Actor("chief", is_person=True, way="page", role=Role.OPERATOR)

EVERY = TaskFilter(status=None)

YES = {"approved": True, "amount": 12}


def asked(database: Database, process: type[Asks] = Asks, **options: Any) -> int:
    """The id of the task of a process that has just asked."""
    process_id = start(database, process, **options)
    work(database, process)
    (found,) = listed(database, TaskFilter(process_id=process_id))
    return found.id


def listed(database: Database, which: TaskFilter = EVERY, **options: Any) -> tuple[TaskView, ...]:
    """The tasks: of open ones what is due first at the beginning, of others the oldest."""
    with database.read() as connection:
        found = inspection.tasks(connection, which, **{"viewer": SEES_ALL, **options}).tasks
    return found if which.status == "open" else found[::-1]


def task(database: Database, task_id: int, **options: Any) -> TaskDetail:
    """A task with its form."""
    with database.read() as connection:
        return inspection.task(connection, task_id, **{"viewer": SEES_ALL, **options})


def act(database: Database, actor: Actor, action: Action[Any]) -> Any:
    """What an act answered."""
    done = governance.acting(database, actor, action, policies=Policies())
    assert isinstance(done, governance.Acted)
    return done.value


def on(database: Database, task_id: int, kind: type[TaskAction[Any]], actor: Actor = ADA, **options: Any) -> Any:
    """Act on a task."""
    return act(database, actor, kind(task(database, task_id).task.process_id, task_id, **options))


def answer(database: Database, task_id: int, given: Any = YES, actor: Actor = ADA, **options: Any) -> Any:
    """Answer a task, as Ada of the group that is asked."""
    return on(database, task_id, AnswerTask, actor, answer=given, **options)


def standing(kind: type[TaskAction[Any]], **options: Any) -> Callable[[Database, Any], Action[Any]]:
    """The act on a task that is open."""

    def made(database: Database, _folder: Any) -> Action[Any]:
        task_id = asked(database, AsksAnybody)
        if kind is ReleaseTask:
            on(database, task_id, ClaimTask, ADA)
        return kind(task(database, task_id).task.process_id, task_id, **options)

    return made


UNHEARD: dict[str, tuple[list[str], dict[str, tuple[int, tuple[int, ...]]]]] = {
    "a process that waits for a person who has answered": (
        [
            "UPDATE processes SET status = 'waiting', waiting_for = 'event', due_at = NULL WHERE id = 5",
            "INSERT INTO tasks (process_id, seq, step, step_key, round, title, details, form, form_schema, marks, zone,"
            " holidays, asked_at, orders_at, is_open, answered_at) SELECT id, seq, step, 'a/0', 1, 'x', '', 'f', '{}',"
            " '', 'UTC', '', created_at, created_at, 1, created_at FROM processes WHERE id = 5",
        ],
        {"answers heard": (1, (5,))},
    ),
}
"""What breaks tasks behind the engine's back, and what `doctor` says of it."""

TASKS: dict[str, Callable[[Database, Any], Action[Any]]] = {
    "answer_task": standing(AnswerTask, answer=YES),
    "claim_task": standing(ClaimTask),
    "release_task": standing(ReleaseTask),
    "reassign_task": standing(ReassignTask, group="chief"),
}
"""Each act on tasks, and what has to be there first."""
