"""What happens next to a process, and when: the gates that decide, asked to explain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager import time_zone
from process_manager.gates.gate import Gates, GateSubject
from process_manager.gates.quiet import NONE, Quiet
from process_manager.inspection.code_availability import CodeAvailability, unknown, waits_for
from process_manager.inspection.fleet import living
from process_manager.inspection.processes import Overview
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import MEANING, NEEDS_A_PERSON, Status
from process_manager.store.workers import Known, Registered

ALIVE: Final = timedelta(hours=1)
"""The longest lease there is: a worker that was not seen for so long is gone."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides when a process runs, besides its own row."""

    now: datetime
    gates: Gates
    quiet: Mapping[tuple[str, int], Quiet]
    workers: Sequence[Registered]
    here: Sequence[Known] | None = None  # what this host knows; None where that could not be looked up
    zone: str | None = None  # the reader's, in which moments are told; None for UTC


def look_around(  # noqa: PLR0913 - all but three by name: who lives, and who asks
    connection: sa.Connection,
    gates: Gates,
    quiet: Mapping[tuple[str, int], Quiet],
    *,
    now: datetime,
    alive: timedelta = ALIVE,
    viewer: Viewer = CONSOLE,
) -> Surroundings:
    """Return what surrounds every process now.

    Args:
        connection: A connection in any transaction.
        gates: The switches, as they stand now.
        quiet: The quiet windows, by name and version of the process.
        now: The present moment.
        alive: How long ago a worker may have been seen and still counts as living; a lease is a good measure.
        viewer: Who asks.

    Returns:
        What `explain` needs besides the process.
    """
    return Surroundings(now, gates, quiet, living(connection, now=now, within=alive, viewer=viewer))


def explain(process: Overview, around: Surroundings) -> str:
    """Return one sentence: the first thing that holds the process, and the earliest moment at which it may run.

    Args:
        process: The process, as `get` or `page` returns it.
        around: What surrounds it, from `look_around`.

    Returns:
        The sentence, in English.
    """
    if process.finished_at is not None:
        return _ended(process)
    if process.status == Status.RUNNING:
        return _running(process, around)
    if process.status == Status.UNCERTAIN:
        begun = _begun(process, around, time_zone.told)
        say = f"`resolve-process {process.id} --happened` or `--did-not-happen`"
        return f"It needs a person: {begun} may or may not have happened. Find out which, then say so with {say}."
    if process.status in NEEDS_A_PERSON:
        acts = f"`restart-process {process.id}` runs it again, `abandon-process {process.id}` gives it up"
        return f"It needs a person: {MEANING[Status(process.status)]}. {acts}."
    if process.waiting_for is not None and process.due_at is None:
        return f"It waits for {process.waiting_for}."
    return _not_known(process, around) or _gates(process, around) or _due(process, around)


def _ended(process: Overview) -> str:
    why = f"It has ended: {MEANING[Status(process.status)]}."
    if process.status == Status.REJECTED:
        return f"{why} `restart-process {process.id}` runs it again."
    return f"{why} `history {process.id}` shows the reason." if process.status == Status.ABANDONED else why


def _begun(process: Overview, around: Surroundings, tell: Callable[[datetime, str | None], str]) -> str:
    """Return the step in doubt, and when it was begun, as the subject of a sentence."""
    since = process.doubtful_since
    return f"step {process.step!r}" + ("" if since is None else f", begun at {tell(since, around.zone)},")


def _running(process: Overview, around: Surroundings) -> str:
    if process.lease_ends_at is not None and process.lease_ends_at <= around.now:
        return f"Worker {process.worker} is gone: the next worker takes over step {process.step!r}."
    return f"Worker {process.worker} is running step {process.step!r}."


def _not_known(process: Overview, around: Surroundings) -> str | None:
    """Return whom it waits for, and whether this host could run it; None when a living worker can."""
    stand = CodeAvailability(process.name, process.version, process.step, process.channel)
    whom = waits_for(stand, around.workers, around.here)
    if whom is None:
        return None
    could = bool(around.workers) and around.here is not None and unknown(stand, around.here) is None
    return f"It waits for {whom}." + (f" This host does: `work {process.id}` runs it here." if could else "")


def _gates(process: Overview, around: Surroundings) -> str | None:
    quiet = around.quiet.get((process.name, process.version), NONE)
    moment = max(process.due_at or around.now, around.now)
    closed = around.gates.closed(GateSubject(process.name, process.channel, process.command_key), quiet, moment)
    return None if closed is None else f"It is held because {closed.reason(around.zone)}."


def _due(process: Overview, around: Surroundings) -> str:
    if process.due_at is not None and process.due_at > around.now:
        at = time_zone.told(process.due_at, around.zone)
        at += ", when there is time for it before the next quiet window" if process.waiting_for == "window" else ""
        if process.doubtful_since is not None:
            begun = _begun(process, around, time_zone.on_clock)
            return f"It is not known whether {begun} has happened: its verify is asked at {at}."
        return f"Step {process.step!r} runs at {at}."
    if not around.workers:
        return f"It is due, but no worker is running: `worker` starts one, `work {process.id}` runs this process now."
    return f"It is due: step {process.step!r} runs as soon as a worker has room."
