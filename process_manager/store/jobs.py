"""Jobs: which processes were started from which bot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.store import filters
from process_manager.store import sqlserver_hints as hints
from process_manager.store.bot_tables import bot_jobs, bots
from process_manager.store.column_types import always
from process_manager.store.filters import IN_TROUBLE, MOVING, Filter, Kinds
from process_manager.store.json_rows import given_ids
from process_manager.store.tables import process_steps, processes

_RUNNING, _WAITING = always(Status.RUNNING), always(Status.WAITING)

WALKED: Final = 2_000
"""So many jobs are looked through at once for those that match."""

b, j, p, h = bots.c, bot_jobs.c, processes.c, process_steps.c


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs.

    Attributes:
        which: Which processes.
        bot_id: Of this bot.
        begun: Whether a step of it has run, or it waits for something else than its first moment.
        asked_to_stop: Whether it was asked to stop.
        started_by: Who started it.
    """

    which: Filter
    bot_id: int | None = None
    begun: bool | None = None
    asked_to_stop: bool | None = None
    started_by: str | None = None


class JobIds(NamedTuple):
    """Jobs that match, and below which id to look for more; None where there are none."""

    ids: list[int]
    next_below: int | None


def insert(connection: sa.Connection, process_id: int, bot_id: int) -> None:
    """Note that a process is a job of a bot."""
    connection.execute(sa.insert(bot_jobs).values(process_id=process_id, bot_id=bot_id))


def newest(connection: sa.Connection, which: JobFilter, *, limit: int) -> JobIds:
    """Return the ids of the newest jobs that match, at most `limit`, and where to go on.

    What has ended grows without end: of it, at most the newest `WALKED` are looked through at once.
    """
    moving = tuple(each for each in which.which.status if each in MOVING)
    some = None if not moving or moving != which.which.status else filters.few(connection, moving)
    if some is not None or which.which.ids is not None or which.which.reference is not None:
        return _whole(_looked_up(connection, which, some, limit=limit + 1), limit)
    walked = _walked(which)
    found = list(connection.execute(_of_walked(walked, which).limit(limit + 1)).scalars())
    if len(walked) == 1 and len(found) > limit:
        return _whole(found, limit)
    if _matches_all(which):  # of what was looked through there is no more
        return JobIds(found, None)
    end = _end(connection, walked)
    within = [each for each in found if end is None or each >= end]
    return _whole(within, limit) if len(within) > limit else JobIds(within, end)


def _matches_all(which: JobFilter) -> bool:
    """Return whether each job that is looked through matches."""
    return replace(which, bot_id=None, which=replace(which.which, below=None)) == JobFilter(Filter())


def _end(connection: sa.Connection, walked: Sequence[sa.Subquery]) -> int | None:
    """Return down to which id all places were looked through; None where there is no more in any of them."""
    ends = [connection.execute(sa.select(sa.func.count(), sa.func.min(each.c.id))).one() for each in walked]
    return max((int(last) for count, last in ends if count >= WALKED), default=None)


def _whole(found: list[int], limit: int) -> JobIds:
    return JobIds(found[:limit], found[limit - 1] if len(found) > limit else None)


def _looked_up(connection: sa.Connection, which: JobFilter, some: Sequence[int] | None, *, limit: int) -> list[int]:
    """Return the jobs among those that an index names: under way, of these ids, or of this reference."""
    found = filters.that(sa.select(j.process_id).join_from(bot_jobs, processes, p.id == j.process_id), which.which)
    found = found.where(*_conditions(which), *([] if some is None else [j.process_id.in_(given_ids(some))]))
    if some is not None or which.which.ids is not None:
        found = hints.on(hints.on(found, processes, hints.SEEK), bot_jobs, hints.SEEK)
    return list(connection.execute(found.order_by(j.process_id.desc()).limit(limit)).scalars())


def _walked(which: JobFilter) -> list[sa.Subquery]:
    """Return the places that are looked through: of each status in trouble its newest, else the newest jobs."""
    asked, below = which.which.status, which.which.below
    if asked and set(asked) <= set(IN_TROUBLE):
        places = [
            sa.select(p.id).where(p.status == always(each), p.status.in_(map(always, IN_TROUBLE))) for each in asked
        ]
        key = p.id
    else:
        key = j.process_id
        places = [sa.select(key.label("id")).where(*([] if which.bot_id is None else [j.bot_id == which.bot_id]))]
    bounded = [each if below is None else each.where(key < below) for each in places]
    return [each.order_by(key.desc()).limit(WALKED).subquery(f"w{n}") for n, each in enumerate(bounded)]


def _of_walked(walked: Sequence[sa.Subquery], which: JobFilter) -> sa.Select[int]:
    """Select those of them that match, the newest first."""
    seen = [sa.select(each.c.id) for each in walked]
    some = (seen[0] if len(seen) == 1 else sa.union_all(*seen)).subquery("walked")
    joined = some.join(bot_jobs, j.process_id == some.c.id).join(processes, p.id == j.process_id)
    found = sa.select(j.process_id).select_from(joined).where(*filters.conditions(which.which), *_conditions(which))
    found = hints.on(hints.on(found, processes, hints.SEEK), bot_jobs, hints.SEEK)
    return found.order_by(j.process_id.desc())


def _conditions(which: JobFilter) -> list[sa.ColumnElement[bool]]:
    waits = sa.and_(p.status == Status.WAITING, p.waiting_for == "moment", p.seq == 0)
    found = [] if which.begun is None else [~waits if which.begun else waits]
    if which.asked_to_stop is not None:
        at = p.stop_requested_at
        found.append(at.is_not(None) if which.asked_to_stop else at.is_(None))
    if which.bot_id is not None:
        found.append(j.bot_id == which.bot_id)
    if which.started_by is not None:
        found.append(p.created_by == which.started_by)
    return found


def counts(connection: sa.Connection, *, most: int, kinds: Kinds = None) -> tuple[int, int]:
    """Return how many jobs run, and how many wait for their first moment; neither is counted beyond `most`."""
    running = (p.lease_ends_at.is_not(None), p.status == _RUNNING)
    scheduled = (p.due_at.is_not(None), p.status == _WAITING, p.waiting_for == "moment", p.seq == 0)
    counted = [_first_of(name, which, most=most, kinds=kinds) for name, which in (("r", running), ("s", scheduled))]
    found = connection.execute(sa.select(*(each.label(f"n{number}") for number, each in enumerate(counted)))).one()
    return int(found[0]), int(found[1])


def _first_of(name: str, which: Sequence[sa.ColumnElement[bool]], *, most: int, kinds: Kinds) -> sa.ScalarSelect[int]:
    first = sa.select(j.process_id).join_from(processes, bot_jobs, j.process_id == p.id)
    some = first.where(*which, *filters.of_kinds(kinds)).limit(most).subquery(name)
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()


def of(connection: sa.Connection, ids: Collection[int]) -> dict[int, sa.RowMapping]:
    """Return the id and the name of the bot of each of these processes that is a job, by the process."""
    which = sa.select(j.process_id, j.bot_id, b.name).join_from(bot_jobs, bots, b.id == j.bot_id)
    found = hints.on(which.where(j.process_id.in_(given_ids(ids))), bot_jobs, hints.SEEK)
    found = hints.on(found, bots, hints.SEEK)
    return {row["process_id"]: row for row in connection.execute(found).mappings()}


def first_runs(connection: sa.Connection, ids: Collection[int]) -> dict[int, datetime]:
    """Return when the first recorded run of each of these processes began."""
    which = sa.select(h.process_id, h.started_at).where(h.process_id.in_(given_ids(ids)), h.seq == 1, h.by.is_(None))
    found = connection.execute(hints.on(which, process_steps, hints.SEEK))
    return {row[0]: row[1] for row in found}


def rows(connection: sa.Connection, ids: Sequence[int]) -> Sequence[sa.RowMapping]:
    """Return the rows of these processes with the message and the traceback of their newest history row, by id."""
    newest_row = sa.and_(h.process_id == p.id, h.seq == p.seq)
    columns = (processes, h.message.label("message"), h.error.label("error"), h.outcome.label("outcome"))
    which = sa.select(*columns).select_from(processes.outerjoin(process_steps, newest_row))
    found = hints.on(which.where(p.id.in_(given_ids(ids))).order_by(p.id.desc()), processes, hints.SEEK)
    found = hints.on(found, process_steps, hints.SEEK)
    return connection.execute(found).mappings().all()
