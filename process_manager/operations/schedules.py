"""Schedules by people: made, paused, resumed, run at once and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.actor import CODE, Actor
from process_manager.database import joined_transactions
from process_manager.definition.registry import Registry
from process_manager.definition.schedule import SCHEDULE_NAME, Schedule, check_schedule, declared
from process_manager.errors import HeldByAnother, IllegalValue, NotFound, Occupied, ScheduleInCode
from process_manager.message import Message
from process_manager.operations.act import Act
from process_manager.operations.declared_schedules import facts
from process_manager.operations.request import new_process
from process_manager.operations.schedule_slots import open_before, wanted_start
from process_manager.operations.start import Started, start_many, started_before
from process_manager.schedules import missed, rules
from process_manager.schedules.rules import Slot
from process_manager.store import schedules
from process_manager.store.schedule_tables import RULE_LENGTH
from process_manager.store.tables import MESSAGE_LENGTH

PROGRAM: Final = "a program"
"""Who paused a schedule for a caller without a name: what `code` paused, a version that declares it may resume."""


@dataclass(frozen=True, slots=True)
class NewSchedule:
    """A schedule that is to be made.

    Attributes:
        name: What people call it.
        process: The name of the process that it starts.
        schedule: When, and with what.
    """

    name: str
    process: str
    schedule: Schedule


def add_schedule(
    connection: sa.Connection, new: NewSchedule, *, registry: Registry, zone: str, actor: Actor = CODE
) -> sa.RowMapping:
    """Make a schedule; it begins from now, and workers that run already see it within seconds.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        new: The schedule.
        registry: The classes that are known here.
        zone: The zone where it names none.
        actor: Who makes it.

    Returns:
        Its row.

    Raises:
        IllegalValue: Its name, its rule or another part of it cannot be used; the error names the place.
        UnknownProcess: No class of that name is known here.
        PayloadError: Its parameters do not fit the class.
        Occupied: There is a schedule of its name.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    if not SCHEDULE_NAME.fullmatch(new.name):
        hint = "Give it such a name."
        raise IllegalValue(
            what=Message("Schedule"),
            value=new.name[:100],
            problem=Message("is not 1 to 100 of a-z, 0-9, _ and -"),
            hint=hint,
        )
    check_schedule(new.schedule, zone)
    row = {"name": new.name, "process": new.process, "version": None, **facts(new.schedule, zone)}
    if len(row["rule"]) > RULE_LENGTH:
        raise IllegalValue(what="Rule", value=row["rule"][:50], problem="is too long", hint="Make several schedules.")
    new_process(wanted_start(registry.newest(new.process), row, Slot(now, ()), registry))
    first = missed.following(rules.of_row(row), now)
    if first is None:
        raise IllegalValue(
            what=Message("Moment"), value=row["rule"], problem=Message("is over"), hint="Give one that is to come."
        )
    made = {**row, "next_at": first, "created_at": now, "created_by": actor.name, "changed_at": now}
    if not schedules.insert(connection, made):
        raise Occupied(
            problem=Message("There is a schedule named %(name)s already.", name=repr(new.name)),
            hint="Give this one another name.",
        )
    return _locked(connection, new.name, new.process)


def pause_schedule(connection: sa.Connection, name: str, process: str, act: Act) -> None:
    """Let a schedule start nothing until it is resumed.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        name: The schedule.
        process: The name of its process.
        act: Who pauses it, and why.

    Raises:
        NotFound: There is none of that process.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    _locked(connection, name, process)
    reason = serialization.clean(act.reason, MESSAGE_LENGTH) or None
    by = PROGRAM if act.actor.name == schedules.CODE else act.actor.name
    paused = {"paused_at": clock.now(), "paused_by": by, "paused_reason": reason}
    schedules.change(connection, name, paused)


def resume_schedule(connection: sa.Connection, name: str, process: str) -> None:
    """Let a paused schedule start from now on; nothing is made up for.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        name: The schedule.
        process: The name of its process.

    Raises:
        NotFound: There is none of that process.
        IllegalValue: Its rule is understood no more.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    row = _locked(connection, name, process)
    if row["paused_at"] is not None:
        nobody = {"paused_at": None, "paused_by": None, "paused_reason": None}
        next_at = missed.following_anew(rules.of_row(row), clock.now(), row["slot_at"])
        schedules.change(connection, name, {**nobody, "next_at": next_at})


def remove_schedule(connection: sa.Connection, name: str, process: str, *, registry: Registry) -> None:
    """Remove a schedule that no class declares; what it has started stays.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        name: The schedule.
        process: The name of its process.
        registry: The classes that are known here.

    Raises:
        NotFound: There is none of that process.
        ScheduleInCode: A class declares it: it would come back.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    row = _locked(connection, name, process)
    if row["version"] is not None and any(name in declared(cls.name, cls.schedule) for cls in registry):
        raise ScheduleInCode(name=name, process=process)
    schedules.delete(connection, name)


def run_schedule(connection: sa.Connection, name: str, process: str, *, registry: Registry, actor: Actor = CODE) -> int:
    """Start what a schedule starts, now and besides its slots.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        name: The schedule.
        process: The name of its process.
        registry: The classes that are known here.
        actor: Who asks for it.

    Returns:
        The id of the process.

    Raises:
        NotFound: There is none of that process, or its class is not known here.
        HeldByAnother: What it started last is still open, and it starts none beside another.
        UsageError: Its parameters do not fit the class any more.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    return run_once(connection, name, process, registry=registry, actor=actor).id


def run_once(  # noqa: PLR0913 - all but three by name
    connection: sa.Connection,
    name: str,
    process: str,
    *,
    registry: Registry,
    actor: Actor,
    dedup_key: str | None = None,
) -> Started:
    """Do what `run_schedule` does; asked for again with the same dedup key, return what was started before."""
    joined_transactions.require(connection)
    row = _locked(connection, name, process)
    cls = registry.newest(process)
    if (before := started_before(connection, cls.name, dedup_key)) is not None:
        return before
    if (row["overlap"] == "skip" or cls.arguments is not None) and open_before(connection, row):
        raise _open(row["process_id"], name)
    wanted = replace(wanted_start(cls, row, Slot(clock.now(), ()), registry), at=None)
    if dedup_key is not None and wanted.command_key is None:
        wanted = replace(wanted, dedup_key=dedup_key)
    started = start_many(connection, [wanted], actor=actor)[0]
    if not started.is_new:
        raise _open(started.id, name)
    schedules.change(connection, name, {"process_id": started.id})
    return started


def _open(process_id: int, name: str) -> HeldByAnother:
    return HeldByAnother(
        process_id=process_id,
        holder=f"the schedule {name!r}, which starts none beside it",
        hint=f"Wait for it: `process-manager show {process_id}`.",
    )


def _locked(connection: sa.Connection, name: str, process: str) -> sa.RowMapping:
    """Return the row, locked; who may act on one kind of process finds none of another."""
    row = schedules.one(connection, name, locked=True)
    if row is None or row["process"] != process:
        problem = Message("There is no schedule %(name)s.", name=repr(name[:100]))
        raise NotFound(problem=problem)
    return row


def told(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what the audit chain is told of a schedule: never what its processes start with."""
    names = ("process", "version", "rule", "zone", "working_days", "holidays", "missed", "overlap", "jitter")
    return {**{name: row[name] for name in names}, "paused": row["paused_at"] is not None}
