"""The newest processes of commands, and their errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.filters import ERRORS
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import process_steps, processes

p, h = processes.c, process_steps.c


def open_process(connection: sa.Connection, key: str) -> sa.RowMapping | None:
    """Return the process of this command that has not ended, or None; there is at most one."""
    which = sa.select(processes).where(p.command_key == key, p.finished_at.is_(None)).order_by(p.id).limit(1)
    return connection.execute(which).mappings().one_or_none()


def newest(connection: sa.Connection, keys: Sequence[str]) -> Sequence[sa.RowMapping]:
    """Return the newest process of each of these commands that ever ran, with what it said last."""
    return connection.execute(newest_statement(), {"rows": pack((key,) for key in keys)}).mappings().all()


@lru_cache
def newest_statement() -> sa.Select[*tuple[object, ...]]:
    """Select the newest process of each key with its newest message, by one short index look-up a key."""
    wanted = json_rows(p.command_key)
    others = processes.alias("others")
    last = sa.select(sa.func.max(others.c.id)).where(*_of_command(others, wanted.c.command_key))
    last = hints.on(last, others, hints.SEEK)
    newest = (
        sa.select(processes, h.message)
        .outerjoin_from(processes, process_steps, sa.and_(h.process_id == p.id, h.seq == p.seq))
        .where(p.id.in_(sa.select(last.scalar_subquery()).select_from(wanted)))
    )
    return hints.on(hints.on(newest, processes, hints.SEEK), process_steps, hints.SEEK)


def _of_command(table: sa.FromClause, key: sa.ColumnElement[str]) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions for rows of a key, in the form of the index on commands.

    SQL Server uses that index only when the query also says that the column is not NULL.
    """
    return table.c.command_key == key, table.c.command_key.is_not(None)


def last_succeeded(connection: sa.Connection, keys: Sequence[str]) -> Sequence[sa.RowMapping]:
    """Return the newest process of each of these commands that succeeded: key, id, its end and what it said then."""
    return connection.execute(last_succeeded_statement(), {"rows": pack((key,) for key in keys)}).mappings().all()


@lru_cache
def last_succeeded_statement() -> sa.Select[*tuple[object, ...]]:
    """Select the newest process of each key that succeeded: of most commands it is one of the last few."""
    wanted = json_rows(p.command_key)
    others = processes.alias("others")
    last = (
        sa.select(others.c.id)
        .where(*_of_command(others, wanted.c.command_key), others.c.status == always(Status.SUCCEEDED))
        .order_by(others.c.id.desc())
        .limit(1)
    )
    last = hints.on(last, others, hints.SEEK)
    found = (
        sa.select(p.command_key, p.id, p.finished_at, h.message)
        .join_from(processes, process_steps, sa.and_(h.process_id == p.id, h.seq == p.seq))
        .where(p.id.in_(sa.select(last.scalar_subquery()).select_from(wanted)))
    )
    return hints.on(hints.on(found, processes, hints.SEEK), process_steps, hints.SEEK)


def errors(connection: sa.Connection, keys: Sequence[str], *, since: datetime, most: int) -> Sequence[sa.RowMapping]:
    """Return the newest errors of each of these commands: key, process id, step, message, moment.

    Args:
        connection: Any connection to the engine's database.
        keys: The keys of the commands.
        since: Errors that ended before this moment are left out.
        most: The most errors to return for each command.
    """
    wanted = {"rows": pack((key,) for key in keys), "since": since, "most": most}
    return connection.execute(errors_statement(), wanted).mappings().all()


@lru_cache
def errors_statement() -> sa.Select[*tuple[object, ...]]:
    """Number the errors of each key from the newest, so that a command that fails often hides no other."""
    newest_first = (h.finished_at.desc(), h.process_id.desc(), h.seq.desc())
    place = sa.func.row_number().over(partition_by=p.command_key, order_by=newest_first).label("place")
    found = (
        sa.select(p.command_key, h.process_id, h.step, h.message, h.finished_at, place)
        .join_from(processes, process_steps, h.process_id == p.id)
        .where(p.command_key.in_(sa.select(json_rows(p.command_key).c.command_key)), p.command_key.is_not(None))
        .where(h.outcome.in_(ERRORS))
        .where(h.finished_at >= sa.bindparam("since", type_=h.finished_at.type))
    )
    numbered = hints.on(hints.on(found, processes, hints.SEEK), process_steps, hints.SEEK).subquery()
    return (
        sa.select(*(column for column in numbered.c if column.name != "place"))
        .where(numbered.c.place <= sa.bindparam("most"))
        .order_by(numbered.c.command_key, numbered.c.place)
    )


def last_ended(connection: sa.Connection, keys: Sequence[str]) -> dict[str, datetime]:
    """Return when each of these commands last ended; those that never did are left out."""
    rows = connection.execute(last_ended_statement(), {"rows": pack((key,) for key in keys)})
    return {key: ended for key, ended in rows if ended is not None}


@lru_cache
def last_ended_statement() -> sa.Select[str, datetime]:
    """Select the end of the newest ended process of each key.

    It is the newest process or the one before it, because at most one is open.
    """
    wanted = json_rows(p.command_key)
    last = (
        sa.select(p.finished_at)
        .where(*_of_command(processes, wanted.c.command_key), p.finished_at.is_not(None))
        .order_by(p.id.desc())
        .limit(1)
    )
    return sa.select(wanted.c.command_key, hints.on(last, processes, hints.SEEK).scalar_subquery())
