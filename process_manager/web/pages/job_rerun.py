"""A job started anew with other parameters or files: the form of its bot, with what the old one was started with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from process_manager import inspection, serialization
from process_manager.actor import Actor
from process_manager.errors import FieldsError, ProcessManagerError
from process_manager.governance import bots, permissions
from process_manager.governance.bot_actions import RerunJob
from process_manager.governance.bots import Bot
from process_manager.inspection import jobs as asked_for
from process_manager.inspection.jobs import Job
from process_manager.message import Message
from process_manager.redaction import MASK
from process_manager.web import forms, frame, once, problems, typed_values, uploads
from process_manager.web.ids import IdInPath
from process_manager.web.office import Office
from process_manager.web.pages import jobs
from process_manager.web.pages.start import StartForm
from process_manager.web.start_controls import EITHER, FEW, Control, Sort, fitting
from process_manager.web.uploads import Upload

router = APIRouter(include_in_schema=False)

_SORTS: Final[Mapping[str, Sort]] = {
    "string": "text",
    "text": "long",
    "integer": "whole",
    "file": "file",
}
HIDDEN: Final = Message("It is hidden here. Left empty, it stays as it was.")


async def uploaded(request: Request) -> AsyncIterator[Upload | None]:
    """Yield what came with the form; None of the button that gives nothing else."""
    if not uploads.is_form_with_files(request):
        yield None
        return
    async with uploads.received(request, "rerun") as upload:
        yield upload


@router.get("/jobs/{job_id}/rerun")
def form(request: Request, job_id: IdInPath) -> Response:
    """Show the form, with what the job was started with; never what is hidden from whoever asks."""
    job, bot = _found(request, job_id)
    permissions.require(request.state.actor, "rerun", bot.process)
    return _shown(request, job, bot, StartForm(_controls(job, bot)))


@router.post("/jobs/{job_id}/rerun")
def rerun(
    request: Request,
    job_id: IdInPath,
    upload: Annotated[Upload | None, Depends(uploaded)],
    typed: Annotated[Mapping[str, str], Depends(forms.typed)],
) -> Response:
    """Start it anew, as it was or with what was typed."""
    if upload is None:
        more: dict[str, Any] = {
            "once": once.key(request, typed.get(once.FIELD, "")),
            "reason": typed.get("reason", "").strip(),
        }
        return jobs.answered(request, job_id, "rerun", lambda known: RerunJob(job_id, registry=known, **more))
    job, bot = _found(request, job_id)
    made = StartForm(_controls(job, bot), upload.fields, has_files=bool(upload.files))
    try:
        again = _started(request, job, bot, made, upload)
    except ProcessManagerError as problem:
        _take(made, problem)
        again = None
    if again is None:
        return _shown(request, job, bot, made, 422)
    return RedirectResponse(f"/jobs?job={again}&done=rerun", 303)


def _found(request: Request, job_id: int) -> tuple[Job, Bot]:
    office: Office = request.app.state.office
    viewer = office.viewer(request.state.actor)
    with office.database.read() as connection:
        job = asked_for.job(connection, job_id, registry=office.registry, viewer=viewer)
        return job, bots.get(connection, job.bot_id, kinds=viewer.kinds)


def _controls(job: Job, bot: Bot) -> list[Control]:
    """Return a control for each parameter of the bot; a file need not be sent again."""
    return [_control(name, about, job.parameters.get(name)) for name, about in bot.parameter_schema.items()]


def _control(name: str, about: Mapping[str, Any], value: object) -> Control:
    sort, choices = _sort(about, value)
    is_hidden = value == MASK
    written = "" if is_hidden else _written(value, sort)
    is_needed = bool(about.get("required")) and sort not in ("file", "yes") and not is_hidden
    return Control(
        (name,),
        fitting(sort, written),
        str(about.get("label") or name),
        help=HIDDEN if is_hidden else str(about.get("description") or ""),
        is_needed=is_needed,
        value=written,
        choices=choices,
        takes_none=not is_needed,
        is_personal=is_hidden,
        stays=is_hidden and sort != "file",
    )


def _sort(about: Mapping[str, Any], value: object) -> tuple[Sort, tuple[str, ...]]:
    """Return what kind of control a parameter has, and what to choose from there."""
    if about["type"] == "boolean":  # of a box nobody sees whether it is empty, or nobody knows what is in it
        return ("yes", ()) if isinstance(value, bool) else ("either", EITHER)
    choices = tuple(str(each) for each in about.get("options") or ())
    if not choices:
        return _SORTS[about["type"]], ()
    return ("few" if len(choices) <= FEW else "many"), choices


def _written(value: object, sort: Sort) -> str:
    if value is None or sort == "file":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "" if sort == "yes" else "no"
    return value if isinstance(value, str) else serialization.dumps(value)


def _started(request: Request, job: Job, bot: Bot, made: StartForm, upload: Upload) -> int | None:
    """Return the id of the new job; None where what was typed cannot be read."""
    office: Office = request.app.state.office
    calendar, language = frame.calendar(request), frame.texts(request).language
    typed = typed_values.read(made.controls, upload.fields, language=language, zone=calendar.zone)
    made.wrong |= {f"p-{name}": why for name, why in upload.refused.items()}
    kept = frozenset(each.path[0] for each in made.controls if _is_kept(each, job, upload.fields))
    given = {name: value for name, value in typed.payload.items() if name not in kept}
    wholes = {name for name, about in bot.parameter_schema.items() if about["type"] == "integer"}
    given |= {name: int(value) for name, value in given.items() if name in wholes and _is_whole(value)}
    if made.wrong:
        return None
    sent = once.key(request, upload.fields.get(once.FIELD, ""))
    more: dict[str, Any] = {"given": given, "files": upload.files, "kept": kept, "once": sent}
    more["reason"] = upload.fields.get("reason", "").strip()
    return office.act(request.state.actor, RerunJob(job.process.id, registry=office.registry, **more)).id


def _is_kept(control: Control, job: Job, fields: Mapping[str, str]) -> bool:
    """Return whether the new job has the very value of the old one: nobody saw it, or nobody changed its text."""
    is_text = control.sort != "whole" and isinstance(job.parameters.get(control.path[0]), str)
    return (is_text or not control.value) and typed_values.is_untouched(control, fields)


def _is_whole(value: Any) -> bool:
    return isinstance(value, str) and value.removeprefix("-").isascii() and value.removeprefix("-").isdigit()


def _take(made: StartForm, problem: ProcessManagerError) -> None:
    """Take note of why nothing was started: beside the controls that it is about, or above them all."""
    told = problems.of(problem)
    if not told.is_foreseen or told.status in (403, 404, 503):
        raise problem
    ids = {f"parameters.{each.path[0]}": each.id for each in made.controls}
    if isinstance(problem, FieldsError):
        fields: Any = problem.facts["fields"]
        made.wrong |= {ids[path]: why for path, why in fields if path in ids}
    if not made.wrong:
        made.note = told.said


def _shown(request: Request, job: Job, bot: Bot, made: StartForm, status: int = 200) -> Response:
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    with office.database.read() as connection:
        files = inspection.process_files(connection, job.process.id, viewer=office.viewer(actor))
    facts: dict[str, Any] = {"form": made, "job": job, "bot": bot, "files": files}
    return frame.show(request, "job_rerun.html", status, limit=office.settings.upload_limit, **facts)
