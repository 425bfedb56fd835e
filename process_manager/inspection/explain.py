"""What happens next to a process, and when, as the command line tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from process_manager import time_zone
from process_manager.inspection.processes import Overview
from process_manager.inspection.standing import Cause, Standing, standing
from process_manager.inspection.surroundings import Surroundings
from process_manager.lifecycle.status import MEANING, Status
from process_manager.message import Message


def explain(process: Overview, around: Surroundings) -> str:
    """Return one sentence: the first thing that holds the process, and the earliest moment at which it may run.

    Args:
        process: The process, as `get` or `page` returns it.
        around: What surrounds it, from `look_around`.

    Returns:
        The sentence, in English.
    """
    found = standing(process, around)
    return _SENTENCES[found.cause](process, found, around.zone)


def _ended(process: Overview, _found: Standing, _zone: str | None) -> str:
    why = f"It has ended: {MEANING[Status(process.status)]}."
    if process.status == Status.REJECTED:
        return f"{why} `restart-process {process.id}` runs it again."
    return f"{why} `history {process.id}` shows the reason." if process.status == Status.ABANDONED else why


def _runs(process: Overview, _found: Standing, _zone: str | None) -> str:
    told = Message("Worker %(worker)s is running step %(step)s.", worker=process.worker, step=repr(process.step))
    if process.stop_requested_at is None:
        return told
    return Message(
        "%(told)s %(who)s has asked it to stop, which it does at its next safe point.",
        told=told,
        who=process.stop_requested_by,
    )


def _worker_gone(process: Overview, _found: Standing, _zone: str | None) -> str:
    facts = {"worker": process.worker, "step": repr(process.step)}
    return Message("Worker %(worker)s is gone: the next worker takes over step %(step)s.", **facts)


def _in_doubt(process: Overview, _found: Standing, zone: str | None) -> str:
    begun = _begun(process, zone, time_zone.told)
    say = f"`resolve-process {process.id} --happened` or `--did-not-happen`"
    return f"It needs a person: {begun} may or may not have happened. Find out which, then say so with {say}."


def _needs_a_person(process: Overview, _found: Standing, _zone: str | None) -> str:
    acts = f"`restart-process {process.id}` runs it again, `abandon-process {process.id}` gives it up"
    return f"It needs a person: {MEANING[Status(process.status)]}. {acts}."


def _behind(_process: Overview, found: Standing, _zone: str | None) -> str:
    return Message("It waits for %(whom)s.", whom=found.whom)


def _event(process: Overview, found: Standing, zone: str | None) -> str:
    if process.event is None:
        return _children(found, zone)
    event = repr(process.event)
    if found.until is None:
        return Message("It waits for the event %(event)s.", event=event)
    at = time_zone.told(found.until, zone)
    return Message("It waits for the event %(event)s, until %(at)s at the latest.", event=event, at=at)


def _children(found: Standing, zone: str | None) -> str:
    if found.until is None:
        return Message("It waits for its children.")
    return Message("It waits for its children, until %(at)s at the latest.", at=time_zone.told(found.until, zone))


def _nobody(process: Overview, found: Standing, _zone: str | None) -> str:
    if not found.could_here:
        return Message("It waits for %(whom)s.", whom=found.whom)
    command = f"`work {process.id}`"
    return Message("It waits for %(whom)s. This host does: %(command)s runs it here.", whom=found.whom, command=command)


def _gate(_process: Overview, found: Standing, zone: str | None) -> str:
    return "" if found.gate is None else Message("It is held because %(why)s.", why=found.gate.reason(zone))


def _verified_later(process: Overview, found: Standing, zone: str | None) -> str:
    begun = _begun(process, zone, time_zone.on_clock)
    return f"It is not known whether {begun} has happened: its verify is asked at {_at(process, found, zone)}."


def _later(process: Overview, found: Standing, zone: str | None) -> str:
    return Message("Step %(step)s runs at %(at)s.", step=repr(process.step), at=_at(process, found, zone))


def _no_worker(process: Overview, _found: Standing, _zone: str | None) -> str:
    return Message(
        "It is due, but no worker is running: `worker` starts one, %(command)s runs this process now.",
        command=f"`work {process.id}`",
    )


def _due(process: Overview, _found: Standing, _zone: str | None) -> str:
    return Message("It is due: step %(step)s runs as soon as a worker has room.", step=repr(process.step))


def _begun(process: Overview, zone: str | None, tell: Callable[[datetime, str | None], str]) -> str:
    """Return the step in doubt, and when it was begun, as the subject of a sentence."""
    since = process.doubtful_since
    return f"step {process.step!r}" + ("" if since is None else f", begun at {tell(since, zone)},")


def _at(process: Overview, found: Standing, zone: str | None) -> str:
    at = "" if found.until is None else time_zone.told(found.until, zone)
    if process.waiting_for != "window":
        return at
    return Message("%(at)s, when there is time for it before the next quiet window", at=at)


_SENTENCES: Final[Mapping[Cause, Callable[[Overview, Standing, str | None], str]]] = {
    Cause.ENDED: _ended,
    Cause.RUNS: _runs,
    Cause.WORKER_GONE: _worker_gone,
    Cause.IN_DOUBT: _in_doubt,
    Cause.NEEDS_A_PERSON: _needs_a_person,
    Cause.BEHIND: _behind,
    Cause.EVENT: _event,
    Cause.NOBODY: _nobody,
    Cause.GATE: _gate,
    Cause.VERIFIED_LATER: _verified_later,
    Cause.LATER: _later,
    Cause.NO_WORKER: _no_worker,
    Cause.DUE: _due,
}
