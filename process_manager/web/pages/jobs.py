"""The jobs: how far each is, the log of one of them as it is written, and how one is stopped or started anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager import inspection, serialization
from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.governance import permissions
from process_manager.governance.action import Action
from process_manager.governance.process_actions import Cancel, MakeDue
from process_manager.inspection import LogLine
from process_manager.inspection import jobs as asked_for
from process_manager.inspection.jobs_page import MOST_LINES, JobsPage, jobs_page
from process_manager.message import Message
from process_manager.operations import Started
from process_manager.store.jobs import JobFilter
from process_manager.web import frame, problems
from process_manager.web.ids import BIGGEST, IdInPath
from process_manager.web.offers import forbidden
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

A_PAGE: Final = 20

DONE: Final = {
    "cancel": Message("Asked to stop: it ends when its step is at a safe point."),
    "run-now": Message("It is due now: the next worker takes it, unless something is switched off or quiet."),
    "rerun": Message("Started anew. The job that it repeats stays as it is."),
}
"""What each act did, as its note says it."""

VIEWS: Final = {
    "running": Message("Running"),
    "scheduled": Message("Scheduled"),
    "queued": Message("Queued"),
    "failed": Message("Failed"),
    "success": Message("Done"),
    "cancelled": Message("Stopped"),
}
"""The lists that one click leads to, by the status of their jobs."""


@router.get("/jobs")
def jobs(request: Request, live: bool = False, shown: str = "", done: str = "") -> Response:
    """Show the page; asked for what is new in its list, answer 204 when that is nothing."""
    facts = _facts(request)
    if live and facts["version"] == shown:
        return Response(status_code=204)
    if live:
        return frame.show(request, "jobs_region.html", **facts)
    note = ("succeeded", DONE[done]) if done in DONE else None
    return frame.show(request, "jobs.html", note=note, **facts)


@router.get("/jobs/{job_id}/lines")
def lines(request: Request, job_id: IdInPath, after: str = "0-0") -> Response:
    """Return the lines of a log after a place, each once; 204 where there are none yet, 286 where none will come."""
    office: Office = request.app.state.office
    viewer = office.viewer(request.state.actor)
    permissions.require(request.state.actor, "read")
    with office.database.read() as connection:
        job = asked_for.job(connection, job_id, registry=office.registry, viewer=viewer)
        found = inspection.logs(connection, job_id, after=_place(after), most=MOST_LINES, viewer=viewer)
    moved = f"{found.after[0]}-{found.after[1]}" != after
    if not moved:
        return Response(status_code=204 if job.ended_at is None else 286)
    facts: dict[str, Any] = {"log": found, "job_id": job_id, "is_new": True, "goes_on": True, "said": _sayer(request)}
    return frame.show(request, "jobs_lines.html", **facts)


@router.post("/jobs/{job_id}/{way}")
def act(request: Request, job_id: IdInPath, way: str, reason: Annotated[str, Form()] = "") -> Response:
    """Stop a job or run it now, and say what was done."""
    return answered(request, job_id, way, lambda known: _action(known, job_id, way, reason.strip()))


def answered(request: Request, job_id: int, way: str, asked: Callable[[Registry], Action[Any]]) -> Response:
    """Do something to a job, and say what was done, or why not.

    Args:
        request: Who asks for it.
        job_id: The job.
        way: How its note calls what was done.
        asked: What is to be done, by the classes that are known to them.
    """
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    try:
        done = office.act(actor, asked(office.known_to(actor)))
    except ProcessManagerError as problem:
        told = problems.of(problem)
        if not told.is_foreseen or told.status in (404, 503):
            raise
        return frame.show(request, "jobs.html", told.status, note=("rejected", told.said), **_facts(request))
    there = done.id if isinstance(done, Started) else job_id
    return RedirectResponse(f"/jobs?job={there}&done={way}", 303)


def _action(registry: Registry, job_id: int, way: str, reason: str) -> Action[Any]:
    if way == "run-now":
        return MakeDue(job_id, registry=registry, reason=reason)
    if way != "cancel":
        raise UsageError(problem=Message("There is no act %(act)s.", act=repr(way[:40])))
    if not reason:
        raise UsageError(problem=Message("There is no reason. Say in a few words why: the history keeps it."))
    return Cancel(job_id, reason=reason)


def _facts(request: Request) -> dict[str, Any]:
    """Return what the page shows."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    asked = request.query_params
    selected = _id(asked.get("job"))
    with office.database.read() as connection:
        around = office.around(connection, viewer)
        page = jobs_page(
            connection,
            _which(asked.get("status"), bot_id=_id(asked.get("bot")), below=_id(asked.get("below"))),
            selected=selected,
            limit=A_PAGE,
            around=around,
            registry=office.registry,
            viewer=viewer,
        )
    given = {name: asked[name] for name in ("status", "bot", "below", "job") if asked.get(name)}
    return {
        "page": page,
        "log": page.log,
        "given": given,
        "address": lambda **changes: _address(given, changes),
        "views": VIEWS,
        "said": _sayer(request),
        "values": _values(page),
        "may_stop": forbidden("cancel", actor, None),
        "may_run_now": forbidden("run-now", actor, None),
        "may_rerun": forbidden("rerun", actor, None),
        "version": _version(page, given),
        "most_lines": MOST_LINES,
    }


def _which(status: str | None, **more: Any) -> JobFilter:
    known = status if status in asked_for.STATUSES else None
    return asked_for.filters(known, **more)


def _id(text: str | None) -> int | None:
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if text is not None and is_number and 0 < int(text) <= BIGGEST else None


def _place(after: str) -> tuple[int, int]:
    seq, _, number = after.partition("-")
    is_place = seq.isascii() and number.isascii() and seq.isdigit() and number.isdigit() and len(after) < 20
    return (int(seq), int(number)) if is_place else (0, 0)


def _address(given: dict[str, str], changes: dict[str, str | None]) -> str:
    left = {name: value for name, value in {**given, **changes}.items() if value}
    return f"/jobs?{urlencode(left)}".rstrip("?")


def _sayer(request: Request) -> Callable[[LogLine], tuple[str, str, str]]:
    """Return what tells of a line when it was written, how grave it is, and its words with its facts."""
    zone = frame.calendar(request).zone
    return lambda line: (f"{line.at.astimezone(zone):%H:%M:%S.%f}"[:-3], *_said(line))


def _said(line: LogLine) -> tuple[str, str]:
    facts = {name: value for name, value in line.line.items() if name not in ("message", "level")}
    words = [str(line.line.get("message", "")), *(f"{name}={_plain(value)}" for name, value in facts.items())]
    return str(line.line.get("level", "info")).lower(), " ".join(words)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else serialization.dumps(value)


def _values(page: JobsPage) -> list[tuple[str, str]]:
    """Return what the selected job was started with, as rows."""
    parameters = {} if page.selected is None else page.selected.job.parameters
    return [(name, _plain(value)) for name, value in parameters.items() if value is not None]


def _version(page: JobsPage, given: dict[str, str]) -> str:
    """Return a mark of what the list shows: the same as long as nothing happened, though time passes."""
    rows = [(each.job.process.id, each.job.status, each.job.progress, each.job.process.message) for each in page.rows]
    return hashlib.sha256(repr((rows, page.running, page.scheduled, given)).encode()).hexdigest()[:16]
