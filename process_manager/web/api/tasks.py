"""`/tasks`: what people are asked, answered, claimed, released and given to others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Path, Query, Request
from pydantic import ConfigDict, Field

from process_manager import clock, inspection
from process_manager.actor import Actor
from process_manager.errors import IllegalValue
from process_manager.governance import permissions
from process_manager.governance.task_actions import AnswerTask, ClaimTask, ReassignTask, ReleaseTask, TaskAction
from process_manager.inspection import TaskDetail, TaskFilter, TaskView, tasks_of
from process_manager.web.api.asking import Doer, Doing, Reading
from process_manager.web.api.process_acts import ActRequest
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import Text, storable
from process_manager.web.ids import BIGGEST

router = ApiRouter("tasks")

TaskId = Annotated[int, Path(ge=1, le=BIGGEST, description="The id of the task.")]
Name = Annotated[str, Query(max_length=100), storable]


@dataclass(frozen=True, slots=True)
class TaskList:
    """Tasks: of open ones what is due first at the beginning, of others the newest.

    `next_after` is where the next page begins, None on the last.
    """

    items: list[TaskView]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class TaskActed:
    """What was done to a task.

    Attributes:
        task_id: The task.
        process_id: Its process.
        act: What was done.
        has_changed: Whether that made a difference: claiming what one has already makes none.
        audit_number: The number of its row on the audit chain; None for a dry run, and for what changed nothing.
        is_dry_run: Whether nothing was changed.
    """

    task_id: int
    process_id: int
    act: str
    has_changed: bool
    audit_number: int | None
    is_dry_run: bool


class AnswerRequest(ActRequest):
    """The fields of the form, and a remark for the history."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"answer": {"approved": True, "amount": 4250}, "reason": "checked by phone"}]}
    )

    answer: dict[str, Any] = Field(description="The fields of the form; `form_schema` of the task says which.")


class ReassignRequest(ActRequest):
    """Who is asked instead: a group, or one person."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"group": "chiefs", "reason": "over the limit"}]})

    group: Text | None = Field(None, description="The group that is asked from now on.")
    person: Text | None = Field(None, description="The name of the person who has it from now on.")


VIEW: Final[dict[str, Any]] = {
    "id": 31,
    "title": "Approve invoice 2026-10482?",
    "status": "open",
    "process_id": 4711,
    "name": "invoice-approval",
    "version": 1,
    "reference": "2026-10482",
    "step": "approve",
    "group": "economy",
    "form": "Approval",
    "asked_at": "2026-11-30T08:00:00Z",
    "due_at": "2026-12-03T08:00:00Z",
    "is_overdue": False,
    "overdue_to": "chiefs",
    "overdue_at": None,
    "remind_at": "2026-12-01T08:00:00Z",
    "reminded_at": None,
    "reminders": 0,
    "claimed_by": None,
    "claimed_at": None,
    "not_by": "starter",
    "answered_by": None,
    "answered_at": None,
    "answered_way": None,
}
DETAIL: Final = {
    "task": VIEW,
    "details": "It is over the limit of 10 000.",
    "form": "processes.invoices:Approval",
    "form_schema": {"title": "Approval", "type": "object", "properties": {"approved": {"type": "boolean"}}},
    "answer": None,
    "payload": {"amount": "12500.00"},
    "refused": {"release": "nobody has claimed it"},
}
ANSWERED: Final = {
    "task_id": 31,
    "process_id": 4711,
    "act": "answer",
    "has_changed": True,
    "audit_number": 90210,
    "is_dry_run": False,
}


@dataclass(frozen=True, slots=True)
class _AskedTasks:
    """Which tasks are asked for."""

    which: TaskFilter
    after: tuple[datetime, int] | None


def _asked(  # noqa: PLR0913, PLR0917 - the filters
    request: Request,
    status: Annotated[Literal["open", "answered", "withdrawn", "all"], Query(description="Which.")] = "open",
    mine: Annotated[bool, Query(description="Those that whoever asks may answer.")] = False,
    group: Annotated[Name | None, Query(description="Asked of this group.")] = None,
    name: Annotated[Name | None, Query(description="Of processes of this name.")] = None,
    process_id: Annotated[int | None, Query(ge=1, le=BIGGEST, description="Of this process.")] = None,
    overdue: Annotated[bool, Query(description="Those that are overdue.")] = False,
    after: Annotated[str, Query(max_length=100, description="Where the page before ended: its `next_after`.")] = "",
) -> _AskedTasks:
    """Return which tasks are asked for."""
    actor: Actor = request.state.actor
    own = tasks_of(actor) if mine else TaskFilter()
    which = TaskFilter(
        status=None if status == "all" else status,
        groups=(group,) if group else own.groups,
        with_ungrouped=own.with_ungrouped and not group,
        claimed_by=None if group else own.claimed_by,
        name=name,
        process_id=process_id,
        overdue_at=clock.now() if overdue else None,
    )
    return _AskedTasks(which, _place(after) if after else None)


@router.get("", summary="List tasks", **answers({"items": [VIEW], "next_after": None}))
def list_tasks(
    reader: Reading,
    asked: Annotated[_AskedTasks, Depends(_asked)],
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 50,
) -> TaskList:
    """Return what people are asked: what is due first at the beginning, what is due at no moment at the end."""
    with reader.office.database.read() as connection:
        page = inspection.tasks(connection, asked.which, limit=limit, after=asked.after, viewer=reader.viewer)
    last = page.after
    return TaskList(list(page.tasks), None if last is None else f"{last[0].astimezone(UTC).isoformat()},{last[1]}")


@router.get("/{task_id}", summary="Show a task", **answers(DETAIL, 404))
def get_task(reader: Reading, request: Request, task_id: TaskId) -> TaskDetail:
    """Return a task with its form, its answer, and why whoever asks may not act on it."""
    with reader.office.database.read() as connection:
        return inspection.task(connection, task_id, actor=request.state.actor, viewer=reader.viewer)


@router.post("/{task_id}/answer", summary="Answer a task", **answers(ANSWERED, 404, 409))
def answer_task(doer: Doing, task_id: TaskId, body: AnswerRequest) -> TaskActed:
    """Fill in its form: the process goes on. 409 says who answered before, and when, or who has claimed it."""
    action = AnswerTask(_process_of(doer, task_id, "task-answer"), task_id, answer=body.answer, reason=body.reason)
    return _acted(doer, action, "answer", dry_run=body.dry_run)


@router.post("/{task_id}/claim", summary="Claim a task", **answers({**ANSWERED, "act": "claim"}, 404, 409))
def claim_task(doer: Doing, task_id: TaskId, body: ActRequest) -> TaskActed:
    """Take it for oneself: nobody else of the group can answer it."""
    action = ClaimTask(_process_of(doer, task_id, "task-claim"), task_id, reason=body.reason)
    return _acted(doer, action, "claim", dry_run=body.dry_run)


@router.post("/{task_id}/release", summary="Release a task", **answers({**ANSWERED, "act": "release"}, 404, 409))
def release_task(doer: Doing, task_id: TaskId, body: ActRequest) -> TaskActed:
    """Let the others of the group take it."""
    action = ReleaseTask(_process_of(doer, task_id, "task-release"), task_id, reason=body.reason)
    return _acted(doer, action, "release", dry_run=body.dry_run)


@router.post(
    "/{task_id}/reassign", summary="Give a task to others", **answers({**ANSWERED, "act": "reassign"}, 404, 409)
)
def reassign_task(doer: Doing, task_id: TaskId, body: ReassignRequest) -> TaskActed:
    """Ask another group, or one person, instead."""
    process_id = _process_of(doer, task_id, "task-reassign")
    action = ReassignTask(process_id, task_id, group=body.group, person=body.person, reason=body.reason)
    return _acted(doer, action, "reassign", dry_run=body.dry_run)


def _acted(doer: Doer, action: TaskAction[Any], act: str, *, dry_run: bool) -> TaskActed:
    done = doer.act(action, dry_run=dry_run)
    return TaskActed(action.task, action.id, act, action.changed(done.value), done.number, dry_run)


def _process_of(doer: Doer, task_id: int, act: str) -> int:
    """Return the process of a task; raise Forbidden for who may do so nowhere, or UnknownTask where they see none."""
    permissions.require_somewhere(doer.actor, act)
    viewer = doer.office.viewer(doer.actor)
    with doer.office.database.read() as connection:
        return inspection.task(connection, task_id, viewer=viewer).task.process_id


def _place(text: str) -> tuple[datetime, int]:
    """Return where a page ended; raise IllegalValue for what is no such place."""
    moment, _, number = text.rpartition(",")
    try:
        found = datetime.fromisoformat(moment)
        if found.tzinfo is not None and number.isascii() and number.isdigit() and int(number) <= BIGGEST:
            return found.astimezone(UTC), int(number)
    except (ValueError, OverflowError):
        pass
    raise IllegalValue(what="after", value=text, problem="is no place in the list", hint="Send `next_after` as it is.")
