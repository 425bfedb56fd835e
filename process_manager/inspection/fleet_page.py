"""Who works: what each worker is doing, what those left that are gone, and which channels nobody serves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import sqlalchemy as sa

from process_manager.definition.registry import Registry
from process_manager.gates.gate import GateSubject
from process_manager.gates.quiet import NONE
from process_manager.inspection.attention import LATE
from process_manager.inspection.command_page import MOST_RUNNING, RunningStep, running_steps
from process_manager.inspection.fleet import seen_by
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import attention, fleet, workers
from process_manager.store.workers import Registered

REMEMBERED: Final = timedelta(days=1)
"""How long a worker that died is told of."""

Standing = Literal["working", "idle", "draining", "offline"]
Service = Literal["nobody", "held", "late", "busy", "quiet"]


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker.

    Attributes:
        worker: Its row.
        standing: What it is doing.
        held: How many processes it holds, as far as whoever asks may see them.
        steps: Those of them that have been running longest.
        lease_ends_at: When the first of its leases ends, or has ended.
        unserved: Of one that is gone: the channels that nobody serves without it.
    """

    worker: Registered
    standing: Standing
    held: int
    steps: tuple[RunningStep, ...]
    lease_ends_at: datetime | None
    unserved: tuple[str, ...]

    @property
    def running(self) -> int:
        """How many steps it runs now: what it holds besides waits for a thread."""
        return min(self.held, self.worker.concurrency)


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel: who serves it, what is due in it, since when, and how that stands.

    It is `nobody` where something is due and nobody serves it, `held` where switches and quiet windows hold all that is
    due, `late` where something has been due for long, `busy` where something is due, else `quiet`.
    """

    name: str
    served_by: tuple[str, ...]
    due: int
    oldest: datetime | None
    standing: Service


@dataclass(frozen=True, slots=True)
class FleetPage:
    """Who works.

    Attributes:
        workers: The workers: those that live first, the oldest first, then those that are gone.
        channels: The channels in which anything is due, that a class declares, or that a worker serves.
    """

    workers: tuple[WorkerRow, ...]
    channels: tuple[ChannelRow, ...]

    def of(self, *standing: Standing) -> tuple[WorkerRow, ...]:
        """Return the workers that stand so.

        Args:
            standing: How they stand: any of these.

        Returns:
            Those of the page that stand in one of these ways.
        """
        return tuple(each for each in self.workers if each.standing in standing)


def fleet_page(
    connection: sa.Connection, *, around: Surroundings, registry: Registry, viewer: Viewer = CONSOLE
) -> FleetPage:
    """Return who works, and on what.

    Args:
        connection: A connection in any transaction.
        around: What surrounds the processes, from `look_around`: its workers are those that live.
        registry: The classes that are known here.
        viewer: Who asks.

    Returns:
        The workers and the channels, as the page of workers shows them.
    """
    known = seen_by(viewer, workers.living(connection, since=around.now - REMEMBERED))
    held = {row["worker"]: row for row in fleet.held(connection, kinds=viewer.kinds)}
    running = running_steps(fleet.running(connection, most=MOST_RUNNING, kinds=viewer.kinds), around.now)
    due = attention.due(connection, now=around.now, kinds=viewer.kinds)
    alive = {each.name for each in around.workers}
    rows = [_row(each, held.get(each.name), running, around, is_alive=each.name in alive) for each in known]
    names = sorted(_channels(registry, around.workers, viewer) | {row["channel"] for row in due})
    return FleetPage(
        workers=tuple(sorted(rows, key=lambda row: row.standing == "offline")),
        channels=tuple(_channel(name, [row for row in due if row["channel"] == name], around) for name in names),
    )


def _row(
    worker: Registered,
    held: sa.RowMapping | None,
    running: Sequence[RunningStep],
    around: Surroundings,
    *,
    is_alive: bool,
) -> WorkerRow:
    number = 0 if held is None else held["number"]
    return WorkerRow(
        worker=worker,
        standing=_standing(worker, number, is_alive=is_alive),
        held=number,
        steps=tuple(each for each in running if each.worker == worker.name),
        lease_ends_at=None if held is None else held["lease_ends_at"],
        unserved=() if is_alive else tuple(each for each in worker.channels if not _served_by(each, around.workers)),
    )


def _standing(worker: Registered, held: int, *, is_alive: bool) -> Standing:
    if not is_alive:
        return "offline"
    if worker.drain_asked_at is not None:
        return "draining"
    return "working" if held else "idle"


def _served_by(channel: str, alive: Sequence[Registered]) -> tuple[str, ...]:
    """Return the workers that take what is in this channel."""
    taking = (each for each in alive if each.drain_asked_at is None)
    return tuple(each.name for each in taking if not each.channels or channel in each.channels)


def _channels(registry: Registry, alive: Sequence[Registered], viewer: Viewer) -> set[str]:
    declared = {cls.channel for cls in registry if viewer.kinds is None or cls.name in viewer.kinds}
    return declared if viewer.kinds is not None else declared | {name for each in alive for name in each.channels}


def _channel(name: str, due: Sequence[sa.RowMapping], around: Surroundings) -> ChannelRow:
    served_by = _served_by(name, around.workers)
    open_ = [row for row in due if not _is_held(row, around)]
    oldest: datetime | None = min((row["oldest"] for row in open_ or due), default=None)
    if not due:
        standing: Service = "quiet"
    elif not open_:
        standing = "held"
    elif not served_by:
        standing = "nobody"
    else:
        standing = "late" if oldest is not None and oldest <= around.now - LATE else "busy"
    return ChannelRow(name, served_by, sum(row["number"] for row in due), oldest, standing)


def _is_held(row: sa.RowMapping, around: Surroundings) -> bool:
    quiet = around.quiet.get((row["name"], row["version"]), NONE)
    return around.gates.closed(GateSubject(row["name"], row["channel"]), quiet, around.now) is not None
