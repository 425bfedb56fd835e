"""Starting what a schedule is due to start: its slots and its next moment in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager import serialization
from process_manager.actor import Actor
from process_manager.database import joined_transactions
from process_manager.definition import command
from process_manager.definition.known_version import is_known
from process_manager.definition.process import Process
from process_manager.definition.registry import Registry
from process_manager.errors import UsageError
from process_manager.lifecycle.status import CLOSED
from process_manager.operations.request import Start
from process_manager.operations.start import Started, start_each
from process_manager.schedules import left_out, missed, rules
from process_manager.schedules.rules import Slot
from process_manager.store import queries, schedules
from process_manager.store.tables import MESSAGE_LENGTH

_WORDS: Final = 2**64


class SlotResult(NamedTuple):
    """What became of a slot.

    Attributes:
        at: Its moment.
        process_id: The process that it started, or that was started for it before; None where it started none.
        told: Why it started none.
    """

    at: datetime
    process_id: int | None
    told: str = ""


class SlotLook(NamedTuple):
    """What came of a look at a schedule that seemed to be due: its slots, and when to look next; None: not again."""

    slots: tuple[SlotResult, ...]
    next_at: datetime | None


def start_due(connection: sa.Connection, name: str, *, registry: Registry, now: datetime) -> SlotLook | None:
    """Start what a schedule is due to start, at most a hundred processes, and move on to its next slot.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        name: The schedule.
        registry: The classes that are known here.
        now: The present moment.

    Returns:
        What became of each slot, and when the next one is; None while another transaction holds the schedule.

    Raises:
        IllegalValue: Its rule is understood no more.
        UnknownProcess: Its process is not known here.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    row = schedules.take(connection, name)
    if row is None:
        return None
    if row["next_at"] > now or not is_known(registry, row["process"], row["version"]):
        return SlotLook((), row["next_at"])
    due = missed.due(rules.of_row(row), row["next_at"], now, row["missed"])
    results = start_slots(connection, row, due.slots, registry=registry)
    values = {"next_at": due.next_at, **written(results, row["next_at"])}
    if not schedules.move(connection, name, since=row["next_at"], values=values):  # pragma: no cover - it is locked
        return None
    return SlotLook(tuple(results), due.next_at)


def written(results: Sequence[SlotResult], since: datetime) -> dict[str, Any]:
    """Return what the row of a schedule says of these slots."""
    if not results:
        return {"slot_at": since, "told": left_out.stored(left_out.missed())}
    last = results[-1]
    ids = [each.process_id for each in results if each.process_id is not None]
    told = serialization.clean(left_out.stored(last.told), MESSAGE_LENGTH) if last.told else None
    return {"slot_at": last.at, "told": told, **({"process_id": ids[-1]} if ids else {})}


def start_slots(
    connection: sa.Connection, row: Mapping[Any, Any], slots: Sequence[Slot], *, registry: Registry
) -> list[SlotResult]:
    """Start a process for each of these slots, as far as what a schedule says of overlaps allows it."""
    joined_transactions.require(connection)
    process = registry.newest(row["process"])
    alone = row["overlap"] == "skip" or process.arguments is not None
    why = open_before(connection, row) if alone and slots else ""
    wanted = [] if why else [wanted_start(process, row, slot, registry) for slot in (slots[:1] if alone else slots)]
    actor = Actor(f"schedule {row['name']}")
    started = start_each(connection, wanted, actor=actor)
    results = [_result(slot, each) for slot, each in zip(slots, started, strict=False)]
    behind = why or left_out.behind()
    return results + [SlotResult(slot.at, None, behind) for slot in slots[len(results) :]]


def open_before(connection: sa.Connection, row: Mapping[Any, Any]) -> str:
    """Return that the process which the schedule started last is still open; empty when it is not."""
    if row["process_id"] is None:
        return ""
    found = queries.states(connection, [row["process_id"]]).get(row["process_id"])
    if found is None or found["status"] in CLOSED:
        return ""
    return left_out.still_open(found["id"])


def wanted_start(process: type[Process], row: Mapping[Any, Any], slot: Slot, registry: Registry) -> Start:
    """Return the start of the process for a slot."""
    parameters = serialization.loads(row["parameters"])
    later = _jitter(row["name"], slot.at, timedelta(seconds=row["jitter"]))
    wanted = Start(
        process,
        parameters,
        dedup_key=f"schedule {row['name']} {slot.at.isoformat()}",
        order_key=f"schedule {row['name']}" if row["overlap"] == "queue" else None,
        at=slot.at + later if later else None,
    )
    if process.arguments is None:
        return wanted
    which = command.find(registry, process.name, parameters.get("argument"))
    return replace(wanted, dedup_key=None, command_key=which.key)


def _jitter(name: str, slot: datetime, most: timedelta) -> timedelta:
    """Return how much later a process begins: by chance, but the same whoever asks."""
    drawn = hashlib.sha256(f"{name} {slot.isoformat()}".encode()).digest()[:8]
    return int.from_bytes(drawn, "big") / _WORDS * most


def _result(slot: Slot, started: Started | UsageError) -> SlotResult:
    if isinstance(started, UsageError):
        return SlotResult(slot.at, None, str(started))
    if started.is_new:
        return SlotResult(slot.at, started.id)
    return SlotResult(slot.at, started.id, left_out.had_started(started.id))
