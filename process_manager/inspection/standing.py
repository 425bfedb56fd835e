"""Where a process stands and what holds it, as facts: the sentences of the command line and of the pages tell them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from process_manager.gates.gate import Closed, GateSubject
from process_manager.gates.quiet import NONE
from process_manager.inspection.code_availability import CodeAvailability, unknown, waits_for
from process_manager.inspection.processes import Overview
from process_manager.inspection.surroundings import Surroundings
from process_manager.lifecycle.status import NEEDS_A_PERSON, Status


class Cause(StrEnum):
    """The first thing that holds a process."""

    ENDED = "it has ended"
    RUNS = "a worker runs it"
    WORKER_GONE = "its worker is gone"
    IN_DOUBT = "a step may have happened"
    NEEDS_A_PERSON = "it needs a person"
    BEHIND = "it waits for another"
    EVENT = "it waits for an event"
    NOBODY = "no worker can run it"
    GATE = "a gate is closed"
    VERIFIED_LATER = "its verify is asked later"
    LATER = "its moment has not come"
    NO_WORKER = "no worker is running"
    DUE = "it is due"


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds a process.

    Attributes:
        cause: The first thing that does.
        until: The earliest moment at which it may run, where one is known.
        whom: Which worker or process it waits for.
        gate: The gate that is closed.
        could_here: Whether this host could run what no living worker can.
    """

    cause: Cause
    until: datetime | None = None
    whom: str | None = None
    gate: Closed | None = None
    could_here: bool = False


def standing(process: Overview, around: Surroundings) -> Standing:
    """Return the first thing that holds a process, and the earliest moment at which it may run."""
    if process.finished_at is not None:
        return Standing(Cause.ENDED)
    if process.status == Status.RUNNING:
        gone = process.lease_ends_at is not None and process.lease_ends_at <= around.now
        return Standing(Cause.WORKER_GONE if gone else Cause.RUNS)
    if process.status == Status.UNCERTAIN:
        return Standing(Cause.IN_DOUBT)
    if process.status in NEEDS_A_PERSON:
        return Standing(Cause.NEEDS_A_PERSON)
    return _awaited(process, around) or _not_known(process, around) or _gate(process, around) or _due(process, around)


def _awaited(process: Overview, around: Surroundings) -> Standing | None:
    """Return what has to happen first, if it waits for more than its moment: an event, or the end of another."""
    if process.waiting_for == "event" and (process.due_at is None or process.due_at > around.now):
        return Standing(Cause.EVENT, process.due_at)
    if process.waiting_for is not None and process.due_at is None:
        return Standing(Cause.BEHIND, whom=process.waiting_for)
    return None


def _not_known(process: Overview, around: Surroundings) -> Standing | None:
    """Return whom it waits for, and whether this host could run it; None when a living worker can."""
    stand = CodeAvailability(process.name, process.version, process.step, process.channel)
    whom = waits_for(stand, around.workers, around.here)
    if whom is None:
        return None
    could = bool(around.workers) and around.here is not None and unknown(stand, around.here) is None
    return Standing(Cause.NOBODY, whom=whom, could_here=could)


def _gate(process: Overview, around: Surroundings) -> Standing | None:
    quiet = around.quiet.get((process.name, process.version), NONE)
    moment = max(process.due_at or around.now, around.now)
    closed = around.gates.closed(GateSubject(process.name, process.channel, process.command_key), quiet, moment)
    return None if closed is None else Standing(Cause.GATE, closed.until, gate=closed)


def _due(process: Overview, around: Surroundings) -> Standing:
    if process.due_at is not None and process.due_at > around.now:
        in_doubt = process.doubtful_since is not None
        return Standing(Cause.VERIFIED_LATER if in_doubt else Cause.LATER, process.due_at)
    return Standing(Cause.DUE if around.workers else Cause.NO_WORKER)
