"""`/schedules`: what starts by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Path, Query, Response
from pydantic import ConfigDict, Field

from process_manager import clock, inspection
from process_manager.definition import quiet_windows
from process_manager.definition.schedule import typed
from process_manager.errors import FieldsError, IllegalValue
from process_manager.gates.quiet import NONE, Quiet
from process_manager.governance.schedule_actions import (
    AddSchedule,
    PauseSchedule,
    RemoveSchedule,
    ResumeSchedule,
    RunSchedule,
)
from process_manager.inspection import ComingSlot, ScheduleView
from process_manager.operations.schedules import NewSchedule
from process_manager.web.api.asking import Doing, Reader, Reading
from process_manager.web.api.own_key import IdempotencyKey, of_act
from process_manager.web.api.router import PREFIX, ApiRouter, answers
from process_manager.web.api.values import NeededText, Sent, Text
from process_manager.web.office import Office

router = ApiRouter("schedules")

ScheduleName = Annotated[str, Path(max_length=100, description="The name of the schedule.")]
SLOT: Final[dict[str, Any]] = {
    "at": "2026-12-28T05:00:00Z",
    "local": "2026-12-28 06:00:00 +0100",
    "notes": ["moved here from 2026-12-24 and the days after it, 4 that are no working days"],
}
EXAMPLE: Final[dict[str, Any]] = {
    "name": "payroll",
    "process": "letter",
    "version": None,
    "rule": "0 6 * * *",
    "zone": "Europe/Copenhagen",
    "working_days": "next",
    "holidays": "DK+optional",
    "missed": "last",
    "overlap": "skip",
    "jitter_seconds": 300,
    "parameters": {"amount": "4250.00"},
    "standing": "waiting",
    "next_at": "2026-12-28T05:00:00Z",
    "slot_at": None,
    "process_id": None,
    "told": None,
    "paused_at": None,
    "paused_by": None,
    "paused_reason": None,
    "created_at": "2026-11-30T07:00:00Z",
    "created_by": "ada",
}
PLACES: Final = {
    "Cron": "cron",
    "Rule": "cron",
    "Moments": "at",
    "Moment": "at",
    "Time zone": "zone",
    "Country": "holidays",
    "Holiday category": "holidays",
    "Date": "holidays",
    "Working days": "working_days",
    "Schedule": "name",
    "missed": "missed",
    "overlap": "overlap",
    "jitter": "jitter_seconds",
    "When": "cron",
}
"""The field of a request that an error is about, by how the error calls it."""


class NewScheduleRequest(Sent):
    """A schedule that is to be made: with `cron` or `at`, not both."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "payroll", "process": "letter", "cron": "0 6 * * mon-fri"}]}
    )

    name: NeededText = Field(description="What people call it: 1 to 100 of a-z, 0-9, _ and -.")
    process: NeededText = Field(description="The name of the process that it starts.")
    cron: Text | None = Field(
        None, description="Minute, hour, day-of-month, month, day-of-week; of six the first is the second."
    )
    at: list[Text] = Field([], max_length=40, description="Moments instead, each once; local ones on the zone's clock.")
    zone: Text | None = Field(None, description="The zone whose clock counts; without it the office's.")
    parameters: dict[str, Any] = Field({}, description="What each process starts with.")
    missed: Literal["none", "last", "all"] = Field("last", description="Which missed slots are made up for.")
    overlap: Literal["skip", "queue", "start"] = Field(
        "start", description="What a slot does while the process of the one before is open."
    )
    jitter_seconds: int = Field(0, ge=0, le=86_400, description="Up to how much later a process may begin.")
    working_days: Literal["any", "next", "only"] = Field(
        "any", description="A slot on a weekend or a holiday stays, moves to the next working day, or falls away."
    )
    holidays: Text = Field("", description="The calendar of holidays, such as DK+optional.")
    reason: Text = Field("", description="Why, for the audit chain.")


class ScheduleReason(Sent):
    """Why something is done to a schedule."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the bank is closed"}]})

    reason: Text = Field("", description="Why, for the audit chain.")


@dataclass(frozen=True, slots=True)
class ShownSchedule:
    """A schedule; what is marked in its parameters is masked."""

    name: str
    process: str
    version: int | None
    rule: str
    zone: str
    working_days: str
    holidays: str
    missed: str
    overlap: str
    jitter_seconds: int
    parameters: dict[str, Any]
    standing: str
    next_at: datetime | None
    slot_at: datetime | None
    process_id: str | None
    told: str | None
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str | None
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class ScheduleList:
    """The schedules, by name."""

    items: list[ShownSchedule]


@dataclass(frozen=True, slots=True)
class SlotList:
    """The next slots of a schedule."""

    items: list[ComingSlot]


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """The process that a schedule has started besides its slots."""

    name: str
    process_id: str


@router.get("", summary="List schedules", **answers({"items": [EXAMPLE]}))
def list_schedules(reader: Reading) -> ScheduleList:
    """Return the schedules of the processes that whoever asks may see."""
    office = reader.office
    with office.database.read() as connection:
        found = inspection.schedules(connection, registry=office.registry, now=clock.now(), viewer=reader.viewer)
    return ScheduleList([_shown(each) for each in found])


@router.post("", summary="Make a schedule", **answers(EXAMPLE, 404, 409, status=201))
def add_schedule(doer: Doing, body: NewScheduleRequest, response: Response) -> ShownSchedule:
    """Make it; it begins from now. What is wrong in a cron text is told with its field in the text."""
    given = body.model_dump(include={"zone", "missed", "overlap", "working_days", "holidays", "parameters"})
    try:
        wanted = typed(body.cron, body.at, jitter=timedelta(seconds=body.jitter_seconds), **given)
        new = NewSchedule(body.name, body.process, wanted)
        zone = wanted.zone or doer.office.settings.zone_name()
        doer.act(AddSchedule(new, doer.office.registry, zone, reason=body.reason))
    except IllegalValue as problem:
        what = str(problem.facts["what"])
        place = next((field for begin, field in PLACES.items() if what.startswith(begin)), "")
        raise FieldsError.of([(place, str(problem))]) from None
    response.headers["Location"] = f"{PREFIX}schedules/{new.name}"
    return _shown(_found(doer.office, new.name))


def seen_schedule(reader: Reading, name: ScheduleName) -> ScheduleView:
    """Return the schedule of the path, if the reader may see it."""
    return _seen(reader, name)


Seen = Annotated[ScheduleView, Depends(seen_schedule)]


@router.get("/{name}", summary="Show a schedule", **answers(EXAMPLE, 404))
def get_schedule(found: Seen) -> ShownSchedule:
    """Return a schedule."""
    return _shown(found)


@router.get("/{name}/next", summary="List the next slots of a schedule", **answers({"items": [SLOT]}, 404))
def list_slots(
    reader: Reading, found: Seen, count: Annotated[int, Query(ge=1, le=100, description="How many.")] = 10
) -> SlotList:
    """Return when it starts next on its own clock, and what clock, calendar and quiet windows change."""
    quiet = windows_of(reader.office, found.process)
    return SlotList(inspection.coming_slots(found, now=clock.now(), quiet=quiet, count=count))


RUN: Final = {"name": "payroll", "process_id": "1042"}


@router.post("/{name}/run", summary="Start its process now", **answers(RUN, 404, 409))
def run_schedule(doer: Doing, found: Seen, body: ScheduleReason, idempotency_key: IdempotencyKey = None) -> ScheduleRun:
    """Start it besides its slots. 409 while the one before is open, and it starts none beside it."""
    once = of_act(doer.actor, f"schedule {found.name}", idempotency_key)
    action = RunSchedule(found.name, found.process, registry=doer.office.registry, once=once, reason=body.reason)
    return ScheduleRun(found.name, str(doer.act(action).value.id))


PAUSED: Final = {**EXAMPLE, "standing": "paused", "paused_at": "2026-11-30T08:00:00Z", "paused_by": "ada"}


@router.post("/{name}/pause", summary="Pause a schedule", **answers(PAUSED, 404))
def pause_schedule(doer: Doing, found: Seen, body: ScheduleReason) -> ShownSchedule:
    """Let it start nothing until it is resumed."""
    doer.act(PauseSchedule(found.name, found.process, reason=body.reason))
    return _shown(_found(doer.office, found.name))


@router.post("/{name}/resume", summary="Resume a schedule", **answers(EXAMPLE, 404))
def resume_schedule(doer: Doing, found: Seen, body: ScheduleReason) -> ShownSchedule:
    """Let it start from now on; what was missed is not made up for."""
    doer.act(ResumeSchedule(found.name, found.process, reason=body.reason))
    return _shown(_found(doer.office, found.name))


@router.delete("/{name}", summary="Remove a schedule", response_class=Response, **answers(None, 404, 409, status=204))
def remove_schedule(doer: Doing, found: Seen, body: ScheduleReason | None = None) -> None:
    """Remove it; what it has started stays. 409 for one that a class declares: pause it instead."""
    reason = "" if body is None else body.reason
    doer.act(RemoveSchedule(found.name, found.process, doer.office.registry, reason=reason))


def windows_of(office: Office, process: str) -> Quiet:
    """Return the quiet windows of the newest version of a process that is known here."""
    known = quiet_windows.windows(office.registry, office.settings)
    versions = [version for name, version in known if name == process]
    return known[process, max(versions)] if versions else NONE


def _seen(reader: Reader, name: str) -> ScheduleView:
    office = reader.office
    with office.database.read() as connection:
        return inspection.schedule(connection, name, registry=office.registry, now=clock.now(), viewer=reader.viewer)


def _found(office: Office, name: str) -> ScheduleView:
    with office.database.read() as connection:
        return inspection.schedule(
            connection, name, registry=office.registry, now=clock.now(), viewer=inspection.Viewer(None, office.marks)
        )


def _shown(view: ScheduleView) -> ShownSchedule:
    names = ShownSchedule.__dataclass_fields__
    given = {name: getattr(view, name) for name in names if name not in ("parameters", "process_id")}
    return ShownSchedule(
        **given,
        parameters=dict(view.parameters),
        process_id=None if view.process_id is None else str(view.process_id),
    )
