"""What people are asked: a list of tasks, and one with its form and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.actor import Actor
from process_manager.definition import answer_marks
from process_manager.errors import UnknownTask
from process_manager.inspection import masking
from process_manager.inspection.masking import Shield
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle import task_rights
from process_manager.message import Message
from process_manager.store import task_queries
from process_manager.store.task_queries import Place, TaskFilter, TaskStatus

MOST_COUNTED: Final = 1000
"""More tasks than so many are not counted."""

OPEN: Final = TaskFilter()
"""Whatever is asked now."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as a person sees it.

    Attributes:
        id: By which it is answered.
        title: What is asked.
        status: Open; answered; or withdrawn, because its process waits for it no longer.
        process_id: The process that asks.
        name: The name of the process.
        version: Its version.
        reference: Its reference.
        step: The step that asks.
        group: Who is asked; None for everybody who may work on the process.
        form: The name of the form.
        asked_at: When it was asked.
        due_at: By when it should be answered.
        is_overdue: Whether that moment is past, and nobody has answered.
        overdue_to: The group that is asked then.
        overdue_at: When it was given to that group.
        remind_at: When they are reminded next.
        reminded_at: When they were reminded last.
        reminders: How often they were reminded.
        claimed_by: Who has it.
        claimed_at: Since when.
        not_by: "starter" where whoever started the process may not answer.
        answered_by: Who answered.
        answered_at: When.
        answered_way: How they came.
    """

    id: int
    title: str
    status: TaskStatus
    process_id: int
    name: str
    version: int
    reference: str | None
    step: str
    group: str | None
    form: str
    asked_at: datetime
    due_at: datetime | None
    is_overdue: bool
    overdue_to: str | None
    overdue_at: datetime | None
    remind_at: datetime | None
    reminded_at: datetime | None
    reminders: int
    claimed_by: str | None
    claimed_at: datetime | None
    not_by: str | None
    answered_by: str | None
    answered_at: datetime | None
    answered_way: str | None


@dataclass(frozen=True, slots=True)
class TaskPage:
    """Some tasks, and where the next page begins.

    Attributes:
        tasks: The tasks, what is due first at the beginning.
        after: Where the next page begins; None on the last.
    """

    tasks: tuple[TaskView, ...]
    after: Place | None


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task with all that an answer needs.

    Attributes:
        task: The task.
        details: What they should know besides.
        form: The form as module:class.
        form_schema: Its JSON schema.
        answer: What was answered, with what is personal masked; None while nobody has.
        payload: What the process carries, with what is personal masked.
        refused: Why the actor may not answer it, claim it, or give it to others, by `answer`, `release` and
            `reassign`; what they may do is left out.
    """

    task: TaskView
    details: str
    form: str
    form_schema: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    payload: Mapping[str, Any]
    refused: Mapping[str, str]


def tasks(
    connection: sa.Connection,
    which: TaskFilter = OPEN,
    *,
    limit: int = 50,
    after: Place | None = None,
    viewer: Viewer = CONSOLE,
) -> TaskPage:
    """List tasks: of those that are open what is due first at the beginning, and of others the newest.

    Args:
        connection: A connection in any transaction.
        which: Which tasks; those that are open, unless it says otherwise.
        limit: How many, at most.
        after: Where the page before ended.
        viewer: Who asks.

    Returns:
        The page.
    """
    rows = task_queries.page(connection, which, after=after, limit=limit + 1, kinds=viewer.kinds)
    shown = rows[:limit]
    shields = masking.shields_of(connection, sorted({row["process_id"] for row in shown}), viewer)
    now = clock.now()
    last = shown[-1] if len(rows) > limit else None
    place = None if last is None else (last["orders_at"], last["id"])
    return TaskPage(tuple(_view(row, shields.get(row["process_id"]), now) for row in shown), place)


def count_tasks(connection: sa.Connection, which: TaskFilter = OPEN, *, viewer: Viewer = CONSOLE) -> int:
    """Return how many tasks match, at most 1,000.

    Args:
        connection: A connection in any transaction.
        which: Which tasks.
        viewer: Who asks.

    Returns:
        Their number.
    """
    return task_queries.count(connection, which, most=MOST_COUNTED, kinds=viewer.kinds)


def tasks_of(actor: Actor) -> TaskFilter:
    """Return which open tasks an actor may answer: of their groups, of no group, and what was given to them.

    Args:
        actor: Who asks.

    Returns:
        The filter.
    """
    if actor.groups is None:
        return OPEN
    return TaskFilter(groups=actor.groups, with_ungrouped=True, claimed_by=(actor.name,))


def task(
    connection: sa.Connection, task_id: int, *, actor: Actor | None = None, viewer: Viewer = CONSOLE
) -> TaskDetail:
    """Return a task.

    Args:
        connection: A connection in any transaction.
        task_id: Which task.
        actor: Who might act on it; None for nobody.
        viewer: Who asks.

    Returns:
        The task.

    Raises:
        UnknownTask: There is no such task, or none that the viewer may see.
    """
    row = task_queries.one(connection, task_id, kinds=viewer.kinds)
    if row is None:
        raise UnknownTask(task_id=task_id)
    contents = masking.contents_of(connection, row["process_id"])
    shield = masking.shields(connection, [contents], viewer).get(row["process_id"])
    payload = serialization.loads(contents["payload"] or contents["parameters"] or "{}")
    return TaskDetail(
        task=_view(row, shield, clock.now()),
        details=_hidden(row["details"], shield),
        form=row["form"],
        form_schema=serialization.loads(row["form_schema"]),
        answer=_answer(row, contents, viewer),
        payload=payload if shield is None else shield.payload(payload),
        refused={} if actor is None or row["status"] != "open" else _refusals(connection, row, actor),
    )


def tasks_asked(
    connection: sa.Connection, process_ids: Sequence[int], *, viewer: Viewer = CONSOLE
) -> dict[int, TaskView]:
    """Return what each of these processes asks now; those that ask nobody are left out.

    Args:
        connection: A connection in any transaction.
        process_ids: Which processes.
        viewer: Who asks.

    Returns:
        The open task of each, by the id of the process.
    """
    rows = task_queries.open_of(connection, process_ids)
    shields = masking.shields_of(connection, sorted(rows), viewer) if rows else {}
    now = clock.now()
    return {each: _view(row, shields.get(each), now) for each, row in rows.items()}


def _view(row: sa.RowMapping, shield: Shield | None, now: datetime) -> TaskView:
    same = {name: row[name] for name in TaskView.__slots__ if name in row}
    due_at = row["due_at"]
    return TaskView(
        **{
            **same,
            "title": _hidden(row["title"], shield),
            "reference": row["reference"] if shield is None else shield.key("reference", row["reference"]),
            "group": row["group_name"],
            "form": row["form"].rpartition(":")[2].rpartition(".")[2],
            "is_overdue": row["status"] == "open" and due_at is not None and due_at <= now,
        }
    )


def _hidden(text: str, shield: Shield | None) -> str:
    return text if shield is None else shield.value(text)


def _answer(row: sa.RowMapping, contents: sa.RowMapping, viewer: Viewer) -> Mapping[str, Any] | None:
    if row["answer"] is None:
        return None
    answer: Mapping[str, Any] = serialization.loads(row["answer"])
    return answer if viewer.reveals else answer_marks.read(row["marks"]).masked(answer, contents)


def _refusals(connection: sa.Connection, row: sa.RowMapping, actor: Actor) -> Mapping[str, str]:
    stand = task_queries.stand(connection, row)
    held = row["claimed_by"]
    other = held is not None and not task_rights.is_same(actor.name, actor.way, held)
    found: dict[str, Message | None] = {
        "answer": task_rights.answer_refused(stand, actor)
        or (Message("%(who)s has claimed it", who=held) if other else None),
        "release": task_rights.release_refused(stand, actor),
        "reassign": task_rights.handing_refused(stand, actor),
    }
    return {act: why for act, why in found.items() if why is not None}
