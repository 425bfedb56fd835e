"""Checks of the rows: whether the invariants hold, and whether anything is due that nobody takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager import durations, time_zone
from process_manager.database import Database, error_codes
from process_manager.inspection import masking
from process_manager.inspection.code_availability import CodeAvailability, waits_for
from process_manager.inspection.explain import explain
from process_manager.inspection.findings import Finding, Result, listed, ok, warning
from process_manager.inspection.processes import overviews, require
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.inspection.what_must_hold import INVARIANTS, LANE, LEASES, Invariant
from process_manager.message import Message, numbered
from process_manager.store import invariants, lane_sweep
from process_manager.store.invariants import QUESTIONS, SHOWN, Broken, Due, Statement
from process_manager.store.workers import Registered

LATE: Final = timedelta(minutes=15)
"""A process that is due for so long although a worker knows it is worth a warning."""


def audit(
    database: Database, values: Mapping[str, object], *, names: Iterable[str], viewer: Viewer = CONSOLE
) -> Iterator[Finding]:
    """Check the invariants, each in a transaction of its own, so that none is long."""
    for name in names:
        invariant, found = INVARIANTS[name], _seen_twice(database, QUESTIONS[name].statement(), values)
        if not isinstance(found, Broken):
            yield _not_asked(invariant, found)
        elif found.first and invariant.place == LANE:
            yield _judged(invariant, _without_keys(database, found, viewer))
        else:
            yield _judged(invariant, found)


def _without_keys(database: Database, found: Broken, viewer: Viewer) -> Broken:
    """Return what is broken with each lane masked that is named after somebody."""
    with database.read() as connection:
        shields = masking.shields_of(connection, [process_id for process_id, _lane in found.first], viewer)
    first = [(each, shields[each].key("order_key", lane) if each in shields else lane) for each, lane in found.first]
    return Broken(tuple((each, str(lane)) for each, lane in first), found.total)


def names(*, quick: bool) -> tuple[str, ...]:
    """Return the invariants to check; `quick` leaves out those that read what grows with every ended process."""
    return tuple(name for name, question in QUESTIONS.items() if not (quick and question.scans))


def values(now: datetime, *, lease: timedelta) -> dict[str, object]:
    """Return the parameters of the invariants' statements."""
    return {"long_ago": now - LEASES * lease}


def forgiven(finding: Finding, living: Sequence[Registered]) -> Finding:
    """Return the finding, softened where no worker lives: nobody could have taken over what was left behind."""
    if finding.what != INVARIANTS["leases"].what or finding.result is not Result.PROBLEM or living:
        return finding
    return replace(finding, result=Result.WARNING, message=f"{finding.message} (no worker lives)")


def _seen_twice(database: Database, statement: Statement, values: Mapping[str, object]) -> Broken | str:
    """Return what is broken now and was a moment ago: one row may be from before a commit, the next from after.

    In words what was waited for, when no answer came in time.
    """
    first = _seen(database, statement, values)
    if isinstance(first, str) or not first.total:
        return first
    second = _seen(database, statement, values)
    if isinstance(second, str) or max(first.total, second.total) > SHOWN:
        return second
    both = tuple(each for each in second.first if each in first.first)
    return Broken(both, len(both))


def _seen(database: Database, statement: Statement, values: Mapping[str, object]) -> Broken | str:
    with database.read() as connection:
        try:
            return invariants.broken(connection, statement, values)
        except sa.exc.DBAPIError as error:
            told = error_codes.timeout_reason(error)
            if told is None:
                raise
            return told


def _not_asked(invariant: Invariant, waited: str) -> Finding:
    return warning(invariant.what, f"it could not be asked: {waited}; `--quick` leaves out what takes long")


def _judged(invariant: Invariant, found: Broken) -> Finding:
    if not found.total:
        return ok(invariant.what, invariant.holds)
    shown = ", ".join(f"{process_id} ({invariant.place.format(place)})" for process_id, place in found.first)
    more = f" and {found.total - len(found.first)} more" if found.total > len(found.first) else ""
    message = f"{found.total}: {invariant.broken}: {shown}{more}. To fix it: {invariant.hint}"
    ids = tuple(dict.fromkeys(process_id for process_id, _place in found.first))
    return Finding(invariant.what, Result.PROBLEM, message, found.total, ids)


def due(connection: sa.Connection, around: Surroundings, *, lease: timedelta, viewer: Viewer = CONSOLE) -> Finding:
    """Report how long the oldest due process has been due, what holds it, and what no living worker knows."""
    rows = invariants.due(connection, now=around.now)
    if not rows:
        return ok("due", Message("nothing is due"))
    oldest = rows[0].longest
    (process,) = overviews(connection, [require(connection, oldest, viewer)], {}, viewer)  # what is said masks nothing
    unknown = [row for row in rows if waits_for(_stand(row), around.workers, around.here) is not None]
    age = timedelta(seconds=(around.now - min(row.oldest for row in rows)) // timedelta(seconds=1))
    number = sum(row.number for row in rows)
    told: str = Message(
        "%(number)s due; process %(id)s is due longest, for %(time)s. %(why)s",
        number=number,
        id=oldest,
        time=durations.format(age, parts=2),
        why=explain(process, around),
    )
    if unknown:
        told = _with_unknown(told, listed(map(_named, unknown)), lives=bool(around.workers))
    late = age > LATE or ((bool(unknown) or not around.workers) and age > lease)
    return Finding("due", Result.WARNING if late else Result.OK, told, number, (oldest,))


def _with_unknown(told: str, what: str, *, lives: bool) -> Message:
    if lives:
        return Message("%(told)s No living worker knows: %(what)s.", told=told, what=what)
    return Message("%(told)s No worker lives, and this host does not know: %(what)s.", told=told, what=what)


def oldest_due_at(connection: sa.Connection, *, now: datetime) -> datetime | None:
    """Return since when the oldest due process has been due; None when nothing is due."""
    return invariants.oldest_due_at(connection, now=now)


def left_behind(connection: sa.Connection, *, zone: str | None = None) -> Finding:
    """Report how often a worker found a process that waited in its lane behind nobody, and made it due."""
    found = lane_sweep.counted(connection)
    if found is None:
        return ok("left behind", Message("no worker ever found a process that rested in its lane behind nobody"))
    at = time_zone.told(found.found_at, zone)
    told = numbered(
        "%(number)s process waited in a lane behind nobody until a worker noticed; the latest was process %(id)s,"
        " at %(at)s. A start in a transaction that is not READ COMMITTED, or a change from outside, does that",
        "%(number)s processes waited in a lane behind nobody until a worker noticed; the latest was process %(id)s,"
        " at %(at)s. A start in a transaction that is not READ COMMITTED, or a change from outside, does that",
        found.number,
        id=found.process_id,
        at=at,
    )
    return Finding("left behind", Result.WARNING, told, found.number, (found.process_id,))


def _stand(row: Due) -> CodeAvailability:
    return CodeAvailability(row.name, row.version, row.step, row.channel)


def _named(row: Due) -> str:
    facts = {"name": row.name, "version": row.version, "step": row.step, "number": row.number, "channel": row.channel}
    return Message("%(name)s %(version)s at %(step)s (%(number)s in channel %(channel)s)", **facts)
