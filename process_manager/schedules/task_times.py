"""What becomes of an open task when its moments come: overdue, and reminded of. Pure: the present is passed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from process_manager.lifecycle.spans import span
from process_manager.schedules import workdays

_MOST = 1000
"""Reminders that are counted over at once, after nobody looked for long."""


class TaskTimes(NamedTuple):
    """The moments of an open task."""

    due_at: datetime | None
    overdue_at: datetime | None  # when that was noted
    overdue_to: str | None
    remind_every: str | None
    remind_at: datetime | None
    reminders: int
    zone: str
    holidays: str


def moved_on(task: TaskTimes, now: datetime) -> dict[str, Any]:
    """Return the columns that change at this moment, with when to look at it next."""
    changes = {**_overdue(task, now), **_reminded(task, now)}
    due_at = task.due_at if task.overdue_at is None and "overdue_at" not in changes else None
    moments = (due_at, changes.get("remind_at", task.remind_at))
    changes["next_at"] = min((each for each in moments if each is not None), default=None)
    return changes


def _overdue(task: TaskTimes, now: datetime) -> dict[str, Any]:
    if task.due_at is None or task.overdue_at is not None or task.due_at > now:
        return {}
    if task.overdue_to is None:
        return {"overdue_at": now}
    return {"overdue_at": now, "group_name": task.overdue_to, "claimed_by": None, "claimed_at": None}


def _reminded(task: TaskTimes, now: datetime) -> dict[str, Any]:
    """Return the reminder; several that were missed are one."""
    if task.remind_at is None or task.remind_every is None or task.remind_at > now:
        return {}
    time, every = workdays.working_time(task.zone, task.holidays), span(task.remind_every, "remind")
    following = task.remind_at
    for _ in range(_MOST):
        if following > now:
            break
        following = time.later(following, every)
    following = following if following > now else time.later(now, every)
    return {"reminders": task.reminders + 1, "reminded_at": now, "remind_at": following}
