"""Each act on schedules, for tests that ask for every act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from rig import Three

from process_manager import Cron, clock, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import schedule_actions
from process_manager.governance.action import Action
from process_manager.operations import Act, declared_schedules, schedule_slots, schedules

_KNOWN = Registry([Three])
_ACT = Act(Actor("Ada"), "SAP is back")
NIGHTLY = schedules.NewSchedule("nightly", "three", Cron("0 6 * * *"))


def scheduled(database: Database, *, is_paused: bool = False) -> str:
    database.run(lambda connection: schedules.add_schedule(connection, NIGHTLY, registry=_KNOWN, zone="UTC"))
    if is_paused:
        act = operations.Act(Actor("root"), "")
        database.run(lambda connection: schedules.pause_schedule(connection, "nightly", "three", act))
    return "nightly"


SCHEDULES: dict[str, Callable[[Database, Any], Action[Any]]] = {
    "schedule-add": lambda db, _: schedule_actions.AddSchedule(NIGHTLY, _KNOWN, "UTC"),
    "schedule-pause": lambda db, _: schedule_actions.PauseSchedule(scheduled(db), "three"),
    "schedule-resume": lambda db, _: schedule_actions.ResumeSchedule(scheduled(db, is_paused=True), "three"),
    "schedule-remove": lambda db, _: schedule_actions.RemoveSchedule(scheduled(db), "three", _KNOWN),
    "schedule-run": lambda db, _: schedule_actions.RunSchedule(scheduled(db), "three", registry=_KNOWN),
}
"""Each act on schedules."""


JOINING: dict[Callable[..., Any], Callable[[sa.Connection], Any]] = {
    schedule_slots.start_due: lambda it: schedule_slots.start_due(it, "three", registry=_KNOWN, now=clock.now()),
    schedules.add_schedule: lambda it: schedules.add_schedule(it, NIGHTLY, registry=_KNOWN, zone="UTC"),
    operations.change_limit: lambda it: operations.change_limit(it, "sap-seats", 5, _ACT),
    schedules.pause_schedule: lambda it: schedules.pause_schedule(it, "three", "three", _ACT),
    schedules.resume_schedule: lambda it: schedules.resume_schedule(it, "three", "three"),
    schedules.remove_schedule: lambda it: schedules.remove_schedule(it, "three", "three", registry=_KNOWN),
    schedules.run_schedule: lambda it: schedules.run_schedule(it, "three", "three", registry=_KNOWN),
    schedules.run_once: lambda it: schedules.run_once(it, "three", "three", registry=_KNOWN, actor=_ACT.actor),
    schedule_slots.start_slots: lambda it: schedule_slots.start_slots(it, {}, (), registry=_KNOWN),
    operations.answer_task: lambda it: operations.answer_task(it, 1, {}, _ACT),
    operations.claim_task: lambda it: operations.claim_task(it, 1, _ACT.actor),
    operations.release_task: lambda it: operations.release_task(it, 1, _ACT.actor),
    operations.reassign_task: lambda it: operations.reassign_task(it, 1, _ACT.actor, group="chief"),
    declared_schedules.declare: lambda it: declared_schedules.declare(it, registry=_KNOWN, zone="UTC", now=clock.now()),
}
"""The functions by which schedules, limits and tasks are acted on, each in a caller's transaction."""
