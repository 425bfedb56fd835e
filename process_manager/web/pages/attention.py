"""What needs a person, and what to do about it, on one screen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from process_manager import inspection
from process_manager.actor import Actor
from process_manager.definition import quiet_windows
from process_manager.gates.switches import Switch
from process_manager.governance import permissions
from process_manager.inspection import Attention, ComingWindow, Viewer, moments
from process_manager.inspection.quiet_windows import coming_day
from process_manager.inspection.surroundings import Surroundings
from process_manager.message import Message, grouped, numbered, opening, spelled
from process_manager.web import frame, sparkline
from process_manager.web.offers import forbidden
from process_manager.web.office import Office
from process_manager.web.stop_causes import stop_causes

router = APIRouter(include_in_schema=False)

HOURS: Final = 24
LEFT: Final = 11.0
"""Percent of the picture that the names take."""
SHOWN: Final = 25
"""So many causes are on the page: the page of causes has the others."""


@router.get("/attention")
def show(request: Request, live: bool = False, shown: str = "") -> Response:
    """Show the page; asked for what is new on it, answer 204 when that is nothing."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    seen = office.shared.get(("attention", viewer.kinds), lambda: _seen(office, viewer))
    if live and seen.version == shown:
        return Response(status_code=204)
    found, around = seen.found, seen.around
    facts: dict[str, Any] = {
        "found": found,
        "heading": _heading(found, around),
        "quiet": _quiet(seen.windows, around),
        "recent": _recent(found, around),
        "shown": SHOWN,
        "windows": seen.windows,
        "switches": seen.switches,
        "hours": _hours(seen.due, around),
        "due": sum(seen.due),
        "bars": sparkline.bars,
        "grouped": grouped,
        "forbidden": forbidden("restart", actor, None),
        "query": urlencode,
        "version": seen.version,
    }
    return frame.show(request, "attention_region.html" if live else "attention.html", **facts)


@dataclass(frozen=True, slots=True)
class ShownWindow:
    """A quiet window of the coming day: whose, what it will hold, and where it lies in the picture, in percent."""

    whose: str
    start: datetime
    end: datetime
    held: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the page shows, made once for all who see the same kinds."""

    found: Attention
    around: Surroundings
    windows: list[ShownWindow]
    switches: list[Switch]
    due: tuple[int, ...]
    version: str


def _seen(office: Office, viewer: Viewer) -> _Seen:
    stopped = stop_causes(office, viewer)
    with office.database.read() as connection:
        around = office.around(connection, viewer, silent_for=timedelta(hours=HOURS))
        found = inspection.attention(connection, stopped, around=around, registry=office.registry, viewer=viewer)
        engine = quiet_windows.of_the_engine(office.settings)
        coming, due = coming_day(connection, engine, around.quiet, now=around.now, viewer=viewer)
    frame.keep_waiting(office, viewer, found.counted)
    windows = [_window(each, around) for each in coming]
    switches = inspection.thrown_switches(around.gates, office.registry, viewer=viewer)
    return _Seen(found, around, windows, switches, due, _version(found, windows, switches, due))


def _heading(found: Attention, around: Surroundings) -> tuple[Message, Message]:
    """Return what the page says first: what needs a person, and what else is not as it should be."""
    needs, stuck = opening(spelled(found.needs)), opening(spelled(found.stuck))
    first = Message("Nothing needs a person.")
    if found.needs:
        first = numbered(
            "%(number)s process needs a person, since %(moment)s.",
            "%(number)s processes need a person, the oldest since %(moment)s.",
            found.needs,
            number=needs,
            moment=moments.at(found.oldest or around.now, around.now, around.zone),
        )
    if not found.stuck:
        return first, Message("Nothing is stuck or overdue.")
    if not found.needs:
        said = numbered(
            "%(number)s is stuck or overdue.", "%(number)s are stuck or overdue.", found.stuck, number=stuck
        )
        return first, said
    return first, numbered(
        "%(number)s more is stuck or overdue.", "%(number)s more are stuck or overdue.", found.stuck, number=stuck
    )


def _recent(found: Attention, around: Surroundings) -> Message:
    """Return how many have stopped since the last working day."""
    day = moments.day(found.since, around.now, around.zone)
    if found.recent > inspection.MOST_COUNTED:
        most = grouped(inspection.MOST_COUNTED)
        return Message("more than %(most)s since %(day)s, the last working day", most=most, day=day)
    number = grouped(found.recent)
    return Message("%(number)s since %(day)s, the last working day", number=number, day=day)


def _quiet(windows: Sequence[ShownWindow], around: Surroundings) -> Message | None:
    """Return when the next quiet window starts, or ends where it lasts."""
    if not windows:
        return None
    start, end = windows[0].start, windows[0].end
    if start <= around.now:
        return Message("A quiet window lasts until %(until)s.", until=moments.until(end, around.now, around.zone))
    return Message("The next quiet window starts %(moment)s.", moment=moments.said(start, around.now, around.zone))


def _window(window: ComingWindow, around: Surroundings) -> ShownWindow:
    first, last = _x(window.start, around.now), _x(window.end, around.now)
    return ShownWindow(_whose(window.of), window.start, window.end, window.held, first, round(last - first, 2))


def _whose(names: str) -> str:
    if names == "engine":
        return Message("Everything")
    listed = names.split(", ")
    return names if len(listed) <= 2 else Message("%(number)s kinds", number=len(listed))


@dataclass(frozen=True, slots=True)
class DueHours:
    """The coming day: its hours on the axis, and what is due in each, in percent of the picture and pixels."""

    ticks: tuple[tuple[float, str], ...]
    bars: tuple[tuple[float, float, int], ...]
    most: int


def _hours(due: Sequence[int], around: Surroundings) -> DueHours:
    most = max((*due, 1))
    step = (100 - LEFT) / HOURS
    bars = tuple(
        (round(LEFT + step * number + 0.2, 2), round(46 * count / most, 1), count)
        for number, count in enumerate(due)
        if count
    )
    return DueHours(tuple(_ticks(around)), bars, max(due, default=0))


def _ticks(around: Surroundings) -> Iterable[tuple[float, str]]:
    """Yield each second full hour of the reader's clock."""
    local = moments.local(around.now, around.zone)
    first = around.now + (timedelta(hours=1) - timedelta(minutes=local.minute, seconds=local.second))
    first += timedelta(hours=moments.local(first, around.zone).hour % 2)
    for number in range(0, HOURS - 1, 2):
        moment = first + timedelta(hours=number)
        if moment <= around.now + timedelta(hours=HOURS):
            yield _x(moment, around.now), moments.clock(moment, around.zone)


def _x(moment: datetime, now: datetime) -> float:
    part = (moment - now) / timedelta(hours=HOURS)
    return round(LEFT + (100 - LEFT) * min(max(part, 0.0), 1.0), 2)


def _version(found: Attention, windows: Sequence[ShownWindow], switches: Sequence[Switch], due: Sequence[int]) -> str:
    """Return a mark of what the page shows: the same as long as nothing happened, though time passes."""
    held = [(each.whose, each.held) for each in windows]
    facts = (found.concerns, found.day, found.workers, found.recent, switches, held, sum(due))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
