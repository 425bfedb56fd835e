"""One task: what is asked, its form, and the acts on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from process_manager import inspection
from process_manager.actor import Actor
from process_manager.errors import AnswerError, ProcessManagerError, TaskClosed, UsageError
from process_manager.governance import permissions
from process_manager.governance.task_actions import AnswerTask, ClaimTask, ReassignTask, ReleaseTask, TaskAction
from process_manager.inspection import TaskDetail, TaskView
from process_manager.lifecycle.asking import form_at
from process_manager.message import Message
from process_manager.web import frame, problems, typed_values
from process_manager.web.ids import IdInPath
from process_manager.web.meanwhile import Note
from process_manager.web.offers import forbidden
from process_manager.web.office import Office
from process_manager.web.start_controls import Control, Path, controls

router = APIRouter(include_in_schema=False)

DONE: Final = {
    "answer": Message("Answered: its process goes on."),
    "claim": Message("Claimed: nobody else works on it until you answer or release it."),
    "release": Message("Released: others may claim and answer it."),
    "reassign": Message("Given to others."),
}
"""What each act did, as its note says it."""


@dataclass(slots=True)
class AnswerForm:
    """The form of a task as it is shown: what was typed, and what is wrong with it."""

    controls: list[Control]
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def text(self, control: Control) -> str:
        """Return what stands in a control; never a secret again."""
        if control.sort in ("secret", "file"):
            return ""
        return self.typed.get(control.name, "") if self.typed else control.value

    def labels(self) -> list[tuple[str, str]]:
        """Return the id and the name of each control that is wrong, in the order of the form."""
        return [(each.id, each.whole_label) for each in self.controls if each.id in self.wrong]


async def typed_fields(request: Request) -> dict[str, str]:
    """Return what was typed into a form without files."""
    form = await request.form()
    return {name: value for name, value in form.items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(typed_fields)]


@router.get("/tasks/{task_id}")
def task(request: Request, task_id: IdInPath, done: str = "") -> Response:
    """Show a task."""
    permissions.require(request.state.actor, "read")
    detail = _detail(request, task_id)
    note = Note("succeeded", DONE[done]) if done in DONE else None
    return _shown(request, detail, AnswerForm(_controls(detail)), note=note)


@router.post("/tasks/{task_id}/answer")
def answer(request: Request, task_id: IdInPath, typed: Typed) -> Response:
    """Answer a task."""
    office: Office = request.app.state.office
    detail = _detail(request, task_id)
    form = AnswerForm(_controls(detail), typed)
    calendar, language = frame.calendar(request), frame.texts(request).language
    found = typed_values.read(form.controls, typed, language=language, zone=calendar.zone)
    by_path = {each.path: each.id for each in form.controls}
    form.wrong |= {by_path[path]: why for path, why in found.wrong.items()}
    if form.wrong:
        return _shown(request, detail, form, 422)
    action = AnswerTask(detail.task.process_id, task_id, answer=found.payload, reason=typed.get("reason", "").strip())
    try:
        office.act(request.state.actor, action)
    except ProcessManagerError as problem:
        return _refused(request, problem, form, task_id)
    return RedirectResponse(f"/tasks/{task_id}?done=answer", 303)


@router.post("/tasks/{task_id}/{way}")
def act(request: Request, task_id: IdInPath, way: str, typed: Typed) -> Response:
    """Claim a task, release it, or give it to others."""
    office: Office = request.app.state.office
    detail = _detail(request, task_id)
    try:
        office.act(request.state.actor, _action(detail, way, typed))
    except ProcessManagerError as problem:
        return _refused(request, problem, AnswerForm(_controls(detail)), task_id)
    return RedirectResponse(f"/tasks/{task_id}?done={way}", 303)


def _action(detail: TaskDetail, way: str, typed: Mapping[str, str]) -> TaskAction[Any]:
    """Return what is to be done; raise UsageError where there is no such act."""
    process_id, task_id = detail.task.process_id, detail.task.id
    group, person, reason = (typed.get(name, "").strip() for name in ("group", "person", "reason"))
    if way == "claim":
        return ClaimTask(process_id, task_id, reason=reason)
    if way == "release":
        return ReleaseTask(process_id, task_id, reason=reason)
    if way == "reassign":
        return ReassignTask(process_id, task_id, reason=reason, group=group or None, person=person or None)
    raise UsageError(problem=Message("There is no act %(act)s.", act=repr(way[:40])))


def _controls(detail: TaskDetail) -> list[Control]:
    """Return the controls of its form; none where the form is not known here."""
    model = form_at(detail.form)
    return [] if model is None else controls(model)


def _refused(request: Request, problem: ProcessManagerError, form: AnswerForm, task_id: int) -> Response:
    """Show the task as it is now, with why nothing was done, and what was typed."""
    told = problems.of(problem)
    if not told.is_foreseen or told.status in (404, 503):
        raise problem
    detail = _detail(request, task_id)
    if isinstance(problem, AnswerError):
        _place(form, problem)
    note = None if form.wrong else Note("rejected", told.said)
    if isinstance(problem, TaskClosed):
        note = _closed(request, detail.task)
    return _shown(request, detail, form, told.status, note=note)


def _place(form: AnswerForm, problem: AnswerError) -> None:
    """Put each thing that does not fit beside the control that it is about."""
    places: dict[Path, str] = {each.path: each.id for each in form.controls}
    for path, why in problem.facts.get("fields") or ():  # type: ignore[attr-defined]  # as the form made them
        place = next((places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in places), None)
        if place is not None:
            form.wrong.setdefault(place, why)


def _closed(request: Request, task: TaskView) -> Note:
    """Return who was quicker, or that nobody waits for an answer any more."""
    kept = Message("So nothing was done for you. This is how it stands now; what you typed is kept.")
    if task.answered_at is None:
        return Note("late", kept, Message("Its process waits for it no longer."))
    who = Message("You") if task.answered_by == request.state.actor.name else task.answered_by
    local = task.answered_at.astimezone(frame.calendar(request).zone)
    return Note("late", kept, Message("%(who)s answered it at %(time)s.", who=who, time=f"{local:%H:%M:%S}"))


def _detail(request: Request, task_id: int) -> TaskDetail:
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    with office.database.read() as connection:
        return inspection.task(connection, task_id, actor=actor, viewer=office.viewer(actor))


def _shown(
    request: Request, detail: TaskDetail, form: AnswerForm, status: int = 200, *, note: Note | None = None
) -> Response:
    actor: Actor = request.state.actor

    def may(act: str) -> str:
        """Return why somebody may not do it; empty where they may."""
        refused = detail.refused.get("answer" if act == "claim" else act, "")
        return forbidden(f"task-{act}", actor, detail.task.name) or refused

    labels = {each.path[0]: each.label for each in form.controls if len(each.path) == 1}
    return frame.show(
        request,
        "task.html",
        status,
        detail=detail,
        task=detail.task,
        form=form,
        note=note,
        may=may,
        limit=0,
        labels=labels,
    )
