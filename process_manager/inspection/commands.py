"""The state of the commands: one answer for the command line and whatever comes after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from process_manager.definition.command import Command
from process_manager.gates.gate import Gates, GateSubject
from process_manager.gates.switches import Switch
from process_manager.inspection import masking
from process_manager.inspection.masking import Shield
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import Status
from process_manager.store import commands

REMEMBERED: Final = timedelta(hours=72)
MOST_ERRORS: Final = 10


class State(StrEnum):
    """How a command stands, to a person."""

    IDLE = "Idle"
    WORKING = "Working"
    DISABLED = "Disabled"
    LOCKED = "Locked"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of a command."""

    at: datetime
    process_id: int
    step: str | None
    message: str


@dataclass(frozen=True, slots=True)
class CommandStatus:
    """A command: who has it since when, when it last ended, and its errors of the last 72 hours, newest first."""

    key: str
    label: str
    state: State
    detail: str
    owner: str | None
    since: datetime | None
    process_id: int | None
    last_execution: datetime | None
    errors: tuple[Fault, ...]


def statuses(  # noqa: PLR0913 - all but three by name: who asks, when, and where their clock stands
    connection: sa.Connection,
    known: Iterable[Command],
    gates: Gates,
    *,
    now: datetime,
    viewer: Viewer = CONSOLE,
    zone: str | None = None,
) -> list[CommandStatus]:
    """Return how each command stands, by key.

    Args:
        connection: A connection in any transaction.
        known: The commands to ask about.
        gates: The switches, as they stand now.
        now: The present moment.
        viewer: Who asks.
        zone: The zone in which the end of a switch is told; None for UTC.

    Returns:
        Each command with its state, its owner and its errors of the last 72 hours.
    """
    kinds = viewer.kinds
    seen = (each for each in known if kinds is None or each.process.name in kinds)
    ordered = sorted(seen, key=lambda command: command.key)
    wanted = [command.key for command in ordered]
    newest = {row["command_key"]: row for row in commands.newest(connection, wanted)}
    ended = commands.last_ended(connection, wanted)
    errors = commands.errors(connection, wanted, since=now - REMEMBERED, most=MOST_ERRORS)
    faults = faults_of(errors, masking.shields_of(connection, [row["process_id"] for row in errors], viewer))
    return [
        _status(command, newest.get(command.key), gates, now, zone, ended.get(command.key), faults[command.key])
        for command in ordered
    ]


def faults_of(rows: Sequence[sa.RowMapping], shields: Mapping[int, Shield]) -> Mapping[str, list[Fault]]:
    """Return the errors of each command, as whoever asks is shown them."""
    found: defaultdict[str, list[Fault]] = defaultdict(list)
    for row in rows:
        shield = shields.get(row["process_id"])
        message = row["message"] if shield is None else shield.value(row["message"])
        fault = Fault(row["finished_at"], row["process_id"], row["step"], message)
        found[row["command_key"]].append(fault)
    return found


def _status(  # noqa: PLR0913, PLR0917 - what was read of one command, put together here and nowhere else
    command: Command,
    row: sa.RowMapping | None,
    gates: Gates,
    now: datetime,
    zone: str | None,
    last_execution: datetime | None,
    faults: Sequence[Fault],
) -> CommandStatus:
    is_open = row is not None and row["finished_at"] is None
    state, detail = _state(command, row if is_open else None, gates, now, zone)
    return CommandStatus(
        key=command.key,
        label=command.process.label or command.process.name,
        state=state,
        detail=detail,
        owner=(row["worker"] or row["created_by"]) if row is not None and is_open else None,
        since=(row["step_started_at"] or row["updated_at"]) if row is not None and is_open else None,
        process_id=None if row is None else row["id"],
        last_execution=last_execution,
        errors=tuple(faults),
    )


def switch_of(command: Command, gates: Gates, now: datetime) -> Switch | None:
    """Return the first switch that disables a command; None when none does."""
    return gates.thrown(GateSubject(command.process.name, command.process.channel, command.key), now)


def state_of(row: sa.RowMapping | None, switch: Switch | None, now: datetime) -> State:
    """Return how an open process, or none, shows. What is held shows before a switch: the switch did not end it."""
    held = None if row is None else _held(row, now)
    if held is not None:
        return held[0]
    if switch is not None:
        return State.DISABLED
    return State.IDLE if row is None else State.WORKING


def _state(
    command: Command, row: sa.RowMapping | None, gates: Gates, now: datetime, zone: str | None
) -> tuple[State, str]:
    """Return how an open process, or none, shows, and the details of that."""
    switch = switch_of(command, gates, now)
    held = None if row is None else _held(row, now)
    if held is not None:
        state, detail = held
        return state, detail if switch is None else f"{_ending(state)}{detail}; {switch.told(zone)}"
    state = state_of(row, switch, now)
    if state is State.DISABLED and switch is not None:
        return state, switch.told(zone)
    return state, "" if row is None else f"{row['status']} at step {row['step']!r}"


def _ending(state: State) -> str:
    return "finishing " if state is State.WORKING else ""


def _held(row: sa.RowMapping, now: datetime) -> tuple[State, str] | None:
    """Return how a process shows that a worker runs or that a person must see to; None for one that is due or rests."""
    status = row["status"]
    if status == Status.RUNNING:
        alive = row["lease_ends_at"] > now
        return (State.WORKING, f"step {row['step']!r}") if alive else (State.LOCKED, "its worker is gone")
    if status == Status.FAILED:
        return State.ERROR, f"failed at step {row['step']!r}"
    if status in (Status.UNCERTAIN, Status.QUARANTINED):
        return State.LOCKED, f"{status}: a person decides"
    return None
