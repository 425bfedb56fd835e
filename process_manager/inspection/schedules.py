"""What starts by the clock: each schedule, how it stands, and its next slots with what clock and calendar change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from process_manager import serialization
from process_manager.definition import markers
from process_manager.definition.known_version import is_known
from process_manager.definition.registry import Registry
from process_manager.errors import IllegalValue, NotFound, UnknownProcess
from process_manager.gates.quiet import NONE, Quiet
from process_manager.gates.quiet.walltime import is_doubled
from process_manager.inspection import moments
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.message import Message, numbered
from process_manager.redaction import MASK
from process_manager.schedules import left_out, missed, rules
from process_manager.schedules.rules import CronRule, Rule, Slot
from process_manager.store import schedules as store

SHOWN: Final = 10
"""So many of its next slots are shown of a schedule."""

Standing = Literal["waiting", "paused", "overdue", "unknown", "broken", "over"]


@dataclass(frozen=True, slots=True)
class ComingSlot:
    """A moment at which a schedule will start its process.

    Attributes:
        at: The moment.
        local: What the clock of its zone shows then.
        notes: What the clock, the calendar of working days or a quiet window changes.
    """

    at: datetime
    local: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule.

    Attributes:
        name: What people call it.
        process: The name of the process that it starts.
        version: The version of the class that declares it; None where a person made it.
        rule: A cron text, or `at` and moments.
        zone: The zone whose clock counts.
        working_days: What a day does to a slot that is no working day.
        holidays: The calendar of holidays.
        missed: Which missed slots are made up for.
        overlap: What a slot does while the process of the one before is open.
        jitter_seconds: Up to how much later a process may begin.
        parameters: What each process starts with, with what is marked in it masked.
        standing: How it stands: it waits for its next slot, is paused, overdue, its process unknown here, its rule
            not understood, or there is no slot any more.
        next_at: Its next slot.
        slot_at: The last slot that was decided.
        process_id: The process that it started last.
        told: Why the last slot started nothing.
        paused_at: Since when it starts nothing.
        paused_by: Who paused it.
        paused_reason: Why.
        created_at: When it was made, or first seen in code.
        created_by: Who made it.
    """

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
    parameters: Mapping[str, Any]
    standing: Standing
    next_at: datetime | None
    slot_at: datetime | None
    process_id: int | None
    told: str | None
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str | None
    created_at: datetime
    created_by: str


def schedules(
    connection: sa.Connection, *, registry: Registry, now: datetime, viewer: Viewer = CONSOLE
) -> list[ScheduleView]:
    """List the schedules, by name.

    Args:
        connection: A connection in any transaction.
        registry: The classes that are known here.
        now: The present moment.
        viewer: Who asks.

    Returns:
        Each schedule of the processes that they may see.
    """
    return [_view(row, registry, now, viewer) for row in store.every(connection, kinds=viewer.kinds)]


def schedule(
    connection: sa.Connection, name: str, *, registry: Registry, now: datetime, viewer: Viewer = CONSOLE
) -> ScheduleView:
    """Return a schedule.

    Args:
        connection: A connection in any transaction.
        name: Which.
        registry: The classes that are known here.
        now: The present moment.
        viewer: Who asks.

    Returns:
        The schedule.

    Raises:
        NotFound: There is none of this name that they may see.
    """
    row = store.one(connection, name)
    if row is None or (viewer.kinds is not None and row["process"] not in viewer.kinds):
        problem = Message("There is no schedule %(name)s.", name=repr(name[:100]))
        raise NotFound(problem=problem)
    return _view(row, registry, now, viewer)


def coming_slots(view: ScheduleView, *, now: datetime, quiet: Quiet = NONE, count: int = SHOWN) -> list[ComingSlot]:
    """Return the next slots of a schedule as the clock of its zone will show them.

    Args:
        view: The schedule.
        now: The present moment: slots that are overdue are not among them.
        quiet: The quiet windows of its process.
        count: How many.

    Returns:
        The slots; none where its rule is not understood.
    """
    try:
        rule = rules_of(view)
    except IllegalValue:
        return []
    return [_coming(slot, rule, quiet) for slot in missed.coming(rule, now, count)]


def coming_moments(view: ScheduleView, *, now: datetime, count: int) -> list[datetime]:
    """Return the moments of the next slots of a schedule.

    Args:
        view: The schedule.
        now: The present moment: slots that are overdue are not among them.
        count: How many.

    Returns:
        The moments; none where its rule is not understood.
    """
    try:
        rule = rules_of(view)
    except IllegalValue:
        return []
    return [slot.at for slot in missed.coming(rule, now, count)]


def rules_of(view: ScheduleView) -> Rule:
    """Return the rule of a schedule; raise IllegalValue that says why it is not understood."""
    names = ("rule", "zone", "working_days", "holidays")
    return rules.of_row({name: getattr(view, name) for name in names})


def _view(row: sa.RowMapping, registry: Registry, now: datetime, viewer: Viewer) -> ScheduleView:
    given = {name: row[name] for name in ScheduleView.__dataclass_fields__ if name in row and name != "parameters"}
    given |= {"jitter_seconds": row["jitter"], "told": left_out.said(row["told"])}
    parameters = _masked(row, registry, viewer)
    return ScheduleView(**given, parameters=parameters, standing=_standing(row, registry, now))


def _standing(row: sa.RowMapping, registry: Registry, now: datetime) -> Standing:
    if row["paused_at"] is not None:
        return "paused"
    if row["next_at"] is None:
        return "over"
    if not is_known(registry, row["process"], row["version"]):
        return "unknown"
    try:
        rules.of_row(row)
    except IllegalValue:
        return "broken"
    return "overdue" if row["next_at"] < now - missed.IN_TIME else "waiting"


def _masked(row: sa.RowMapping, registry: Registry, viewer: Viewer) -> Mapping[str, Any]:
    given: Mapping[str, Any] = serialization.loads(row["parameters"])
    if viewer.reveals or not given:
        return given
    try:
        version = registry.newest(row["process"]).version
    except UnknownProcess:
        version = row["version"] or 1
    marks = viewer.marks(row["process"], version)
    if marks is None:
        return given
    return dict.fromkeys(given, MASK) if marks.is_unknown else markers.masked(given, marks.paths)  # type: ignore[return-value]


def _coming(slot: Slot, rule: Rule, quiet: Quiet) -> ComingSlot:
    local = slot.at.astimezone(rule.zone)
    notes = [*_by_clock(slot, local, rule), *_by_calendar(slot, local)]
    opens = quiet.closed_until(slot.at)
    if opens is not None:
        zone = str(quiet.zone)
        until = Message("%(day)s %(time)s", day=moments.date_of(opens, zone), time=moments.clock(opens, zone))
        notes.append(Message("a quiet window holds it until %(moment)s", moment=until))
    return ComingSlot(slot.at, local.strftime("%Y-%m-%d %H:%M:%S %z"), tuple(notes))


def _by_clock(slot: Slot, local: datetime, rule: Rule) -> Iterator[str]:
    wall = local.replace(tzinfo=None, fold=0)
    time = f"{wall:%H:%M}"
    skipped = next((each for each in slot.named if each.time() != wall.time()), None)
    if skipped is not None:
        yield Message(
            "the clock is set forward over %(time)s: it starts as soon as it goes on", time=f"{skipped:%H:%M}"
        )
    if not is_doubled(wall, _zone(rule)):
        return
    if isinstance(rule, CronRule) and not rule.counts_hours:
        yield Message("the clock is set back and shows %(time)s twice: it starts the first time only", time=time)
    elif local.fold:
        yield Message("the clock is set back: this is the second %(time)s", time=time)
    else:
        yield Message("the clock is set back: this is the first %(time)s", time=time)


def _zone(rule: Rule) -> ZoneInfo:
    return rule.zone


def _by_calendar(slot: Slot, local: datetime) -> Iterator[str]:
    moved = list(dict.fromkeys(each.date() for each in slot.named if each.date() != local.date()))
    if moved:
        yield numbered(
            "moved here from %(first)s, no working day",
            "moved here from %(first)s and the days after it, %(number)s that are no working days",
            len(moved),
            first=moved[0].isoformat(),
        )
    if slot.left_out:
        yield numbered(
            "left out before it: %(first)s, no working day",
            "left out before it: %(first)s and later, %(number)s days that are no working days",
            len(slot.left_out),
            first=slot.left_out[0].isoformat(),
        )


def late(views: Sequence[ScheduleView], now: datetime) -> list[ScheduleView]:
    """Return the schedules that should have started something: overdue ones, and those that nobody here can start."""
    return [
        each
        for each in views
        if each.next_at is not None and each.paused_at is None and each.next_at < now - missed.IN_TIME
    ]
