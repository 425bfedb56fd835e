"""The events: which stand, what waits for which, and the acts on them."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from process_manager import inspection
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.governance import permissions
from process_manager.governance.event_actions import SignalEvent, WithdrawEvent
from process_manager.inspection import Filter
from process_manager.message import Message
from process_manager.web import forms, frame, problems
from process_manager.web.offers import forbidden_to_all
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

SHOWN: Final = 100
"""Events on one page."""

COUNTED: Final = 1_000
"""Processes that wait for one event, as far as they are counted."""

DONE: Final = {
    "signal": Message("Signalled: what waited for it is due now."),
    "stood": Message("It stands already: nothing has changed."),
    "withdraw": Message("Withdrawn: what comes to wait for it waits for the next signal."),
    "gone": Message("It did not stand: nothing has changed."),
}
"""What each act did, as its note says it."""


class EventForm(BaseModel):
    """What the forms of the page may say."""

    event: str = ""
    details: str = ""
    reason: str = ""


@router.get("/events")
def events(request: Request, done: str = "", after: str = "", event: str = "") -> Response:
    """Show the page; with an event, what waits for it, too."""
    note = ("succeeded", DONE[done]) if done in DONE else None
    return frame.show(request, "events.html", note=note, form=EventForm(), **_facts(request, after, event))


@router.post("/events/{way}")
def act(request: Request, way: str, form: Annotated[EventForm, Form()]) -> Response:
    """Signal or withdraw an event."""
    office: Office = request.app.state.office
    event, reason = form.event.strip(), form.reason.strip()
    try:
        if way == "withdraw":
            done = "withdraw" if office.act(request.state.actor, WithdrawEvent(event, reason=reason)) else "gone"
        elif way != "signal":
            raise UsageError(problem=Message("There is no act %(act)s.", act=repr(way[:40])))
        else:
            given = forms.json_object(form.details, Message("The details")) or None
            told = office.act(request.state.actor, SignalEvent(event, payload=given, reason=reason))
            done = "signal" if told.is_new else "stood"
    except ProcessManagerError as problem:
        return _refused(request, problem, form)
    return RedirectResponse(f"/events?{urlencode({'done': done})}", 303)


def _refused(request: Request, problem: ProcessManagerError, form: EventForm) -> Response:
    told = problems.of(problem)
    if not told.is_foreseen or told.status == 503:
        raise problem
    note = ("rejected", told.said)
    return frame.show(request, "events.html", told.status, note=note, form=form, **_facts(request, ""))


def _facts(request: Request, after: str, event: str = "") -> dict[str, Any]:
    """Return what the page shows."""
    office: Office = request.app.state.office
    actor = request.state.actor
    permissions.require(actor, "read")
    viewer, keep = office.viewer(actor), office.settings.event_keep
    with office.database.read() as connection:
        found = inspection.events(connection, limit=SHOWN + 1, after=after, viewer=viewer, keep=keep)
        shown = inspection.event(connection, event, viewer=viewer) if event else None
        ids = () if shown is None else shown.process_ids
        waiting = inspection.page(connection, Filter(ids=ids), limit=len(ids), viewer=viewer) if ids else []
    is_all = not after and len(found) <= SHOWN and all(each.waiting <= COUNTED for each in found)
    return {
        "events": found[:SHOWN],
        "next_after": found[SHOWN - 1].key if len(found) > SHOWN else None,
        "waits": sum(each.waiting for each in found) if is_all else None,
        "shown": shown,
        "waiters": waiting,
        "may": lambda act: forbidden_to_all(act, actor),
    }
