"""The commands: how each stands, the quiet windows of the week, what is switched off, and the acts on all of these."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager.actor import Actor
from process_manager.definition import command, quiet_windows
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.gates import switch_files
from process_manager.gates.switches import ENGINE, EVERYTHING
from process_manager.governance import permissions
from process_manager.governance.action import Action
from process_manager.governance.fleet_actions import Disable, Enable, EnableHere, Unlock
from process_manager.governance.start_actions import RunCommand
from process_manager.inspection import CommandPage, State, command_page, moments
from process_manager.inspection.command_page import Here
from process_manager.inspection.quiet_windows import past_today
from process_manager.message import Message
from process_manager.web import forms, frame, problems, week_strip
from process_manager.web.offers import forbidden, forbidden_to_all
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

DONE: Final = {
    "run": Message("Started: a worker takes it next."),
    "unlock": Message("Unlocked: its process is due again now."),
    "disable": Message("Switched off: no new step starts. Every worker sees it within 5 seconds."),
    "enable": Message("Switched on: what is due starts again."),
    "enable-here": Message("The switch file of this host is removed."),
}
"""What each act did, as its note says it."""

SHOWN_WINDOWS: Final = 6
MOST_WAITED_FOR: Final = 5


@router.get("/commands")
def commands(request: Request, live: bool = False, shown: str = "", done: str = "", of: int | None = None) -> Response:
    """Show the page; asked for what is new on it, answer 204 when that is nothing."""
    facts = _facts(request)
    if live and facts["version"] == shown:
        return Response(status_code=204)
    if live:
        return frame.show(request, "commands_region.html", note=None, **facts)
    note = ("succeeded", DONE[done]) if done in DONE else None
    return frame.show(request, "commands.html", note=note, started=of, **facts)


@router.post("/commands/{key}/{way}")
def act(
    request: Request,
    key: str,
    way: str,
    reason: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
) -> Response:
    """Run or unlock a command, or switch something off or on, and say what was done."""
    office: Office = request.app.state.office
    try:
        action = _action(request, key, way, reason.strip(), until.strip())
        answered = office.act(request.state.actor, action)
    except ProcessManagerError as problem:
        told = problems.of(problem)
        if not told.is_foreseen or told.status == 503:
            raise
        note = ("rejected", told.said)
        return frame.show(request, "commands.html", told.status, note=note, started=None, **_facts(request))
    started = f"&of={answered}" if way == "run" else ""
    return RedirectResponse(f"/commands?done={way}{started}", 303)


def _action(request: Request, key: str, way: str, reason: str, until: str) -> Action[Any]:
    """Return what is to be done; raise UsageError where it needs a reason and has none."""
    office: Office = request.app.state.office
    registry, folder = office.known_to(request.state.actor), office.settings.locks_folder
    if way == "run":
        which = command.find(registry, key)
        return RunCommand(which.process.name, which.key, registry=registry, locks_folder=folder)
    if way == "enable":
        return Enable(key, reason=reason)
    if way == "enable-here":
        return EnableHere(key, folder, reason=reason)
    if way not in ("unlock", "disable"):
        raise UsageError(problem=Message("There is no act %(act)s.", act=repr(way[:40])))
    if not reason:
        raise UsageError(problem=Message("There is no reason. Say in a few words why: whoever wonders will read it."))
    if way == "unlock":
        which = command.find(registry, key)
        return Unlock(which.process.name, which.key, registry, reason=reason)
    return Disable(key, until=forms.local_moment(until, office.zone), reason=reason)


def _facts(request: Request) -> dict[str, Any]:
    """Return what the page shows."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    here = Here(
        switches=switch_files.thrown(office.settings.locks_folder),
        engine=quiet_windows.of_the_engine(office.settings),
        own=quiet_windows.windows(office.registry, office.settings),
        lease=office.settings.lease,
    )
    known = command.known(office.registry).values()
    with office.database.read() as connection:
        around = office.around(connection, viewer)
        page = command_page(connection, known, around=around, here=here, registry=office.registry, viewer=viewer)
    since = week_strip.first_moment(around.now, office.zone)
    past = past_today(here.engine, here.own, since=since, now=around.now, viewer=viewer)
    return {
        "page": page,
        "strip": week_strip.week_strip([*past, *page.windows], now=around.now, zone=office.zone),
        "windows": page.windows[:SHOWN_WINDOWS],
        "states": {str(each): sum(card.state == each for card in page.cards) for each in State},
        "everything": EVERYTHING,
        "all_keys": (EVERYTHING, ENGINE),
        "most": MOST_WAITED_FOR,
        "sees_all": viewer.kinds is None,
        "may": lambda act, kind: forbidden(act, actor, kind),
        "may_all": forbidden_to_all("disable", actor),
        "lasting": moments.lasting,
        "version": _version(page, around.now),
    }


def _version(page: CommandPage, now: datetime) -> str:
    """Return a mark of what the page shows: the same as long as nothing happened, though time passes."""
    windows = [(each.of, each.start, each.held, each.at_end, each.start <= now) for each in page.windows]
    facts = (page.cards, windows, page.switches, page.is_off, page.is_seen, page.waits_for)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
