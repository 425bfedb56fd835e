"""A regular look at tasks: what is overdue is given away, people are reminded, what is withdrawn is closed."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from process_manager import clock, logs
from process_manager.database import Database

SELDOM: Final = 15
"""Every so many looks it asks."""

LONGEST: Final = 0.8
"""Seconds of one look: the thread has the switches to look at, too."""

log = logs.get(__name__)


class TaskSweep:
    """Moves tasks on, 100 in a transaction; where nobody is asked anything it reads one empty table now and then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looks = 0

    def look(self) -> None:
        """Move on what has come to its moment, for as long as there is something and one look may take."""
        is_time = self._looks % SELDOM == 0
        self._looks += 1
        if is_time and self._is_needed():
            self._move_on()
            self._close_gone()

    def _is_needed(self) -> bool:
        first: sa.Select[int] = sa.select(sa.literal_column("1")).select_from(sa.table("tasks")).limit(1)
        with self._database.read() as connection:
            return connection.execute(first).scalar() is not None

    def _move_on(self) -> None:
        from process_manager.store import task_sweep

        ends = time.monotonic() + LONGEST
        while moved := self._database.run(partial(task_sweep.move_on, now=clock.now())):
            for task, changes in moved:
                _tell(task, changes)
            if time.monotonic() >= ends:
                return

    def _close_gone(self) -> None:
        from process_manager.store import task_sweep

        with self._database.read() as connection:
            gone = task_sweep.gone(connection)
        if gone:
            self._database.run(partial(task_sweep.close_gone, process_ids=gone))


def _tell(task: Any, changes: dict[str, Any]) -> None:
    """Write a line for what has changed; what is asked may be personal."""
    facts = {"task": task["id"], "process_id": task["process_id"], "step": task["step"], "group": task["group_name"]}
    if "overdue_at" in changes:
        log.warning("task.overdue", **facts, given_to=changes.get("group_name"))
    if "reminders" in changes:
        log.info("task.reminded", **facts, reminders=changes["reminders"])
