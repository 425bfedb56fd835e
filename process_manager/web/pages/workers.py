"""The workers: what each is doing, what those left that are gone, which channels nobody serves, and the end of one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager.actor import Actor
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.governance import permissions
from process_manager.governance.action import Action
from process_manager.governance.fleet_actions import Drain
from process_manager.governance.limit_actions import ChangeLimit
from process_manager.inspection import FleetPage, SharedLimit, fleet_page, moments, shared_limits
from process_manager.inspection.findings import Result
from process_manager.inspection.late_schedules import late_schedules
from process_manager.message import Message
from process_manager.web import frame, problems
from process_manager.web.offers import forbidden_to_all
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

DONE: Final = {
    "drain": Message("It takes nothing more and ends. It sees that within a third of its lease."),
    "limit": Message("Every worker goes by it from its next look on. What runs goes on."),
}
MOST_STEPS: Final = 3
MOST_KNOWN: Final = 4
MOST_LEFT: Final = 20
MOST_SEATS: Final = 5
MOST_DIGITS: Final = 5


@router.get("/workers")
def workers(request: Request, live: bool = False, shown: str = "", done: str = "") -> Response:
    """Show the page; asked for what is new on it, answer 204 when that is nothing."""
    facts = _facts(request)
    if live and facts["version"] == shown:
        return Response(status_code=204)
    if live:
        return frame.show(request, "workers_region.html", note=None, **facts)
    note = ("succeeded", DONE[done]) if done in DONE else None
    return frame.show(request, "workers.html", note=note, **facts)


@router.post("/workers/{name}/drain")
def drain(request: Request, name: str, reason: Annotated[str, Form()] = "") -> Response:
    """Let a worker end."""
    return _done(request, Drain(name, reason=reason.strip()))


@router.post("/limits/{name}")
def change_limit(
    request: Request, name: str, number: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = ""
) -> Response:
    """Set how many seats a limit has, or how many steps of a rate start; without a number, what the code declares."""
    text = number.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        told = Message("%(number)s is no number of seats: give a whole number, or none.", number=text[:40])
        return frame.show(request, "workers.html", 400, note=("rejected", told), **_facts(request))
    return _done(request, ChangeLimit(name, int(text) if text else None, reason=reason.strip()))


def _done(request: Request, action: Action[bool]) -> Response:
    office: Office = request.app.state.office
    try:
        if not action.reason:
            raise UsageError(
                problem=Message("There is no reason. Say in a few words why: whoever wonders will read it.")
            )
        office.act(request.state.actor, action)
    except ProcessManagerError as problem:
        told = problems.of(problem)
        if not told.is_foreseen or told.status == 503:
            raise
        return frame.show(request, "workers.html", told.status, note=("rejected", told.said), **_facts(request))
    return RedirectResponse(f"/workers?done={action.act}", 303)


def _facts(request: Request) -> dict[str, Any]:
    """Return what the page shows."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    with office.database.read() as connection:
        around = office.around(connection, viewer)
        page = fleet_page(connection, around=around, registry=office.registry, viewer=viewer)
        limits = shared_limits(connection, viewer=viewer)
        schedules = list(late_schedules(connection, around, viewer=viewer))
    late = [each.message for each in schedules if each.result is Result.PROBLEM]
    return {
        "page": page,
        "limits": limits,
        "late": late,
        "most_seats": MOST_SEATS,
        "limits_forbidden": forbidden_to_all("limit", actor),
        "alive": page.of("working", "idle", "draining"),
        "gone": page.of("offline"),
        "nobody": [each.name for each in page.channels if each.standing == "nobody"],
        "most_steps": MOST_STEPS,
        "most_known": MOST_KNOWN,
        "most_left": MOST_LEFT,
        "grace": moments.lasting(office.settings.grace),
        "lasting": moments.lasting,
        "forbidden": forbidden_to_all("drain", actor),
        "version": _version(page, limits, late),
    }


def _version(page: FleetPage, limits: Sequence[SharedLimit], late: Sequence[str]) -> str:
    """Return a mark of what the page shows: the same as long as nothing happened, though time passes."""
    rows = [
        (each.worker.name, each.standing, each.held, each.steps[:MOST_STEPS], each.worker.drain_asked_at)
        for each in page.workers
    ]
    channels = [(each.name, each.served_by, each.due, each.standing) for each in page.channels]
    return hashlib.sha256(repr((rows, channels, limits, late)).encode()).hexdigest()[:16]
