"""Queries on the tables; nothing here writes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.filters import Filter, Kinds, of_kinds, that
from process_manager.store.json_rows import given_ids, json_rows, number, pack
from process_manager.store.tables import evidence, installation, process_steps, processes

p, h, e = processes.c, process_steps.c, evidence.c


def installation_id(connection: sa.Connection) -> uuid.UUID:
    """Return the id that makes the idempotency keys of this database its own."""
    return uuid.UUID(connection.execute(sa.select(installation.c.uuid)).scalar_one())


def process(connection: sa.Connection, process_id: int, *, kinds: Kinds = None) -> sa.RowMapping | None:
    """Return the row of a process with the message of its newest history row; None when there is no such process."""
    which = _with_message().where(p.id == process_id, *of_kinds(kinds))
    return connection.execute(which).mappings().one_or_none()


def states(connection: sa.Connection, ids: Sequence[int], *, locked: bool = False) -> dict[int, sa.RowMapping]:
    """Return how processes stand, by id; with `locked` their rows are locked until the transaction ends, by id."""
    if not ids:
        return {}
    statement = _states_locked() if locked else _states()
    return {row["id"]: row for row in connection.execute(statement, {"ids": list(ids)}).mappings()}


@lru_cache
def _states() -> sa.Select[*tuple[Any, ...]]:
    columns = (p.id, p.name, p.status, p.step, p.version, p.round, p.seq, p.attempts, p.order_key)
    return sa.select(*columns).where(p.id.in_(sa.bindparam("ids", expanding=True)))


@lru_cache
def _states_locked() -> sa.Select[*tuple[Any, ...]]:
    return hints.on(_states().order_by(p.id).with_for_update(), processes, hints.LOCK)


def processes_page(connection: sa.Connection, which: Filter, *, limit: int) -> Sequence[sa.RowMapping]:
    """Return the newest processes that match, at most `limit`."""
    statement = that(_with_message(), which).order_by(p.id.desc()).limit(limit)
    return connection.execute(statement).mappings().all()


COLUMNS: Final = tuple(column.name for column in processes.columns)


def column(connection: sa.Connection, process_id: int, name: str) -> object:
    """Return one column of a process's row."""
    return connection.execute(sa.select(p[name]).where(p.id == process_id)).scalar()


def progress(connection: sa.Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return the progress (JSON) that the running steps of these processes reported; those without any are left out."""
    found = (
        sa.select(e.process_id, e.body)
        .join_from(processes, evidence, sa.and_(e.process_id == p.id, e.seq == p.seq + 1))
        .where(p.id.in_(given_ids(ids)), p.status == "running", e.kind == "progress")
    )
    statement = hints.on(hints.on(found, processes, hints.SEEK), evidence, hints.SEEK)
    return {row.process_id: row.body for row in connection.execute(statement)}


def due_in_each(
    connection: sa.Connection, stretches: Sequence[tuple[datetime | None, datetime]], *, kinds: Kinds = None
) -> Sequence[sa.RowMapping]:
    """Count, by name and version, the processes due in each stretch of time and at the very end of each.

    The columns of the first stretch are `inside_0` and `at_end_0`. One without a start begins with all that is due.
    """
    starts = [start for start, _end in stretches]
    first, last = None if None in starts else min(filter(None, starts)), max(end for _start, end in stretches)
    columns = [each for number, stretch in enumerate(stretches) for each in _in_stretch(number, *stretch)]
    statement = (
        sa.select(p.name, p.version, *columns)
        .where(p.due_at <= last, *([] if first is None else [p.due_at >= first]), *of_kinds(kinds))
        .group_by(p.name, p.version)
    )
    return connection.execute(statement).mappings().all()


def _in_stretch(number: int, start: datetime | None, end: datetime) -> Iterator[sa.Label[int]]:
    inside = p.due_at < end if start is None else sa.and_(p.due_at >= start, p.due_at < end)
    yield sa.func.sum(sa.case((inside, 1), else_=0)).label(f"inside_{number}")
    yield sa.func.sum(sa.case((p.due_at == end, 1), else_=0)).label(f"at_end_{number}")


def newest_moment(connection: sa.Connection, *, kinds: Kinds = None) -> datetime | None:
    """Return when the newest process was started, or None where there is no process."""
    newest = sa.select(p.created_at).where(*of_kinds(kinds)).order_by(p.id.desc()).limit(1)
    return connection.execute(newest).scalar()


def counts(connection: sa.Connection, *, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Count the processes by name, version and status."""
    statement = (
        sa.select(p.name, p.version, p.status, sa.func.count().label("count"))
        .where(*of_kinds(kinds))
        .group_by(p.name, p.version, p.status)
        .order_by(p.name, p.version, p.status)
    )
    return connection.execute(statement).mappings().all()


def stands(
    connection: sa.Connection, *, due_by: datetime | None = None, kinds: Kinds = None
) -> Sequence[sa.RowMapping]:
    """Return each name, version, step and channel at which a process is to run by then, once."""
    statement = (
        sa.select(p.name, p.version, p.step, p.channel)
        .where(p.status.in_(("pending", "waiting")), *([] if due_by is None else [p.due_at <= due_by]))
        .where(*of_kinds(kinds))
        .distinct()
        .order_by(p.name, p.version, p.step, p.channel)
    )
    return connection.execute(statement).mappings().all()


def visible(connection: sa.Connection, ids: Iterable[int], *, kinds: Kinds) -> set[int]:
    """Return those of these processes that whoever asks may see."""
    seen = sa.select(p.id).where(p.id.in_(given_ids(ids)), *of_kinds(kinds))
    return set(connection.execute(hints.on(seen, processes, hints.SEEK)).scalars())


def history(connection: sa.Connection, process_id: int) -> Sequence[sa.RowMapping]:
    """Return the history rows of a process, the oldest first."""
    statement = sa.select(process_steps).where(h.process_id == process_id).order_by(h.seq)
    return connection.execute(statement).mappings().all()


def contents(connection: sa.Connection, ids: Sequence[int]) -> Sequence[sa.RowMapping]:
    """Return what these processes are and carry, in a few columns that can be read of any row."""
    wanted = sa.select(p.id, p.name, p.version, p.reference, p.order_key, p.parameters, p.payload)
    statement = hints.on(wanted.where(p.id.in_(given_ids(ids))), processes, hints.SEEK)
    return connection.execute(statement).mappings().all()


def carried(connection: sa.Connection, ids: Sequence[int]) -> Sequence[sa.RowMapping]:
    """Return what each step of these processes added to the payload, and where they went on with a newer version."""
    return connection.execute(carried_statement(), {"rows": pack((each,) for each in ids)}).mappings().all()


@lru_cache
def carried_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select the history rows that hold a payload or tell of an upgrade."""
    wanted = json_rows(number("id"))
    statement = sa.select(h.process_id, h.seq, h.outcome, h.payload).join_from(
        wanted, process_steps, h.process_id == wanted.c.id
    )
    return hints.on(statement, process_steps, hints.SEEK).where(h.payload.is_not(None) | (h.outcome == "upgrade"))


def newest_errors(connection: sa.Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return the message and the traceback of the newest history row of each of these processes."""
    rows = connection.execute(newest_errors_statement(), {"rows": pack((each,) for each in ids)})
    return {row.process_id: (row.message, row.error or "") for row in rows}


@lru_cache
def newest_errors_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select the newest history row of each process."""
    wanted = json_rows(number("id"))
    newest = sa.and_(h.process_id == p.id, h.seq == p.seq)
    statement = sa.select(h.process_id, h.message, h.error)
    statement = statement.join_from(wanted, processes, p.id == wanted.c.id).join(process_steps, newest)
    return hints.on(hints.on(statement, processes, hints.SEEK), process_steps, hints.SEEK)


def evidence_of(connection: sa.Connection, process_id: int) -> Sequence[sa.RowMapping]:
    """Return the evidence that the steps of a process left while they ran, in order."""
    statement = sa.select(evidence).where(e.process_id == process_id).order_by(e.seq, e.number)
    return connection.execute(statement).mappings().all()


def durations(connection: sa.Connection, name: str, version: int, step: str, *, most: int) -> list[timedelta]:
    """Return how long the last successful runs of a step took, among the newest twenty thousand processes."""
    newest = sa.select(sa.func.max(p.id)).scalar_subquery()
    statement = (
        sa.select(h.started_at, h.finished_at)
        .join_from(process_steps, processes, p.id == h.process_id)
        .where(h.process_id > newest - 20_000, p.name == name, p.version == version, h.step == step)
        .where(h.outcome == "done")
        .order_by(h.process_id.desc(), h.seq.desc())
        .limit(most)
    )
    return [finished - started for started, finished in connection.execute(statement)]


def _with_message() -> sa.Select[*tuple[Any, ...]]:
    newest = sa.and_(h.process_id == p.id, h.seq == p.seq)
    return sa.select(processes, h.message.label("message")).select_from(processes.outerjoin(process_steps, newest))
