"""Starts what schedules are due to start, as far as this worker knows the code of their processes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import Database, error_codes
from process_manager.definition.known_version import is_known
from process_manager.definition.registry import Registry
from process_manager.errors import ProcessManagerError
from process_manager.log_throttle import RecurringProblem
from process_manager.operations import declared_schedules, schedule_slots
from process_manager.operations.declared_schedules import Declaration
from process_manager.operations.schedule_slots import SlotLook, SlotResult
from process_manager.store import schedules

log = logs.get(__name__)

TAKEN: Final = timedelta(milliseconds=250)
"""After this a schedule is looked at again that another worker was starting, lest that was killed over it."""

BROKEN: Final = timedelta(minutes=1)
"""The same for one that cannot be started."""

_TOLD: Final[Mapping[str, str]] = {
    "new": "schedule.declared",
    "changed": "schedule.changed",
    "gone": "schedule.gone",
    "differs": "schedule.differs",
    "taken": "schedule.name_taken",
    "paused": "schedule.still_paused",
}


class Scheduler:
    """Knows when each schedule is next, and starts what is due."""

    def __init__(self, database: Database, registry: Registry, zone: str) -> None:
        self._database = database
        self._registry = registry
        self._zone = zone
        self._moments: dict[str, datetime] = {}
        self._broken = RecurringProblem(log.error, "schedule.broken", over="schedule.recovered")

    def declare(self, now: datetime) -> None:
        """Bring what the classes here declare into the table."""
        declare = partial(declared_schedules.declare, registry=self._registry, zone=self._zone, now=now)
        for each in self._database.run(declare):
            _tell(each)

    def look(self) -> None:
        """Learn which schedules there are: people add and change them."""
        with self._database.read() as connection:
            found = schedules.waiting(connection)
        knows = partial(is_known, self._registry)
        self._moments = {each.name: each.next_at for each in found if knows(each.process, each.version)}

    def next_at(self) -> datetime | None:
        """Return when there is something to start next; None when nothing is known of that."""
        return min(self._moments.values(), default=None)

    def start_due(self, now: datetime) -> int:
        """Start what is due, a hundred processes of each schedule at most, and return how many slots were decided."""
        decided = 0
        for name, moment in sorted(self._moments.items(), key=lambda each: (each[1], each[0])):
            if moment <= now:
                decided += self._start(name, now)
        return decided

    def _start(self, name: str, now: datetime) -> int:
        start = partial(schedule_slots.start_due, name=name, registry=self._registry, now=now)
        try:
            look = self._database.run(start)
        except Exception as problem:  # one that is broken holds up no other
            if error_codes.is_disconnected(problem):
                raise
            self._tell_of(name, problem)
            self._moments[name] = now + BROKEN
            return 0
        self._broken.recovered(about=name, schedule=name)
        self._note(name, look, now)
        return 0 if look is None else len(look.slots)

    def _tell_of(self, name: str, problem: Exception) -> None:
        if isinstance(problem, ProcessManagerError | sa.exc.SQLAlchemyError):
            told = str(problem) if isinstance(problem, ProcessManagerError) else error_codes.message(problem)
            self._broken.failed(told, about=name, schedule=name)
        else:
            self._broken.failed(type(problem).__name__, about=name, schedule=name, exc_info=True)

    def _note(self, name: str, look: SlotLook | None, now: datetime) -> None:
        for slot in () if look is None else look.slots:
            _log(name, slot)
        if look is None:
            self._moments[name] = now + TAKEN
        elif look.next_at is None or (not look.slots and look.next_at <= now):
            del self._moments[name]  # it is over, or belongs to a version that is not known here
        else:
            self._moments[name] = look.next_at


def _log(name: str, slot: SlotResult) -> None:
    facts: dict[str, Any] = {"schedule": name, "slot": slot.at.isoformat(), "process_id": slot.process_id}
    if slot.told:
        log.warning("schedule.slot_left_out", **facts, told=slot.told)
    else:
        log.info("schedule.slot_started", **facts)


def _tell(each: Declaration) -> None:
    say = log.info if each.what in ("new", "changed") else log.warning
    say(_TOLD[each.what], schedule=each.name)
