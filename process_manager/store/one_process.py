"""Queries for the page of one process; each reads a bounded number of rows, however long its history is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.store import lanes, newest_ids
from process_manager.store import sqlserver_hints as hints
from process_manager.store.audit_chain import audit
from process_manager.store.column_types import always
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.join_tables import children
from process_manager.store.json_rows import given_ids
from process_manager.store.tables import evidence, process_steps, processes

p, h, e, a, c = processes.c, process_steps.c, evidence.c, audit.c, children.c

NEWEST: Final = 2_000
"""Among so many is looked for who got through."""

_SHOWN = (
    p.id, p.name, p.version, p.reference, p.order_key, p.order_position, p.status, p.waiting_for, p.parameters,
    p.payload,
)  # fmt: skip


def newest_history(
    connection: sa.Connection, process_id: int, *, most: int, below: int | None = None
) -> Sequence[sa.RowMapping]:
    """Return the newest history rows of a process, or those before one of them, the newest first.

    Each names the newest process that there is, too, as `newest_id`.
    """
    earlier = [] if below is None else [h.seq < below]
    statement = (
        sa.select(process_steps, newest_ids.newest()).where(h.process_id == process_id, *earlier).order_by(h.seq.desc())
    )
    return connection.execute(statement.limit(most)).mappings().all()


def passed(connection: sa.Connection, name: str, step: str, *, since: datetime, newest_id: int) -> int:
    """Count how often a step was done since then, among the newest processes."""
    first = max(newest_id - NEWEST, 0)
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


class Related(NamedTuple):
    """Whom to look for: the first children of a process, processes by their ids, and the first open ones of a lane."""

    parent_id: int
    ids: Collection[int]
    order_key: str | None


def relatives(connection: sa.Connection, of: Related, *, most: int, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return what names processes related to one, and where they stand, each by id."""
    parts: list[sa.Select[Any]] = [_children(of.parent_id, most, kinds)]
    if of.ids:
        parts.append(_named(of.ids, kinds))
    if of.order_key is not None:
        parts.append(_in_lane(of.order_key, most, kinds))
    rows = connection.execute(sa.union_all(*parts)).mappings().all()
    return sorted(rows, key=lambda row: row["id"])


def _named(ids: Collection[int], kinds: Kinds) -> sa.Select[Any]:
    statement = sa.select(always("named").label("what"), *_SHOWN).where(p.id.in_(given_ids(ids)), *of_kinds(kinds))
    return hints.on(statement, processes, hints.SEEK)


def _children(parent_id: int, most: int, kinds: Kinds) -> sa.Select[Any]:
    theirs = sa.select(c.process_id).where(c.parent_id == parent_id)
    first = sa.select(*_SHOWN).where(p.id.in_(theirs), *of_kinds(kinds)).order_by(p.id).limit(most).subquery("child")
    return sa.select(always("child").label("what"), *_shown(first))


def _in_lane(order_key: str, most: int, kinds: Kinds) -> sa.Select[Any]:
    which = (p.order_key == order_key, p.order_key.is_not(None), p.finished_at.is_(None), *of_kinds(kinds))
    first = sa.select(*_SHOWN).where(*which).order_by(*lanes.place_of(p)).limit(most).subquery("first")
    return sa.select(always("lane").label("what"), *_shown(first))


def _shown(first: sa.Subquery) -> Sequence[sa.ColumnElement[Any]]:
    return [first.c[column.name] for column in _SHOWN]
