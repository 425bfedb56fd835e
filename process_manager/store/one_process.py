"""Queries for the page of one process; each reads a bounded number of rows, however long its history is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager.store import newest_ids
from process_manager.store import sqlserver_hints as hints
from process_manager.store.audit_chain import audit
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.json_rows import given_ids
from process_manager.store.tables import evidence, process_steps, processes

p, h, e, a = processes.c, process_steps.c, evidence.c, audit.c

NEWEST: Final = 2_000
"""Among so many is looked for who got through."""

_SHOWN = (p.id, p.name, p.version, p.reference, p.order_key, p.status, p.parameters, p.payload)


def newest_history(
    connection: sa.Connection, process_id: int, *, most: int, below: int | None = None
) -> Sequence[sa.RowMapping]:
    """Return the newest history rows of a process, or those before one of them, the newest first."""
    earlier = [] if below is None else [h.seq < below]
    statement = sa.select(process_steps).where(h.process_id == process_id, *earlier).order_by(h.seq.desc())
    return connection.execute(statement.limit(most)).mappings().all()


def passed(connection: sa.Connection, name: str, step: str, *, since: datetime) -> int:
    """Count how often a step was done since then, among the newest processes."""
    first = newest_ids.before(connection, most=NEWEST)
    done = (h.process_id > first, h.step == step, h.outcome == "done", h.finished_at > since)
    statement = sa.select(sa.func.count()).where(p.id > first, p.name == name, h.process_id == p.id, *done)
    return connection.execute(statement).scalar_one()


def newest_evidence(connection: sa.Connection, process_id: int, *, most: int) -> Sequence[sa.RowMapping]:
    """Return the newest evidence that the steps of a process left, the newest first."""
    newest_first = (e.seq.desc(), e.number.desc())
    statement = sa.select(evidence).where(e.process_id == process_id).order_by(*newest_first).limit(most)
    return connection.execute(statement).mappings().all()


def said_after(
    connection: sa.Connection, process_id: int, after: tuple[int, int], *, most: int
) -> Sequence[sa.RowMapping]:
    """Return the exchanges and log lines of a process after a seq and number, the oldest first."""
    seq, number = after
    later = (e.seq > seq) | ((e.seq == seq) & (e.number > number))
    statement = sa.select(evidence).where(e.process_id == process_id, later, e.number > 0).order_by(e.seq, e.number)
    return connection.execute(statement.limit(most)).mappings().all()


def acts_on(connection: sa.Connection, process_id: int, *, most: int) -> Sequence[sa.RowMapping]:
    """Return the newest rows of the audit chain about a process, the newest first."""
    columns = (a.number, a.seq, a.at, a.actor, a.way, a.act, a.reason, a.result, a.after)
    statement = sa.select(*columns).where(a.process_id == process_id).order_by(a.number.desc()).limit(most)
    return connection.execute(statement).mappings().all()


def in_lane(connection: sa.Connection, order_key: str, *, most: int, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return the first open processes of a lane, in its order."""
    first = sa.select(*_SHOWN).where(p.order_key == order_key, p.order_key.is_not(None), p.finished_at.is_(None))
    statement = first.where(*of_kinds(kinds)).order_by(p.order_key, p.id).limit(most)
    return connection.execute(statement).mappings().all()


def named(connection: sa.Connection, ids: Iterable[int], *, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return what names these processes, and where they stand, by id."""
    statement = sa.select(*_SHOWN).where(p.id.in_(given_ids(ids)), *of_kinds(kinds)).order_by(p.id)
    return connection.execute(hints.on(statement, processes, hints.SEEK)).mappings().all()
