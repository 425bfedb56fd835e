"""What needs a person, and what to do about it, on one screen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from process_manager.actor import Actor
from process_manager.gates.quiet import Quiet
from process_manager.gates.switches import Switch
from process_manager.governance import permissions
from process_manager.inspection import moments
from process_manager.inspection.attention import Attention, attention
from process_manager.inspection.surroundings import Surroundings
from process_manager.web import frame
from process_manager.web.offers import forbidden
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

HOURS: Final = 24
LEFT: Final = 11.0
"""Percent of the picture that the names take."""


@router.get("/attention")
def show(request: Request, live: bool = False, shown: str = "") -> Response:
    """Show the page; asked for what is new on it, answer 204 when that is nothing."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    with office.database.read() as connection:
        around = office.around(connection, viewer)
        found = attention(connection, around=around, registry=office.registry, viewer=viewer)
    version = _version(found, around)
    if live and version == shown:
        return Response(status_code=204)
    facts: dict[str, Any] = {
        "found": found,
        "windows": _windows(around),
        "switches": _switches(around),
        "hours": _hours(found, around),
        "forbidden": forbidden("restart", actor, None),
        "query": urlencode,
        "version": version,
    }
    return frame.show(request, "attention_region.html" if live else "attention.html", **facts)


@dataclass(frozen=True, slots=True)
class ShownWindow:
    """A quiet window of the coming day: whose, when, and where it lies in the picture, in percent."""

    whose: str
    start: datetime
    end: datetime
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class DueHours:
    """The coming day: its hours on the axis, and what is due in each, in percent of the picture and pixels."""

    ticks: tuple[tuple[float, str], ...]
    bars: tuple[tuple[float, float, int], ...]
    most: int


def _windows(around: Surroundings) -> list[ShownWindow]:
    """Return the quiet windows of the coming day."""
    end = around.now + timedelta(hours=HOURS)
    whose: dict[Quiet, list[str]] = {}
    for (name, version), quiet in sorted(around.quiet.items()):
        whose.setdefault(quiet, []).append(f"{name} {version}")
    found = []
    for quiet, names in whose.items():
        for window in quiet.coming(around.now, days=1):
            if window.start < end:
                first, last = _x(window.start, around.now), _x(window.end, around.now)
                found.append(ShownWindow(_listed(names), window.start, window.end, first, round(last - first, 2)))
    return sorted(found, key=lambda window: window.start)


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 2 else f"{len(names)} kinds"


def _switches(around: Surroundings) -> list[Switch]:
    return sorted(around.gates.switches.values(), key=lambda each: each.key)


def _hours(found: Attention, around: Surroundings) -> DueHours:
    most = max((*found.due, 1))
    step = (100 - LEFT) / HOURS
    bars = tuple(
        (round(LEFT + step * number + 0.2, 2), round(46 * count / most, 1), count)
        for number, count in enumerate(found.due)
        if count
    )
    return DueHours(tuple(_ticks(around)), bars, max(found.due, default=0))


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


def _version(found: Attention, around: Surroundings) -> str:
    """Return a mark of what the page shows: the same as long as nothing happened, though time passes."""
    workers = [each.name for each in found.workers]
    facts = (found.concerns, sorted(found.since.items()), workers, _switches(around), sum(found.due))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
