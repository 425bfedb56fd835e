"""What happens next to a process, and when: the gates that decide, asked to explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager.gates.gate import Gates, GateSubject
from process_manager.gates.quiet import NONE, Quiet
from process_manager.inspection.code_availability import CodeAvailability, unknown, waits_for
from process_manager.inspection.processes import Overview
from process_manager.lifecycle.status import MEANING, NEEDS_A_PERSON, Status
from process_manager.store import workers
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


def look_around(
    connection: sa.Connection,
    gates: Gates,
    quiet: Mapping[tuple[str, int], Quiet],
    *,
    now: datetime,
    alive: timedelta = ALIVE,
) -> Surroundings:
    """Return what surrounds every process now.

    Args:
        connection: A connection in any transaction.
        gates: The switches, as they stand now.
        quiet: The quiet windows, by name and version of the process.
        now: The present moment.
        alive: How long ago a worker may have been seen and still counts as living; a lease is a good measure.

    Returns:
        What `explain` needs besides the process.
    """
    return Surroundings(now, gates, quiet, workers.living(connection, since=now - alive))


def explain(process: Overview, around: Surroundings) -> str:
    """Return one sentence: the first thing that holds the process, and the earliest moment at which it may run.

    Args:
        process: The process, as `get` or `page` returns it.
        around: What surrounds it, from `look_around`.

    Returns:
        The sentence, in English.
    """
    if process.finished_at is not None:
        again = " `restart-process` runs it again." if process.status == Status.REJECTED else ""
        return f"It has ended: {MEANING[Status(process.status)]}.{again}"
    if process.status == Status.RUNNING:
        return _running(process, around)
    if process.status == Status.UNCERTAIN:
        return f"{_may_have_happened(process)}: `resolve-process {process.id} --happened` or `--did-not-happen`."
    if process.status in NEEDS_A_PERSON:
        return f"{MEANING[Status(process.status)].capitalize()}: `restart-process` or `abandon-process`."
    if process.waiting_for is not None and process.due_at is None:
        return f"It waits for {process.waiting_for}."
    return _not_known(process, around) or _gates(process, around) or _due(process, around)


def _may_have_happened(process: Overview) -> str:
    since = "" if process.doubtful_since is None else f", begun at {process.doubtful_since:%Y-%m-%d %H:%M:%S} UTC"
    return f"Step {process.step!r}{since}, may or may not have happened"


def _running(process: Overview, around: Surroundings) -> str:
    if process.lease_ends_at is not None and process.lease_ends_at <= around.now:
        return f"Worker {process.worker} is gone: the next worker takes over step {process.step!r}."
    return f"Worker {process.worker} runs step {process.step!r}."


def _not_known(process: Overview, around: Surroundings) -> str | None:
    """Return whom it waits for, and whether this host could run it; None when a living worker can."""
    stand = CodeAvailability(process.name, process.version, process.step, process.channel)
    whom = waits_for(stand, around.workers, around.here)
    if whom is None:
        return None
    could = bool(around.workers) and around.here is not None and unknown(stand, around.here) is None
    return f"It waits for {whom}" + (f"; `work {process.id}` runs it on this host, which does." if could else ".")


def _gates(process: Overview, around: Surroundings) -> str | None:
    quiet = around.quiet.get((process.name, process.version), NONE)
    moment = max(process.due_at or around.now, around.now)
    closed = around.gates.closed(GateSubject(process.name, process.channel, process.command_key), quiet, moment)
    return None if closed is None else f"It is held: {closed.reason}."


def _due(process: Overview, around: Surroundings) -> str:
    if process.due_at is not None and process.due_at > around.now:
        for_what = ", when there is time for its step" if process.waiting_for == "window" else ""
        if process.doubtful_since is not None:
            return f"{_may_have_happened(process)}: that is asked at {process.due_at:%Y-%m-%d %H:%M:%S} UTC{for_what}."
        return f"Step {process.step!r} runs at {process.due_at:%Y-%m-%d %H:%M:%S} UTC{for_what}."
    if not around.workers:
        return "It is due, but no worker is running: start `process-manager worker`, or `work` it."
    return f"It is due: step {process.step!r} runs as soon as a worker has room."
