"""The workers: what each is doing, what those left that are gone, which channels nobody serves, and the end of one."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager.actor import Actor
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.governance import permissions
from process_manager.governance.fleet_actions import Drain
from process_manager.inspection import FleetPage, fleet_page, moments
from process_manager.message import Message
from process_manager.web import frame, problems
from process_manager.web.offers import forbidden
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

DRAINED: Final = Message("It takes nothing more and ends. It sees that within a third of its lease.")
MOST_STEPS: Final = 3
MOST_KNOWN: Final = 4
MOST_LEFT: Final = 20


@router.get("/workers")
def workers(request: Request, live: bool = False, shown: str = "", done: str = "") -> Response:
    """Show the page; asked for what is new on it, answer 204 when that is nothing."""
    facts = _facts(request)
    if live and facts["version"] == shown:
        return Response(status_code=204)
    if live:
        return frame.show(request, "workers_region.html", note=None, **facts)
    note = ("succeeded", DRAINED) if done == "drain" else None
    return frame.show(request, "workers.html", note=note, **facts)


@router.post("/workers/{name}/drain")
def drain(request: Request, name: str, reason: Annotated[str, Form()] = "") -> Response:
    """Let a worker end."""
    office: Office = request.app.state.office
    try:
        if not reason.strip():
            raise UsageError(
                problem=Message("There is no reason. Say in a few words why: whoever wonders will read it.")
            )
        office.act(request.state.actor, Drain(name, reason=reason.strip()))
    except ProcessManagerError as problem:
        told = problems.of(problem)
        if not told.is_foreseen or told.status == 503:
            raise
        return frame.show(request, "workers.html", told.status, note=("rejected", told.said), **_facts(request))
    return RedirectResponse("/workers?done=drain", 303)


def _facts(request: Request) -> dict[str, Any]:
    """Return what the page shows."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    with office.database.read() as connection:
        around = office.around(connection, viewer)
        page = fleet_page(connection, around=around, registry=office.registry, viewer=viewer)
    return {
        "page": page,
        "alive": page.of("working", "idle", "draining"),
        "gone": page.of("offline"),
        "nobody": [each.name for each in page.channels if each.standing == "nobody"],
        "most_steps": MOST_STEPS,
        "most_known": MOST_KNOWN,
        "most_left": MOST_LEFT,
        "grace": moments.lasting(office.settings.grace),
        "lasting": moments.lasting,
        "forbidden": forbidden("drain", actor, None) or _narrow(actor),
        "version": _version(page),
    }


def _narrow(actor: Actor) -> str:
    """Return why somebody who sees some kinds only may end no worker."""
    return "" if actor.kinds is None else Message("You see some kinds only, and this is about all of them.")


def _version(page: FleetPage) -> str:
    """Return a mark of what the page shows: the same as long as nothing happened, though time passes."""
    rows = [
        (each.worker.name, each.standing, each.held, each.steps[:MOST_STEPS], each.worker.drain_asked_at)
        for each in page.workers
    ]
    channels = [(each.name, each.served_by, each.due, each.standing) for each in page.channels]
    return hashlib.sha256(repr((rows, channels)).encode()).hexdigest()[:16]
