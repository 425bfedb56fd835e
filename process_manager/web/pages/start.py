"""Starting a process: the kinds to choose from, and the form of one, made from the model of its parameters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from process_manager import governance, inspection, serialization
from process_manager.actor import Actor
from process_manager.definition.process import Process
from process_manager.errors import IllegalValue, PayloadError, ProcessManagerError, UsageError
from process_manager.governance import permissions
from process_manager.governance.start_actions import StartOne
from process_manager.message import Message
from process_manager.operations import Start, Started
from process_manager.web import frame, once, problems, typed_values, uploads, words
from process_manager.web.offers import forbidden
from process_manager.web.office import Office
from process_manager.web.start_controls import Control, Path, controls
from process_manager.web.uploads import Upload

router = APIRouter(include_in_schema=False)

OWN: Final = ("reference", "order_key", "dedup_key", "at")
"""Controls that every process has."""


@dataclass(slots=True)
class StartForm:
    """A form as it is shown: what was typed, and what is wrong with it."""

    controls: list[Control]
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    note: str = ""
    would: Started | None = None
    has_files: bool = False

    def text(self, control: Control) -> str:
        """Return what stands in a control; never a secret again."""
        if control.sort in ("secret", "file"):
            return ""
        return self.typed.get(control.name, "") if self.typed else control.value

    def labels(self) -> list[tuple[str, str]]:
        """Return the id and the name of each control that is wrong, in the order of the form."""
        first, *others = OWN
        named = [
            (first, first),
            *((each.id, each.whole_label) for each in self.controls),
            *((each, each) for each in others),
        ]
        return [(id_, label) for id_, label in named if id_ in self.wrong]


async def uploaded(request: Request) -> AsyncIterator[Upload]:
    """Yield what came with a form; what no process has afterwards is removed."""
    async with uploads.received(request, "start") as upload:
        yield upload


@router.get("/start")
def kinds(request: Request) -> Response:
    """Show what one may start."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require_somewhere(actor, "start")
    found = [each for each in inspection.startable_kinds(office.registry) if not forbidden("start", actor, each.name)]
    return frame.show(request, "start_kinds.html", kinds=found)


@router.get("/start/{name}")
def form(request: Request, name: str) -> Response:
    """Show the form of a kind."""
    process = _class(request, name)
    return _shown(request, process, StartForm(controls(process.parameters)))


@router.post("/start/{name}")
def start(request: Request, name: str, upload: Annotated[Upload, Depends(uploaded)]) -> Response:
    """Start a process of a kind, or say what would become of it."""
    process = _class(request, name)
    made = StartForm(controls(process.parameters), upload.fields, has_files=bool(upload.files))
    is_dry = "dry" in upload.fields
    try:
        started = _started(request, process, made, upload, dry_run=is_dry)
    except ProcessManagerError as problem:
        _take(made, problem)
        return _shown(request, process, made, 422)
    if started is None:
        return _shown(request, process, made, 422)
    if is_dry:
        made.would = started
        return _shown(request, process, made)
    was_there = not started.is_new and upload.fields.get("dedup_key", "").strip()
    return RedirectResponse(f"/processes/{started.id}?done={'was-there' if was_there else 'start'}", 303)


def _class(request: Request, name: str) -> type[Process]:
    """Return the class that is started; raise UnknownProcess, Forbidden, or UsageError for a command."""
    office: Office = request.app.state.office
    process = office.known_to(request.state.actor).newest(name)
    permissions.require(request.state.actor, "start", name)
    if process.arguments is not None:
        raise UsageError(
            problem=Message("%(name)s is a command: it is run on the page Commands, and not started.", name=repr(name))
        )
    return process


def _started(
    request: Request, process: type[Process], made: StartForm, upload: Upload, *, dry_run: bool
) -> Started | None:
    """Return what was started, or would be; None where what was typed cannot be read."""
    office: Office = request.app.state.office
    calendar, language = frame.calendar(request), frame.texts(request).language
    typed = typed_values.read(made.controls, upload.fields, language=language, zone=calendar.zone)
    by_path = {each.path: each.id for each in made.controls}
    made.wrong |= {by_path[path]: why for path, why in typed.wrong.items()}
    made.wrong |= {f"p-{name}": why for name, why in upload.refused.items()}
    at = _moment(upload.fields.get("at", ""), calendar.zone, made)
    if made.wrong:
        return None
    keys = {each: upload.fields.get(each, "").strip() or None for each in ("reference", "order_key", "dedup_key")}
    keys["dedup_key"] = keys["dedup_key"] or once.key(request, upload.fields.get(once.FIELD, ""))
    wanted = Start(process, typed.payload, at=at, files=upload.files, **keys)
    answer = governance.acting(
        office.database, request.state.actor, StartOne(wanted), policies=office.policies, dry_run=dry_run
    )
    if isinstance(answer, governance.Requested):
        raise UsageError(
            problem=Message(
                "Nothing is done yet: a second person has to approve request %(number)s.", number=answer.number
            )
        )
    return answer.value


def _moment(typed: str, zone: Any, made: StartForm) -> datetime | None:
    if not typed.strip():
        return None
    try:
        found = datetime.fromisoformat(typed.strip())
    except ValueError:
        made.wrong["at"] = Message("Write a date and a time.")
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _take(made: StartForm, problem: ProcessManagerError) -> None:
    """Take note of why nothing was started: beside the controls that it is about, or above them all."""
    told = problems.of(problem)
    if not told.is_foreseen or told.status in (403, 404, 503):
        raise problem
    places: dict[Path, str] = {each.path: each.id for each in made.controls}
    if isinstance(problem, PayloadError):
        for path, why in problem.facts.get("fields") or ():  # type: ignore[attr-defined]  # as the model made them
            place = next((places[path[:end]] for end in range(len(path), 0, -1) if path[:end] in places), None)
            if place is not None:
                made.wrong.setdefault(place, why)
    elif isinstance(problem, IllegalValue) and problem.facts["what"] in OWN:
        what, hint = str(problem.facts["what"]), problem.facts["hint"]
        made.wrong[what] = f"{problem.facts['problem']}. {hint}"
    if not made.wrong:
        made.note = told.said


def _shown(request: Request, process: type[Process], made: StartForm, status: int = 200) -> Response:
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    with office.database.read() as connection:
        page = inspection.start_page(connection, process, viewer=office.viewer(actor))
    others = [each for each in inspection.startable_kinds(office.registry) if not forbidden("start", actor, each.name)]
    example = {"name": process.name, "payload": {each.path[0]: "…" for each in made.controls if each.is_needed}}
    return frame.show(
        request,
        "start.html",
        status,
        page=page,
        form=made,
        others=others,
        own_labels=words.START_LABELS,
        zone=office.zone or "UTC",
        limit=office.settings.upload_limit,
        example=serialization.dumps(example),
    )
