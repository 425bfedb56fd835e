"""What the store is asked about schedules, for tests that send every statement to SQL Server's grammar."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rig import NOON

from process_manager.store import schedules

ROW = {
    "name": "nightly", "process": "three", "version": 1, "rule": "0 6 * * *", "zone": "UTC", "working_days": "any",
    "holidays": "", "missed": "last", "overlap": "start", "jitter": 0, "parameters": "{}", "next_at": NOON,
    "created_at": NOON, "created_by": "code", "changed_at": NOON,
}  # fmt: skip
OF_SCHEDULES: dict[str, Callable[[sa.Connection], object]] = {
    "schedules.waiting": schedules.waiting,
    "schedules.take": lambda c: schedules.take(c, "nightly"),
    "schedules.move": lambda c: schedules.move(c, "nightly", since=NOON, values={"next_at": None}),
    "schedules.one": lambda c: [schedules.one(c, "nightly", locked=each) for each in (False, True)],
    "schedules.every": lambda c: [schedules.every(c, kinds=each) for each in (None, frozenset({"three"}))],
    "schedules.insert": lambda c: schedules.insert(c, ROW),
    "schedules.change": lambda c: schedules.change(c, "nightly", {"paused_at": NOON}),
    "schedules.delete": lambda c: schedules.delete(c, "nightly"),
}
