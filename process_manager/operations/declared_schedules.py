"""What process classes declare of schedules, brought into the table: a row belongs to the highest version seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import sqlalchemy as sa

from process_manager import serialization
from process_manager.database import joined_transactions
from process_manager.definition.process import Process
from process_manager.definition.registry import Registry
from process_manager.definition.schedule import Cron, Schedule, declared
from process_manager.schedules import missed, rules
from process_manager.store import schedules
from process_manager.store.schedules import CODE

_TIMING: Final = ("rule", "zone", "working_days", "holidays")


class Declaration(NamedTuple):
    """What became of a schedule that a class declares, or declares no more.

    It is `new`, `changed` or `gone`; it `differs` from the row of the same version, is `taken` by another, or stays
    `paused` by a higher version that declared it no more, until a person resumes it.
    """

    name: str
    what: Literal["new", "changed", "gone", "differs", "taken", "paused"]


def declare(connection: sa.Connection, *, registry: Registry, zone: str, now: datetime) -> list[Declaration]:
    """Bring what the newest versions of the classes declare into the table; what is new begins from now.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        registry: The classes that are known here.
        zone: The zone of those that name none.
        now: The present moment.

    Returns:
        What became of each that is not as it was.

    Raises:
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    newest = {cls.name: cls for cls in registry}
    wanted = {name: row for cls in newest.values() for name, row in _rows(cls, zone)}
    there = {row["name"]: row for row in schedules.every(connection)}
    found = [(name, _declare(connection, row, there.get(name), now)) for name, row in sorted(wanted.items())]
    gone = [(name, _pause(connection, row, newest, now)) for name, row in sorted(there.items()) if name not in wanted]
    return [Declaration(name, what) for name, what in (*found, *gone) if what is not None]  # type: ignore[arg-type]


def facts(schedule: Schedule, zone: str) -> dict[str, Any]:
    """Return what the row of a schedule says that is written like this."""
    days = (schedule.working_days, schedule.holidays) if isinstance(schedule, Cron) else ("any", "")
    return {
        "rule": schedule.rule,
        "zone": schedule.zone or zone,
        "working_days": days[0],
        "holidays": days[1],
        "missed": schedule.missed,
        "overlap": schedule.overlap,
        "jitter": int(schedule.jitter.total_seconds()),
        "parameters": serialization.dumps(dict(schedule.parameters)),
    }


def _rows(cls: type[Process], zone: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schedule in declared(cls.name, cls.schedule).items():
        yield name, {"name": name, "process": cls.name, "version": cls.version, **facts(schedule, zone)}


def _declare(
    connection: sa.Connection, wanted: Mapping[str, Any], row: Mapping[Any, Any] | None, now: datetime
) -> str | None:
    if row is None:
        first = missed.following(rules.of_row(wanted), now)
        made = {**wanted, "next_at": first, "created_at": now, "created_by": CODE, "changed_at": now}
        return "new" if schedules.insert(connection, made) else None
    if row["version"] is None or row["process"] != wanted["process"]:
        return "taken"
    if row["version"] > wanted["version"]:
        return None
    if row["version"] == wanted["version"]:
        if row["paused_by"] == CODE:
            return "paused"  # the code was rolled back; a version of today may still live that does not want it
        return "differs" if any(row[name] != wanted[name] for name in wanted) else None
    return _change(connection, wanted, now)


def _change(connection: sa.Connection, wanted: Mapping[str, Any], now: datetime) -> str | None:
    """Let a higher version change the row; its next slot stays, with all that were missed, where its moments do."""
    row = schedules.one(connection, wanted["name"], locked=True)
    if row is None or row["version"] is None or row["version"] >= wanted["version"]:
        return None  # somebody else has seen to it meanwhile
    is_back = row["paused_by"] == CODE
    values = {**wanted, "changed_at": now}
    if is_back:
        values |= {"paused_at": None, "paused_by": None, "paused_reason": None}
    if is_back or any(row[name] != wanted[name] for name in _TIMING):
        values["next_at"] = missed.following_anew(rules.of_row(wanted), now, row["slot_at"])
    schedules.change(connection, wanted["name"], values)
    return "changed"


def _pause(
    connection: sa.Connection, row: Mapping[Any, Any], newest: Mapping[str, type[Process]], now: datetime
) -> str | None:
    """Pause a schedule that a class declared, and in this or a higher version declares no more."""
    cls = newest.get(row["process"])
    if cls is None or not _is_dropped(row, cls):
        return None
    latest = schedules.one(connection, row["name"], locked=True)
    if latest is None or not _is_dropped(latest, cls):
        return None  # somebody else has seen to it meanwhile
    reason = f"Version {cls.version} of {cls.name!r} does not declare it."
    paused = {"paused_at": now, "paused_by": CODE, "paused_reason": reason}
    schedules.change(connection, row["name"], paused)
    return "gone"


def _is_dropped(row: Mapping[Any, Any], cls: type[Process]) -> bool:
    """Return whether the row, which this class does not declare, is its own and goes on."""
    return row["version"] is not None and row["version"] <= cls.version and row["paused_at"] is None
