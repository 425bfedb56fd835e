"""The schedules: what starts by the clock, when next and with what changes, and the acts on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from process_manager import clock, durations, inspection
from process_manager.actor import Actor
from process_manager.definition.schedule import MISSED, OVERLAP, typed
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.gates.quiet import Quiet
from process_manager.governance import permissions
from process_manager.governance.action import Action
from process_manager.governance.schedule_actions import (
    AddSchedule,
    PauseSchedule,
    RemoveSchedule,
    ResumeSchedule,
    RunSchedule,
)
from process_manager.inspection import Filter, ScheduleView, Viewer, moments
from process_manager.message import Message
from process_manager.operations import Started
from process_manager.operations.schedules import NewSchedule
from process_manager.web import days, forms, frame, problems
from process_manager.web.api.schedules import windows_of
from process_manager.web.cron_words import in_words
from process_manager.web.offers import forbidden
from process_manager.web.office import Office
from process_manager.web.once import Once
from process_manager.web.schedule_strip import schedule_strip

router = APIRouter(include_in_schema=False)

DONE: Final = {
    "add": Message("Made: it starts its process from now on. Workers see it within seconds."),
    "run": Message("Started: a worker takes it next."),
    "pause": Message("Paused: it starts nothing until it is resumed."),
    "resume": Message("Resumed: it starts its process from now on. What was missed is not made up for."),
    "remove": Message("Removed. What it has started stays."),
}
"""What each act did, as its note says it."""

STANDINGS: Final = {
    "waiting": Message("Waits for its next time"),
    "paused": Message("Paused"),
    "overdue": Message("Overdue: no worker has started it"),
    "unknown": Message("Its process is not known here"),
    "broken": Message("Its rule is not understood any more"),
    "over": Message("Its last time is over"),
}
MISSED_WORDS: Final = {
    "none": Message("are not made up for"),
    "last": Message("the last is made up for"),
    "all": Message("all are made up for, at most 1,000"),
}
OVERLAP_WORDS: Final = {
    "start": Message("start another beside it"),
    "queue": Message("wait for it to end"),
    "skip": Message("leave this time out"),
}
DAYS_WORDS: Final = {
    "any": Message("changes nothing"),
    "next": Message("moves it to the next working day"),
    "only": Message("leaves it out"),
}
WRONG: Final = ("overdue", "unknown", "broken")
"""What starts nothing, and should."""

MARKS: Final = {"waiting": "waiting", "paused": "pause", "overdue": "late", "over": "idle"}


class ScheduleForm(BaseModel):
    """What the form of a new schedule may say."""

    name: str = ""
    process: str = ""
    cron: str = ""
    at: str = ""
    zone: str = ""
    details: str = ""
    missed: str = "last"
    overlap: str = "start"
    jitter: str = ""
    working_days: str = "any"
    holidays: str = ""
    reason: str = ""


@router.get("/schedules")
def schedules(request: Request, done: str = "", of: int | None = None, name: str = "") -> Response:
    """Show the page."""
    note = ("succeeded", DONE[done]) if done in DONE else None
    return frame.show(request, "schedules.html", note=note, started=of, form=ScheduleForm(), **_facts(request, name))


@router.post("/schedules")
def add(request: Request, form: Annotated[ScheduleForm, Form()]) -> Response:
    """Make a schedule."""
    office: Office = request.app.state.office
    try:
        office.act(request.state.actor, _new(office, form))
    except ProcessManagerError as problem:
        return _refused(request, problem, form)
    return RedirectResponse("/schedules?done=add", 303)


@router.post("/schedules/{name}/{way}")
def act(request: Request, name: str, way: str, reason: Annotated[str, Form()] = "", once: Once = None) -> Response:
    """Run, pause, resume or remove a schedule."""
    office: Office = request.app.state.office
    try:
        action = _action(request, name, way, reason.strip())
        if isinstance(action, RunSchedule):
            action = replace(action, once=once)
        answered = office.act(request.state.actor, action)
    except ProcessManagerError as problem:
        return _refused(request, problem, ScheduleForm())
    started = f"&of={answered.id}" if isinstance(answered, Started) else ""
    which = "" if way == "remove" else f"&name={quote(name)}"
    return RedirectResponse(f"/schedules?done={way}{started}{which}", 303)


def _refused(request: Request, problem: ProcessManagerError, form: ScheduleForm) -> Response:
    told = problems.of(problem)
    if not told.is_foreseen or told.status == 503:
        raise problem
    note = ("rejected", told.said)
    return frame.show(request, "schedules.html", told.status, note=note, started=None, form=form, **_facts(request))


def _new(office: Office, form: ScheduleForm) -> Action[Any]:
    said = {name: getattr(form, name).strip() for name in ("missed", "overlap", "working_days", "holidays")}
    moments = [each.strip() for each in form.at.split(";") if each.strip()]
    wanted = typed(
        form.cron.strip() or None,
        moments,
        zone=form.zone.strip() or None,
        parameters=forms.json_object(form.details, Message("The details")),
        jitter=durations.parse(form.jitter.strip() or "0s"),
        **said,
    )
    new = NewSchedule(form.name.strip(), form.process.strip(), wanted)
    return AddSchedule(new, office.registry, wanted.zone or office.settings.zone_name(), reason=form.reason.strip())


def _action(request: Request, name: str, way: str, reason: str) -> Action[Any]:
    """Return what is to be done; raise UsageError where there is no such act, or it needs a reason and has none."""
    office: Office = request.app.state.office
    viewer = office.viewer(request.state.actor)
    with office.database.read() as connection:
        found = inspection.schedule(connection, name, registry=office.registry, now=clock.now(), viewer=viewer)
    if way == "run":
        return RunSchedule(name, found.process, registry=office.registry, reason=reason)
    if way == "resume":
        return ResumeSchedule(name, found.process, reason=reason)
    if way not in ("pause", "remove"):
        raise UsageError(problem=Message("There is no act %(act)s.", act=repr(way[:40])))
    if not reason:
        raise UsageError(problem=Message("There is no reason. Say in a few words why: whoever wonders will read it."))
    if way == "pause":
        return PauseSchedule(name, found.process, reason=reason)
    return RemoveSchedule(name, found.process, office.registry, reason=reason)


def _facts(request: Request, name: str = "") -> dict[str, Any]:
    """Return what the page shows, and of one schedule everything: of the one that is named, else of the next."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer, now = office.viewer(actor), clock.now()
    with office.database.read() as connection:
        found = inspection.schedules(connection, registry=office.registry, now=now, viewer=viewer)
        states = _states(connection, found, viewer)
    views = sorted(found, key=_urgency)
    chosen = next((each for each in views if each.name == name), views[0] if views else None)
    kinds = sorted({cls.name for cls in office.registry if viewer.kinds is None or cls.name in viewer.kinds})
    quiet = {each.process: windows_of(office, each.process) for each in views}
    return {
        "views": views,
        "chosen": chosen,
        "coming": [] if chosen is None else _coming(office, chosen),
        "states": states,
        "strip": schedule_strip(views, quiet, now=now, zone=office.zone),
        **_counts(views),
        **_words_of(request, chosen, quiet),
        "standings": STANDINGS,
        "marks": MARKS,
        "missed_words": {each: MISSED_WORDS[each] for each in MISSED},
        "overlap_words": {each: OVERLAP_WORDS[each] for each in reversed(OVERLAP)},
        "days_words": DAYS_WORDS,
        "kinds": kinds,
        "may": lambda act, kind: forbidden(act, actor, kind),
        "may_add": all(forbidden("schedule-add", actor, each) for each in kinds) if kinds else True,
    }


def _states(connection: sa.Connection, found: Sequence[ScheduleView], viewer: Viewer) -> dict[int, str]:
    """Return the status of the process that each schedule started last."""
    ids = tuple({each.process_id for each in found if each.process_id is not None})
    rows = inspection.page(connection, Filter(ids=ids), limit=len(ids), viewer=viewer) if ids else []
    return {each.id: each.status for each in rows}


def _urgency(view: ScheduleView) -> tuple[int, datetime]:
    """Return where a schedule stands in the list: what should start and does not first, then by the next start."""
    order = 0 if view.standing in WRONG else 1 if view.standing == "waiting" else 2
    return order, view.next_at or datetime.max.replace(tzinfo=UTC)


def _counts(views: Sequence[ScheduleView]) -> dict[str, Any]:
    waiting = [each for each in views if each.standing == "waiting"]
    return {
        "first": waiting[0] if waiting else None,
        "wrong": sum(each.standing in WRONG for each in views),
        "active": len(waiting),
        "paused": sum(each.standing == "paused" for each in views),
    }


def _words_of(request: Request, chosen: ScheduleView | None, quiet: Mapping[str, Quiet]) -> dict[str, Any]:
    """Return how rules and moments are said: those of the chosen schedule on its own clock."""
    office: Office = request.app.state.office
    now, zone = clock.now(), chosen.zone if chosen else None
    language = frame.texts(request).language

    def weekday(moment: datetime) -> str:
        return days.weekday(moments.local(moment, office.zone).date(), language)

    def notes(view: ScheduleView) -> Sequence[str]:
        found = inspection.coming_slots(view, now=now, quiet=quiet[view.process], count=1)
        return found[0].notes if found else ()

    return {
        "said": lambda moment: moments.said(moment, now, office.zone),
        "words": in_words,
        "notes": notes,
        "weekday": weekday,
        "day_of": lambda slot: moments.day(slot.at, now, zone),
        "time_of": lambda slot: moments.clock(slot.at, zone),
    }


def _coming(office: Office, view: ScheduleView) -> list[inspection.ComingSlot]:
    return inspection.coming_slots(view, now=clock.now(), quiet=windows_of(office, view.process))
