"""What runs by itself, and what holds it back: the commands as cards, the quiet windows, and what is switched off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager.definition.command import Command
from process_manager.definition.registry import Registry
from process_manager.gates.gate import Gates
from process_manager.gates.quiet import Quiet
from process_manager.gates.switches import ENGINE, EVERYTHING, Switch
from process_manager.inspection.command_cards import CommandCard, command_cards
from process_manager.inspection.quiet_windows import ComingWindow, Pair, coming_windows
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.thrown_switches import thrown_switches
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import fleet
from process_manager.store import switches as store_switches

WEEK: Final = 7
MOST_RUNNING: Final = 500
MOST_FIRST: Final = 200
SEEN: Final = timedelta(seconds=5)
"""How long after it was thrown every worker has seen a switch, besides the time of one call on the database."""


@dataclass(frozen=True, slots=True)
class RunningStep:
    """A step that runs now, and whether its worker still holds it."""

    process_id: int
    name: str
    version: int
    step: str
    worker: str
    since: datetime
    lease_ends_at: datetime
    is_held: bool


@dataclass(frozen=True, slots=True)
class ThrownSwitch:
    """Something that is switched off, whether on this host only, and how many that are due wait for it."""

    switch: Switch
    is_here: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class FirstInLine:
    """The first that a quiet window would hold."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class CommandPage:
    """What runs by itself, and what holds it back.

    Attributes:
        cards: The commands: those that need a person first, those that are idle last.
        windows: The quiet windows of the coming week, by their start.
        first: The first in line of windows, by of and start, as far as it is among the next 200 that are due.
        switches: What is off, everywhere or on the host of whoever asks.
        is_off: Whether everything is switched off everywhere.
        is_seen: Whether every worker has seen that.
        running: The steps that run now, the longest first.
    """

    cards: tuple[CommandCard, ...]
    windows: tuple[ComingWindow, ...]
    first: Mapping[tuple[str, datetime], FirstInLine]
    switches: tuple[ThrownSwitch, ...]
    is_off: bool
    is_seen: bool
    running: tuple[RunningStep, ...]

    @property
    def waits_for(self) -> tuple[RunningStep, ...]:
        """The steps that a restart would cut off: those that living workers run."""
        return tuple(each for each in self.running if each.is_held)


@dataclass(frozen=True, slots=True)
class Here:
    """What the host of whoever asks has to tell: its switch files, its quiet windows, and the lease in force."""

    switches: Sequence[Switch]
    engine: Quiet
    own: Mapping[Pair, Quiet]
    lease: timedelta


def command_page(  # noqa: PLR0913 - all but two by name: what is known here, and who asks
    connection: sa.Connection,
    known: Iterable[Command],
    *,
    around: Surroundings,
    here: Here,
    registry: Registry,
    viewer: Viewer = CONSOLE,
) -> CommandPage:
    """Return what runs by itself, and what holds it back.

    Args:
        connection: A connection in any transaction.
        known: The commands.
        around: What surrounds the processes, from `look_around`.
        here: What this host has to tell.
        registry: The classes that are known here.
        viewer: Who asks.

    Returns:
        The commands, the coming windows and the switches, as the page of commands shows them.
    """
    now = around.now
    running = fleet.running(connection, most=MOST_RUNNING, kinds=viewer.kinds)
    windows = coming_windows(connection, here.engine, here.own, now=now, days=WEEK, viewer=viewer)
    thrown = _thrown(connection, around, here, registry, viewer)
    off = [each.switch for each in thrown if not each.is_here and each.switch.key in (EVERYTHING, ENGINE)]
    seen_after = SEEN + here.lease / 4 if around.workers else timedelta(0)
    return CommandPage(
        cards=command_cards(connection, known, around, running, viewer),
        windows=tuple(windows),
        first=_first(connection, windows, here, now, viewer),
        switches=thrown,
        is_off=bool(off),
        is_seen=any(now - each.since >= seen_after for each in off),
        running=running_steps(running, now),
    )


def running_steps(rows: Iterable[sa.RowMapping], now: datetime) -> tuple[RunningStep, ...]:
    """Return the steps that run now, from `fleet.running`."""
    return tuple(
        RunningStep(
            process_id=row["id"],
            name=row["name"],
            version=row["version"],
            step=row["step"],
            worker=row["worker"],
            since=row["step_started_at"],
            lease_ends_at=row["lease_ends_at"],
            is_held=row["lease_ends_at"] > now,
        )
        for row in rows
    )


def _thrown(
    connection: sa.Connection, around: Surroundings, here: Here, registry: Registry, viewer: Viewer
) -> tuple[ThrownSwitch, ...]:
    """Return what is off: the switches of the fleet, then those of this host."""
    now = around.now
    due = fleet.due_by_key(connection, now=now, kinds=viewer.kinds)
    found: list[ThrownSwitch] = []
    for switches, is_here in ((store_switches.thrown(connection), False), (here.switches, True)):
        hold = Gates({each.key: each for each in switches if each.holds(now)})
        shown = thrown_switches(hold, registry, viewer=viewer)
        found += [ThrownSwitch(each, is_here, _waiting(each.key, due)) for each in shown]
    return tuple(found)


def _waiting(key: str, due: Sequence[sa.RowMapping]) -> int:
    """Return how many that are due a switch holds."""
    return sum(
        row["number"]
        for row in due
        if key in (EVERYTHING, ENGINE) or key in (row["name"], row["channel"], row["command_key"])
    )


def _first(
    connection: sa.Connection, windows: Sequence[ComingWindow], here: Here, now: datetime, viewer: Viewer
) -> dict[tuple[str, datetime], FirstInLine]:
    """Return the first in line of each window, as far as it is among the next that are due."""
    wanted = [window for window in windows if window.held]
    if not wanted:
        return {}
    start, end = max(now, wanted[0].start), max(window.end for window in wanted)
    rows = fleet.first_due(connection, start, end, most=MOST_FIRST, kinds=viewer.kinds)
    found: dict[tuple[str, datetime], FirstInLine] = {}
    for window in wanted:
        for row in rows:
            own = here.own.get((row["name"], row["version"]), here.engine)
            is_its = f"{row['name']} {row['version']}" in window.of.split(", ") or (
                window.of == "engine" and own == here.engine
            )
            if is_its and window.start <= row["due_at"] < window.end:
                found[window.of, window.start] = FirstInLine(row["id"], row["name"])
                break
    return found
