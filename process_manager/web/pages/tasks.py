"""The tasks: what people are asked, with filters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Request
from starlette.responses import Response

from process_manager import clock, inspection
from process_manager.actor import Actor
from process_manager.governance import permissions
from process_manager.inspection import TaskFilter, TaskPage, Viewer, tasks_of
from process_manager.message import Message
from process_manager.web import frame
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

SHOWN: Final = 50
"""Tasks on one page."""

VIEWS: Final = {
    "": Message("For me"),
    "claimed": Message("Claimed by me"),
    "overdue": Message("Overdue"),
    "open": Message("All that are open"),
    "answered": Message("Answered"),
}
"""The views, by what stands in the address."""


@router.get("/tasks")
def tasks(request: Request, view: str = "", name: str = "", group: str = "", after: str = "") -> Response:
    """Show a list of tasks."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer, now = office.viewer(actor), clock.now()
    given = {"view": view if view in VIEWS else "", "name": name.strip(), "group": group.strip()}
    which = _which(actor, given, now)
    with office.database.read() as connection:
        page = inspection.tasks(connection, which, limit=SHOWN, after=_place(after), viewer=viewer)
        counts = _counts(connection, actor, now, viewer)
    kinds = sorted({cls.name for cls in office.registry if viewer.kinds is None or cls.name in viewer.kinds})
    return frame.show(
        request,
        "tasks.html",
        page=page,
        views=VIEWS,
        given=given,
        kinds=kinds,
        next_after=_after(page),
        address=lambda **other: _address({**given, **other}),
        **counts,
    )


def _which(actor: Actor, given: dict[str, str], now: datetime) -> TaskFilter:
    found = {
        "": _mine(actor),
        "claimed": TaskFilter(claimed_by=(actor.name,)),
        "overdue": TaskFilter(overdue_at=now),
        "open": TaskFilter(),
        "answered": TaskFilter(status="answered"),
    }[given["view"]]
    if given["group"]:
        found = replace(found, groups=(given["group"],), with_ungrouped=False, claimed_by=None)
    return replace(found, name=given["name"] or None)


def _mine(actor: Actor) -> TaskFilter:
    """Return which tasks somebody may answer now: what others have claimed is theirs."""
    return replace(tasks_of(actor), unclaimed=True)


def _counts(connection: sa.Connection, actor: Actor, now: datetime, viewer: Viewer) -> dict[str, int]:
    """Return how many one may answer, and how many of all are open, and overdue."""
    mine = inspection.count_tasks(connection, _mine(actor), viewer=viewer)
    every = inspection.count_tasks(connection, TaskFilter(), viewer=viewer)
    late = inspection.count_tasks(connection, TaskFilter(overdue_at=now), viewer=viewer) if every else 0
    return {"mine": mine, "every": every, "late": late}


def _after(page: TaskPage) -> str | None:
    return None if page.after is None else f"{page.after[0].astimezone(UTC).isoformat()},{page.after[1]}"


def _place(text: str) -> tuple[datetime, int] | None:
    """Return where the page before ended; None where that is nothing."""
    moment, _, number = text.rpartition(",")
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if found.tzinfo is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return found.astimezone(UTC), int(number)


def _address(given: dict[str, Any]) -> str:
    kept = {name: value for name, value in given.items() if value}
    return f"/tasks?{urlencode(kept)}" if kept else "/tasks"
