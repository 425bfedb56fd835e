"""The commands as cards: how each stands, when it last went well, and what went wrong lately."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.definition.command import Command
from process_manager.definition.process import Process
from process_manager.gates.switches import Switch
from process_manager.inspection import masking
from process_manager.inspection.commands import MOST_ERRORS, REMEMBERED, Fault, State, faults_of, state_of, switch_of
from process_manager.inspection.masking import Shield
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import Viewer
from process_manager.store import commands


@dataclass(frozen=True, slots=True)
class EndedRun:
    """The end of a run: its status, when it was, and what was said then."""

    id: int
    status: str
    at: datetime
    message: str


@dataclass(frozen=True, slots=True)
class CommandCard:
    """A command.

    Attributes:
        key: Its key.
        kind: The name of its process.
        version: The version that a new run has.
        channel: The channel of its process.
        says: What it does, in the words of its class.
        state: How it stands.
        process_id: Its newest run; None where it never ran.
        status: The status of the run that has not ended; None where there is none.
        step: Where that run stands.
        attempts: How often it has tried this step.
        message: What it said last.
        due_at: When it is due.
        worker: The worker that holds it.
        since: When the running step began.
        lease_ends_at: Until when that worker holds it.
        progress: How far the running step is, and of how much, where it says so.
        expected: How long the step takes, where its author says so.
        is_served: Whether a worker lives that serves its channel.
        switch: What disables it.
        ended: Its newest run, where that has ended.
        success: Its newest run that succeeded.
        faults: Its errors of the last 72 hours, the newest first.
    """

    key: str
    kind: str
    version: int
    channel: str
    says: str
    state: State
    process_id: int | None
    status: str | None
    step: str | None
    attempts: int
    message: str
    due_at: datetime | None
    worker: str | None
    since: datetime | None
    lease_ends_at: datetime | None
    progress: tuple[int, int] | None
    expected: timedelta | None
    is_served: bool
    switch: Switch | None
    ended: EndedRun | None
    success: EndedRun | None
    faults: tuple[Fault, ...]


def command_cards(
    connection: sa.Connection,
    known: Iterable[Command],
    around: Surroundings,
    running: Sequence[sa.RowMapping],
    viewer: Viewer,
) -> tuple[CommandCard, ...]:
    """Return how each command stands, those that need a person first.

    Args:
        connection: A connection in any transaction.
        known: The commands.
        around: What surrounds the processes, from `look_around`.
        running: The steps that run now, from `fleet.running`.
        viewer: Who asks.
    """
    seen = [each for each in known if viewer.kinds is None or each.process.name in viewer.kinds]
    keys = sorted(each.key for each in seen)
    newest = {row["command_key"]: row for row in commands.newest(connection, keys)}
    success = {row["command_key"]: row for row in commands.last_succeeded(connection, keys)}
    errors = commands.errors(connection, keys, since=around.now - REMEMBERED, most=MOST_ERRORS)
    said = [row["id"] for row in (*newest.values(), *success.values())]
    shields = masking.shields_of(connection, [*said, *(row["process_id"] for row in errors)], viewer)
    faults = faults_of(errors, shields)
    progress = {row["id"]: row["progress"] for row in running}
    cards = [
        _card(each, newest.get(each.key), success.get(each.key), around, shields, progress, tuple(faults[each.key]))
        for each in seen
    ]
    return tuple(sorted(cards, key=lambda card: (_ORDER.index(card.state), card.key)))


def _card(  # noqa: PLR0913, PLR0917 - what was read of one command, put together here and nowhere else
    command: Command,
    row: sa.RowMapping | None,
    success: sa.RowMapping | None,
    around: Surroundings,
    shields: Mapping[int, Shield],
    progress: Mapping[int, str | None],
    faults: tuple[Fault, ...],
) -> CommandCard:
    cls, now = command.process, around.now
    is_open = row is not None and row["finished_at"] is None
    run = row if is_open else None
    switch = switch_of(command, around.gates, now)
    planned = next((each for each in cls.plan if run is not None and each.name == run["step"]), None)
    return CommandCard(
        key=command.key,
        kind=cls.name,
        version=cls.version,
        channel=cls.channel,
        says=said_by(cls),
        state=state_of(run, switch, now),
        process_id=None if row is None else row["id"],
        status=None if run is None else run["status"],
        step=None if run is None else run["step"],
        attempts=0 if run is None else run["attempts"],
        message="" if row is None else _message(row, shields),
        due_at=None if run is None else run["due_at"],
        worker=None if run is None else run["worker"],
        since=None if run is None else run["step_started_at"],
        lease_ends_at=None if run is None else run["lease_ends_at"],
        progress=_progress(None if run is None else progress.get(run["id"])),
        expected=None if planned is None else planned.expected,
        is_served=any(not each.channels or cls.channel in each.channels for each in around.workers),
        switch=switch,
        ended=None if row is None or is_open else _ended(row, row["status"], shields),
        success=None if success is None else _ended(success, "succeeded", shields),
        faults=faults,
    )


def said_by(cls: type[Process]) -> str:
    """Return what a class says of itself in its first paragraph; nothing where it says nothing of its own."""
    text = inspect.cleandoc(vars(cls).get("__doc__") or "")
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


def _message(row: sa.RowMapping, shields: Mapping[int, Shield]) -> str:
    message, shield = row["message"] or "", shields.get(row["id"])
    return message if shield is None else shield.value(message)


def _ended(row: sa.RowMapping, status: str, shields: Mapping[int, Shield]) -> EndedRun:
    return EndedRun(row["id"], status, row["finished_at"], _message(row, shields))


def _progress(told: str | None) -> tuple[int, int] | None:
    """Return how far a step is, where it says of how much."""
    found = {} if told is None else serialization.loads(told)
    done, total = found.get("done"), found.get("total")
    return (done, total) if isinstance(done, int) and isinstance(total, int) and total > 0 else None


_ORDER: Final = (State.ERROR, State.LOCKED, State.WORKING, State.DISABLED, State.IDLE)
"""The order of the cards."""
