"""The page of one process, and what people do there: each act answers with a note of what it did."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager import inspection, serialization
from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.errors import ChangedSince, ProcessManagerError, UnknownId, UsageError
from process_manager.governance import permissions
from process_manager.governance.action import ProcessAction
from process_manager.governance.process_actions import (
    Abandon,
    Cancel,
    MakeDue,
    Rerun,
    Resolve,
    Restart,
    Reveal,
    SkipStep,
)
from process_manager.inspection import Filter, ProcessPage, TaskView, sizes
from process_manager.inspection.doubt import evidence_of
from process_manager.inspection.processes import asks
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.verdict import verdict
from process_manager.lifecycle.status import NEEDS_A_PERSON, Status
from process_manager.message import Message
from process_manager.operations import Started
from process_manager.web import forms, frame, meanwhile, problems, time_axis, words
from process_manager.web.ids import IdInPath
from process_manager.web.meanwhile import AsSeen, Note
from process_manager.web.offers import forbidden, offers
from process_manager.web.office import Office
from process_manager.web.once import Once
from process_manager.web.pages import process_story
from process_manager.web.time_axis import Picture

router = APIRouter(include_in_schema=False)

NO_REASON: Final = Message("There is no reason. Say in a few words why: the history keeps it.")


router.routes.extend(process_story.router.routes)


@router.get("/processes/{process_id}")
def process(request: Request, process_id: IdInPath, live: bool = False, shown: str = "", done: str = "") -> Response:
    """Show the page; asked for what is new on it, answer 204 when that is nothing."""
    try:
        facts = _facts(request, process_id)
    except UnknownId:
        return _unknown(request, process_id)
    if live and facts["version"] == shown:
        return Response(status_code=204)
    if live:
        return frame.show(request, "process_region.html", note=None, **facts)
    return frame.show(request, "process.html", note=_done(done), **facts)


@router.post("/processes/{process_id}/reveal")
def reveal(request: Request, process_id: IdInPath, reason: Annotated[str, Form()] = "") -> Response:
    """Show once what is masked, for a reason that the audit chain keeps."""
    office: Office = request.app.state.office
    typed = _Typed(reason.strip(), way="reveal")
    try:
        if not typed.reason:
            raise UsageError(problem=NO_REASON)
        office.act(request.state.actor, Reveal(process_id, reason=typed.reason))
    except ProcessManagerError as problem:
        return refused(request, process_id, problem, typed)
    facts = {**_facts(request, process_id, reveals=True), "is_revealed": True}
    return frame.show(request, "process.html", note=_done("reveal"), **facts)


@router.post("/processes/{process_id}/{way}")
def act(  # noqa: PLR0913, PLR0917 - the fields of the forms
    request: Request,
    process_id: IdInPath,
    way: str,
    reason: Annotated[str, Form()] = "",
    from_step: Annotated[str, Form()] = "",
    answer: Annotated[str, Form()] = "",
    seen: Annotated[str, Form()] = "",
    children: Annotated[str, Form()] = "",
    once: Once = None,
) -> Response:
    """Do something to the process, and say what it did."""
    office: Office = request.app.state.office
    typed = _Typed(reason.strip(), from_step, answer.strip(), way=way, seen=meanwhile.read(seen), children=children)
    try:
        action = _action(office.known_to(request.state.actor), process_id, way, typed)
        if isinstance(action, Rerun):
            action = replace(action, once=once)
        stood = None if typed.seen is None else typed.seen.stand
        answered = office.act(request.state.actor, replace(action, stood=stood))
    except ProcessManagerError as problem:
        return refused(request, process_id, problem, typed)
    there = answered.id if isinstance(answered, Started) else process_id
    return RedirectResponse(f"/processes/{there}?done={way}", 303)


@dataclass(frozen=True, slots=True)
class _Typed:
    """What somebody typed into a form, which stays there when nothing was done, and what they saw then."""

    reason: str = ""
    from_step: str = ""
    answer: str = ""
    details: str = ""
    way: str = ""
    seen: AsSeen | None = None
    children: str = ""


NOTHING: Final = _Typed()


def _action(registry: Registry, process_id: int, way: str, typed: _Typed) -> ProcessAction[Any]:
    """Return what is to be done; raise UsageError where no reason is given for what needs one on every page."""
    reason = typed.reason
    if way in _UNREASONED:
        return _UNREASONED[way](process_id, registry=registry, reason=reason)
    if not reason:
        raise UsageError(problem=NO_REASON)
    if way in ("restart", "restart-from"):
        from_step = typed.from_step if way == "restart-from" else None
        return Restart(process_id, registry=registry, from_step=from_step, reason=reason)
    if way in ("happened", "did-not-happen"):
        answered = (
            forms.json_object(typed.answer, Message("The details that it answered")) if way == "happened" else None
        )
        happened = way == "happened"
        return Resolve(process_id, happened=happened, registry=registry, payload=answered or None, reason=reason)
    if way == "skip-step":
        return SkipStep(process_id, registry=registry, reason=reason)
    if way == "cancel":
        return Cancel(process_id, reason=reason)
    if way == "abandon":
        return Abandon(process_id, reason=reason, children=_THEIR_CHILDREN.get(typed.children))
    raise UsageError(problem=Message("There is no act %(act)s.", act=repr(way[:40])))


_UNREASONED: Final[Mapping[str, type[Rerun | MakeDue]]] = {"rerun": Rerun, "run-now": MakeDue, "check-again": MakeDue}
"""The acts for which nobody has to say why."""

_THEIR_CHILDREN: Final[Mapping[str, Literal["abandon", "leave"]]] = {"abandon": "abandon", "leave": "leave"}
"""What becomes of the children of a process that is given up; anything else: nobody said."""


def said_by(value: object) -> str:
    """Return what a system was sent or said: a text as it is, anything else as JSON, a field a line."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "\n".join(
            f"{name}  {each if isinstance(each, str) else serialization.dumps(each)}" for name, each in value.items()
        )
    return serialization.dumps(value)


def _unknown(request: Request, process_id: int) -> Response:
    """Say that there is no such process, and which is the newest that the reader may see."""
    office: Office = request.app.state.office
    with office.database.read() as connection:
        newest = inspection.page(connection, Filter(), limit=1, viewer=office.viewer(request.state.actor))
    return frame.show(request, "process_unknown.html", 404, process_id=process_id, newest=newest)


def refused_edit(request: Request, process_id: int, problem: ProcessManagerError, details: str, seen: str) -> Response:
    """Show the process with why its details were not changed, and what was typed."""
    typed = _Typed(details=details, way="edit-payload", seen=meanwhile.read(seen))
    return refused(request, process_id, problem, typed)


def refused(request: Request, process_id: int, problem: ProcessManagerError, typed: _Typed = NOTHING) -> Response:
    """Show the process with why nothing was done, and what was typed; where it cannot be shown, that is the answer."""
    told = problems.of(problem)
    if not told.is_foreseen or told.status in (404, 503):
        raise problem
    facts = {**_facts(request, process_id), "typed": typed}
    note = Note("rejected", told.said)
    if isinstance(problem, ChangedSince) and typed.seen is not None:
        reader, calendar = request.state.actor.name, frame.calendar(request)
        note = meanwhile.told(facts["page"], typed.seen, typed.way, reader=reader, calendar=calendar)
    return frame.show(request, "process.html", told.status, note=note, **facts)


def _done(way: str) -> Note | None:
    return Note("succeeded", words.DONE[way]) if way in words.DONE else None


def _facts(request: Request, process_id: int, *, reveals: bool = False) -> dict[str, Any]:
    """Return what the page shows."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = replace(office.viewer(actor), reveals=reveals)
    with office.database.read() as connection:
        around = office.around(connection, viewer)
        page = inspection.process_page(connection, process_id, around=around, registry=office.registry, viewer=viewer)
        asked = inspection.tasks_asked(connection, [process_id], viewer=viewer) if asks(page.process) else {}
    cls = office.registry.get(page.process.name, page.process.version)
    label = (cls.label if cls is not None else "") or page.process.name
    return {
        "page": page,
        "around": around,
        "said": verdict(page, around, label),
        "offers": offers(page, actor, office.registry),
        "pictures": _pictures(page, around),
        "version": _version(page, asked.get(process_id)),
        "asked": asked.get(process_id),
        "seen": meanwhile.mark(page.process),
        "is_doubtful": page.process.status == Status.UNCERTAIN,
        "evidence": evidence_of(page),
        "may_resolve": forbidden("resolve", actor, page.process.name),
        "said_by": said_by,
        "typed": NOTHING,
        "is_revealed": False,
        "size": sizes.sized,
    }


def _pictures(page: ProcessPage, around: Surroundings) -> list[Picture]:
    names = [each.name for each in page.steps]
    stopped = page.process.status in NEEDS_A_PERSON
    return [
        time_axis.picture(each, names, failed=stopped or each.number < page.process.round, zone=around.zone)
        for each in page.rounds
    ]


def _version(page: ProcessPage, asked: TaskView | None) -> str:
    """Return a mark of what a page shows: the same as long as nothing happened, though time passes."""
    process = replace(page.process, lease_ends_at=None)
    said = [len(each.exchanges) for each in page.told]  # the log goes on by itself
    sentence = "" if process.status == Status.RUNNING else page.sentence.rest
    progress = page.told[-1].progress if page.told else None
    facts = (process, sentence, len(page.told), said, progress, page.people, page.relatives, asked)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
