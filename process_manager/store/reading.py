"""Questions to the tables; nothing here writes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from process_manager.store.tables import evidence, installation, process_steps, processes

p, h, e = processes.c, process_steps.c, evidence.c


@dataclass(frozen=True, slots=True)
class Filter:
    """Which processes to list; None leaves a question unasked."""

    status: tuple[str, ...] = ()
    name: str | None = None
    reference: str | None = None
    channel: str | None = None
    order_key: str | None = None
    below: int | None = None  # ids below this one: where the page before ended


def installation_id(connection: sa.Connection) -> uuid.UUID:
    """What makes the idempotency keys of this database its own."""
    return uuid.UUID(connection.execute(sa.select(installation.c.uuid)).scalar_one())


def process(connection: sa.Connection, process_id: int) -> sa.RowMapping | None:
    """The row of a process with the message of its newest history row; None when there is none."""
    return connection.execute(_with_message().where(p.id == process_id)).mappings().one_or_none()


def processes_page(connection: sa.Connection, which: Filter, *, limit: int) -> Sequence[sa.RowMapping]:
    """The newest processes that match, at most `limit`."""
    statement = _with_message().where(*_conditions(which)).order_by(p.id.desc()).limit(limit)
    return connection.execute(statement).mappings().all()


def counts(connection: sa.Connection) -> Sequence[sa.RowMapping]:
    """How many processes there are, by name, version and status."""
    statement = (
        sa.select(p.name, p.version, p.status, sa.func.count().label("count"))
        .group_by(p.name, p.version, p.status)
        .order_by(p.name, p.version, p.status)
    )
    return connection.execute(statement).mappings().all()


def history(connection: sa.Connection, process_id: int) -> Sequence[sa.RowMapping]:
    """The history rows of a process, oldest first."""
    statement = sa.select(process_steps).where(h.process_id == process_id).order_by(h.seq)
    return connection.execute(statement).mappings().all()


def said(connection: sa.Connection, process_id: int) -> Sequence[sa.RowMapping]:
    """What the steps of a process said while they ran, in order."""
    statement = sa.select(evidence).where(e.process_id == process_id).order_by(e.seq, e.number)
    return connection.execute(statement).mappings().all()


def is_due(connection: sa.Connection, process_id: int) -> bool:
    """Whether a moment, and nothing else, decides when this process runs."""
    return connection.execute(sa.select(p.due_at).where(p.id == process_id)).scalar() is not None


def _with_message() -> sa.Select[*tuple[Any, ...]]:
    newest = sa.and_(h.process_id == p.id, h.seq == p.seq)
    return sa.select(processes, h.message.label("message")).select_from(processes.outerjoin(process_steps, newest))


def _conditions(which: Filter) -> list[sa.ColumnElement[bool]]:
    exact = {p.name: which.name, p.reference: which.reference, p.channel: which.channel, p.order_key: which.order_key}
    conditions = [column == value for column, value in exact.items() if value is not None]
    if which.status:
        conditions.append(p.status.in_(which.status))
    if which.below is not None:
        conditions.append(p.id < which.below)
    return conditions
