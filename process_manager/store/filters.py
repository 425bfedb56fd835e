"""Find the processes that a person asks for: those in trouble and those under way, by the indexes that hold them.

Only statuses that grow without end are searched along the ids, the newest first: what went well, and any status.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle.status import NEEDS_A_PERSON, Status
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.json_rows import given_ids
from process_manager.store.sqlserver_hints import Chosen
from process_manager.store.tables import process_steps, processes
from process_manager.store.text_search import contains

p = processes.c

ERRORS: Final = ("retry", "reject", "lost", "doubt")
"""The outcomes in the history that are errors."""

IN_TROUBLE: Final = (Status.FAILED, Status.UNCERTAIN, Status.QUARANTINED, Status.REJECTED, Status.ABANDONED)
"""The statuses of a partial index."""

MOVING: Final = (Status.PENDING, Status.RUNNING, Status.WAITING)

IN_ERROR: Final = (*MOVING, Status.FAILED, Status.UNCERTAIN, Status.QUARANTINED, Status.REJECTED)
"""The statuses of a process whose newest history row may be an error."""

FEW: Final = 10_000
"""Up to this many moving processes are looked up one by one; among more, the newest are found quickly along the ids."""


Kinds = frozenset[str] | None
"""The names of the processes that whoever asks may see; None for all."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which processes to list; a field that is None sets no condition."""

    status: tuple[str, ...] = ()
    name: str | None = None
    version: int | None = None
    step: str | None = None
    reference: str | None = None
    channel: str | None = None
    order_key: str | None = None
    error: str | None = None  # the newest history row is an error that contains this text
    created_since: datetime | None = None
    created_until: datetime | None = None  # exclusive, as the end of every stretch of time
    updated_since: datetime | None = None
    updated_until: datetime | None = None
    below: int | None = None  # only lower ids: where the page before ended
    ids: tuple[int, ...] | None = None  # only these ids
    kinds: Kinds = None  # only these names: those that whoever asks may see
    cause: tuple[str, ...] = ()  # only what has stopped for one of these causes, by their keys


def narrowed(connection: sa.Connection, which: Filter, *, limit: int) -> Filter:
    """Return a filter for the ids of the newest matches, or the same filter if one statement answers it well."""
    parts = _parts(connection, which)
    return which if parts == [which] else replace(which, ids=tuple(_newest(connection, parts, limit)))


def newest(connection: sa.Connection, which: Filter, *, limit: int) -> list[int]:
    """Return the ids of the newest processes that match, at most `limit`."""
    return _newest(connection, _parts(connection, which), limit)


def _newest(connection: sa.Connection, parts: Iterable[Filter], limit: int) -> list[int]:
    found: set[int] = set()  # a process that moves meanwhile may be found twice
    for part in parts:
        found.update(connection.execute(newest_first(part).limit(limit)).scalars())
    return sorted(found, reverse=True)[:limit]


def newest_first(part: Filter) -> sa.Select[int]:
    """Select the ids of the processes that match, the newest first."""
    return that(sa.select(p.id), part).order_by(p.id.desc())


def matching(connection: sa.Connection, which: Filter) -> list[int]:
    """List the ids of all processes that match.

    Args:
        connection: A connection in any transaction.
        which: Which processes.

    Returns:
        The ids, the oldest first.
    """
    found: set[int] = set()
    for part in _parts(connection, which):
        found.update(connection.execute(that(sa.select(p.id), part)).scalars())
    return sorted(found)


def oldest(connection: sa.Connection, which: Filter, *, above: int = 0, limit: int) -> list[int]:
    """List the ids of the oldest processes that match.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        above: Only higher ids: where the portion before ended.
        limit: How many, at most.

    Returns:
        The ids, the oldest first.
    """
    found: set[int] = set()
    for part in _parts(connection, which):
        first = that(sa.select(p.id), part).where(p.id > above).order_by(p.id).limit(limit)
        found.update(connection.execute(first).scalars())
    return sorted(found)[:limit]


def count(connection: sa.Connection, which: Filter) -> int:
    """Count the processes that match.

    Args:
        connection: A connection in any transaction.
        which: Which processes.

    Returns:
        How many there are.
    """
    parts = _parts(connection, which)
    return sum(
        connection.execute(that(sa.select(sa.func.count()).select_from(processes), part)).scalar_one() for part in parts
    )


def that(statement: Chosen, which: Filter) -> Chosen:
    """Add the conditions of the filter to the statement; processes given by their ids are looked up."""
    matching = statement.where(*conditions(which))
    return matching if which.ids is None else hints.on(matching, processes, hints.SEEK)


def _parts(connection: sa.Connection, which: Filter) -> list[Filter]:
    """Split the filter into parts that one index answers each."""
    asked = statuses(which)
    has_index = connection.dialect.name == "mariadb" or set(asked) <= {*IN_TROUBLE, *MOVING}
    if which.ids is not None or which.reference is not None or not has_index or asked == which.status == ():
        return [which]
    if connection.dialect.name == "mariadb":  # its indexes hold every row; one is by status
        return [replace(which, status=(each,)) for each in asked]
    moving = tuple(each for each in asked if each in MOVING)
    found = few(connection, moving) if moving else ()
    parts = [] if found == () else [replace(which, status=moving, ids=found)]
    return parts + [replace(which, status=(each,)) for each in asked if each not in MOVING]


def statuses(which: Filter) -> tuple[str, ...]:
    """Return the statuses that a matching process can have; none means any."""
    if which.cause:
        return tuple(str(each) for each in NEEDS_A_PERSON if not which.status or each in which.status)
    if which.error is None:
        return tuple(dict.fromkeys(which.status))
    return tuple(str(each) for each in IN_ERROR if not which.status or each in which.status)


def few(connection: sa.Connection, moving: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return the ids of the moving processes, and of some others; None when there are too many."""
    found = connection.execute(few_statement(moving)).scalars().all()
    return tuple(found) if len(found) <= FEW else None


@lru_cache
def few_statement(moving: tuple[str, ...]) -> sa.Select[int]:
    """Select the first entries of the indexes that hold moving processes.

    So far, a process that waits without a moment waits for its lane.
    """
    places = []
    if {Status.PENDING, Status.WAITING}.intersection(moving):
        places.append(_entries("due", [p.due_at.is_not(None)], p.name, p.version, p.due_at, p.id))
    if Status.RUNNING in moving:
        places.append(_entries("leased", [p.lease_ends_at.is_not(None)], p.lease_ends_at))
    if Status.WAITING in moving:
        place = (p.order_key, p.order_position, p.id)
        places.append(_entries("in_lanes", [p.order_key.is_not(None), p.finished_at.is_(None)], *place))
    return sa.select((sa.union(*places) if len(places) > 1 else places[0]).subquery("moving").c.id)


def _entries(name: str, held: Sequence[sa.ColumnElement[bool]], *order: sa.Column[Any]) -> sa.Select[int]:
    first = sa.select(p.id).where(*held).order_by(*order).limit(FEW + 1)
    return sa.select(first.subquery(name).c.id)


def conditions(which: Filter) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a process must meet."""
    exact = {
        p.name: which.name,
        p.version: which.version,
        p.step: which.step,
        p.reference: which.reference,
        p.channel: which.channel,
        p.order_key: which.order_key,
    }
    found = [column == value for column, value in exact.items() if value is not None]
    if which.below is not None:
        found.append(p.id < which.below)
    if which.ids is not None:
        found.append(p.id.in_(given_ids(which.ids)))
    if which.error is not None:
        found.append(_ended_in(which.error))
    if which.cause:
        is_stopped = p.status.in_(map(always, NEEDS_A_PERSON))
        found += [p.cause.in_(sorted(which.cause)), p.cause.is_not(None), is_stopped]
    return [*_of_status(which.status), *found, *of_kinds(which.kinds), *_in_time(which)]


def of_kinds(kinds: Kinds) -> list[sa.ColumnElement[bool]]:
    """Return the condition that whoever asks may see the process; none where they see all."""
    return [] if kinds is None else [p.name.in_(sorted(kinds))]


def _of_status(statuses: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on the status as literals: to use a partial index, a query must repeat its condition."""
    if not statuses:
        return []
    is_asked_for = p.status.in_(sa.bindparam("statuses", statuses, unique=True, expanding=True, literal_execute=True))
    return [is_asked_for, p.status.in_(map(always, IN_TROUBLE))] if set(statuses) <= set(IN_TROUBLE) else [is_asked_for]


def _in_time(which: Filter) -> list[sa.ColumnElement[bool]]:
    since = {p.created_at: which.created_since, p.updated_at: which.updated_since}
    until = {p.created_at: which.created_until, p.updated_at: which.updated_until}
    return [
        *(column >= moment for column, moment in since.items() if moment is not None),
        *(column < moment for column, moment in until.items() if moment is not None),
    ]


def _ended_in(text: str) -> sa.ColumnElement[bool]:
    newest = process_steps.alias("newest")
    n = newest.c
    has_text = contains(n.message, text) | contains(n.error, text) if text else sa.true()
    is_newest = (n.process_id == p.id) & (n.seq == p.seq)
    return sa.exists().where(is_newest, n.outcome.in_(ERRORS), has_text).correlate(processes)
