"""Queries on tasks; nothing here writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal

import sqlalchemy as sa

from process_manager.lifecycle.claim import parent_of
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.task_rights import TaskStand
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.json_rows import given_ids
from process_manager.store.tables import processes
from process_manager.store.task_tables import tasks

t, p = tasks.c, processes.c

Place = tuple[datetime, int]
"""Where a page of a list ended: by when the last task is due, or the end of time, and its id."""

TaskStatus = Literal["open", "answered", "withdrawn"]

WAITS: Final = sa.and_(p.status == always(Status.WAITING), p.waiting_for == always("event"), p.seq == t.seq)
"""Whether the process still stands where it asked; where it does not, the task is withdrawn."""

_STARTER: Final = (p.created_by, p.created_way, p.dedup_hash)
_SHOWN: Final = (*t, p.name, p.version, p.reference, *_STARTER, p.created_at.label("started_at"))


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks are meant.

    Attributes:
        status: Open, answered or withdrawn; None for all.
        groups: Asked of one of these groups; None for all.
        with_ungrouped: With `groups`: those too that are asked of no group.
        claimed_by: Of these people, whoever is asked; with `groups`, either suffices.
        unclaimed: Whether nobody has claimed them; with `claimed_by`, nobody else.
        name: Of processes of this name.
        process_id: Of this process.
        overdue_at: Those that should have been answered by this moment.
    """

    status: TaskStatus | None = "open"
    groups: Collection[str] | None = None
    with_ungrouped: bool = False
    claimed_by: Collection[str] | None = None
    unclaimed: bool = False
    name: str | None = None
    process_id: int | None = None
    overdue_at: datetime | None = None


def page(
    connection: sa.Connection, which: TaskFilter, *, after: Place | None, limit: int, kinds: Kinds = None
) -> Sequence[sa.RowMapping]:
    """Return the tasks that match, at most `limit` from a place on.

    Of those that are open, what is due first is at the beginning; of all others, of which there are ever more, the
    newest.
    """
    found = _that(_rows(), which, kinds)
    if which.status != "open":
        found = found if after is None else found.where(t.id < after[1])
        return connection.execute(found.order_by(t.id.desc()).limit(limit)).mappings().all()
    if after is not None:
        due, id_ = sa.literal(after[0], t.orders_at.type), after[1]
        found = found.where(t.orders_at >= due, sa.or_(t.orders_at > due, t.id > id_))
    return connection.execute(found.order_by(t.orders_at, t.id).limit(limit)).mappings().all()


def count(connection: sa.Connection, which: TaskFilter, *, most: int, kinds: Kinds = None) -> int:
    """Return how many tasks match, at most `most`."""
    found = _that(sa.select(t.id).join_from(tasks, processes, p.id == t.process_id), which, kinds)
    some = found.limit(most).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def overdue(now: datetime, *, most: int, kinds: Kinds = None) -> tuple[sa.ScalarSelect[int], sa.ScalarSelect[datetime]]:
    """Return two columns: how many open tasks should have been answered by now, up to so many, and when the first."""
    late = TaskFilter(overdue_at=now)
    found = _that(sa.select(t.orders_at).join_from(tasks, processes, p.id == t.process_id), late, kinds)
    some = found.order_by(t.orders_at).limit(most).subquery("late")
    number = sa.select(sa.func.count()).select_from(some).scalar_subquery()
    return number, sa.select(sa.func.min(some.c.orders_at)).select_from(some).scalar_subquery()


def one(connection: sa.Connection, task_id: int, *, kinds: Kinds = None) -> sa.RowMapping | None:
    """Return a task; None when there is none with this id, or none that whoever asks may see."""
    return connection.execute(_rows().where(t.id == task_id, *of_kinds(kinds))).mappings().one_or_none()


def stand(connection: sa.Connection, task: Mapping[str, Any] | sa.RowMapping) -> TaskStand:
    """Return what decides who may act on a task, given with who started its process.

    A child is started by its parent: where it matters who did, that is whoever started the first above it.
    """
    first: Mapping[str, Any] | sa.RowMapping = task
    while task["not_by"] is not None and (parent := parent_of(first["dedup_hash"])) is not None:
        row = connection.execute(sa.select(*_STARTER).where(p.id == parent)).mappings().one_or_none()
        if row is None:
            break
        first = row
    return TaskStand(task["group_name"], task["claimed_by"], task["not_by"], first["created_by"], first["created_way"])


def process_of(connection: sa.Connection, task_id: int) -> int | None:
    """Return the process of a task; None when there is no task with this id."""
    return connection.execute(sa.select(t.process_id).where(t.id == task_id)).scalar()


def open_of(connection: sa.Connection, process_ids: Iterable[int]) -> dict[int, sa.RowMapping]:
    """Return what each of these processes asks now; those that ask nothing are left out."""
    ids = sorted(set(process_ids))
    found = _rows().where(t.process_id.in_(given_ids(ids)), t.is_open == always(1), WAITS)
    found = hints.on(hints.on(found, tasks, hints.SEEK), processes, hints.SEEK)
    return {row["process_id"]: row for row in connection.execute(found).mappings()} if ids else {}


def asked(connection: sa.Connection, process_ids: Iterable[int]) -> dict[int, tuple[int, str | None]]:
    """Return which task each of these processes waits for, and the group that is asked; others are left out."""
    ids = sorted(set(process_ids))
    if not ids:
        return {}
    found = sa.select(t.process_id, t.id, t.group_name).join_from(tasks, processes, p.id == t.process_id)
    found = found.where(t.process_id.in_(given_ids(ids)), t.is_open == always(1), WAITS)
    found = hints.on(hints.on(found, tasks, hints.SEEK), processes, hints.SEEK)
    return {row.process_id: (row.id, row.group_name) for row in connection.execute(found)}


def newest(connection: sa.Connection, process_id: int, step_key: str, round_: int) -> sa.RowMapping | None:
    """Return the last that a step asked in a round; None where it has asked nothing."""
    given = {"of_process": process_id, "of_step": step_key, "of_round": round_}
    return connection.execute(newest_statement(), given).mappings().one_or_none()


@lru_cache
def newest_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select the newest task of a step in a round, with its answer."""
    columns = (t.id, t.form, t.answer, t.answered_at, t.answered_by, t.answered_way)
    of_step = (t.step_key == sa.bindparam("of_step"), t.round == sa.bindparam("of_round"))
    found = sa.select(*columns).where(t.process_id == sa.bindparam("of_process"), *of_step)
    return hints.on(found.order_by(t.seq.desc()).limit(always(1)), tasks, hints.SEEK)


def _rows() -> sa.Select[*tuple[Any, ...]]:
    status = sa.case((t.answered_at.is_not(None), "answered"), (_is_open(), "open"), else_="withdrawn")
    return sa.select(*_SHOWN, status.label("status")).join_from(tasks, processes, p.id == t.process_id)


def _is_open() -> sa.ColumnElement[bool]:
    return sa.and_(t.is_open == always(1), WAITS)


def _that(found: sa.Select[*tuple[Any, ...]], which: TaskFilter, kinds: Kinds) -> sa.Select[*tuple[Any, ...]]:
    conditions = [*of_kinds(kinds), *_of_status(which.status), *_of_people(which)]
    if which.unclaimed:
        conditions.append(sa.or_(t.claimed_by.is_(None), t.claimed_by.in_(sorted(which.claimed_by or ()))))
    if which.name is not None:
        conditions.append(p.name == which.name)
    if which.process_id is not None:
        conditions.append(t.process_id == which.process_id)
    if which.overdue_at is not None:
        conditions.append(t.orders_at <= which.overdue_at)
    return found.where(*conditions)


def _of_status(status: TaskStatus | None) -> list[sa.ColumnElement[bool]]:
    if status == "open":
        return [t.is_open == always(1), WAITS]
    if status == "answered":
        return [t.answered_at.is_not(None)]
    return [] if status is None else [t.answered_at.is_(None), sa.not_(_is_open())]


def _of_people(which: TaskFilter) -> list[sa.ColumnElement[bool]]:
    either: list[sa.ColumnElement[bool]] = []
    if which.groups is not None:
        either.append(t.group_name.in_(sorted(which.groups)))
        if which.with_ungrouped:
            either.append(t.group_name.is_(None))
    if which.claimed_by is not None:
        either.append(t.claimed_by.in_(sorted(which.claimed_by)))
    return [sa.or_(*either)] if either else []
