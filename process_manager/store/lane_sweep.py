"""Find heads of lanes that wait behind nobody, a few lanes at a time, make them due and count them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.store import lanes, recording
from process_manager.store import sqlserver_hints as hints
from process_manager.store.insert_new import insert_once
from process_manager.store.tables import left_behind, processes

p, c = processes.c, left_behind.c

FEW: Final = 200
"""The most open processes of lanes that one query reads."""

LANE: Final = "lane"


class SweepPage(NamedTuple):
    """Where the next query continues (empty: at the first lane), and the heads that wait behind nobody, by lane."""

    after: str
    resting: dict[str, int]


class Counted(NamedTuple):
    """How often a process was left behind, which was the latest, and when it was found."""

    number: int
    process_id: int
    found_at: datetime


def look(connection: sa.Connection, after: str) -> SweepPage:
    """Read the next lanes in order; of a lane that is longer than one query reads, its first processes matter.

    In a lane with positions, the first may rest because a later one has begun.
    """
    rows = connection.execute(look_statement(), {"after": after, "count": FEW}).all()
    heads: dict[str, int] = {}
    for order_key, process_id, _is_resting in rows:
        heads.setdefault(order_key, process_id)
    moving = {order_key for order_key, _id, is_resting in rows if not is_resting}
    resting = {key: process_id for key, process_id in heads.items() if key not in moving}
    return SweepPage(rows[-1][0] if len(rows) == FEW else "", resting)


@lru_cache
def look_statement() -> sa.Select[str, int, int]:
    """Select the next entries of the index on lanes after a key, and whether each waits in its lane."""
    rests = sa.and_(p.status == Status.WAITING.value, p.waiting_for == LANE)
    looked = (
        sa.select(p.order_key, p.id, sa.case((rests, 1), else_=0).label("rests"))
        .where(p.order_key > sa.bindparam("after"), p.order_key.is_not(None), p.finished_at.is_(None))
        .order_by(*lanes.place_of(p))
        .limit(sa.bindparam("count", type_=sa.Integer()))
    )
    return hints.on(looked, processes, hints.READ_PAST)


def make_due(connection: sa.Connection, resting: dict[str, int], *, now: datetime) -> list[int]:
    """Make those heads due that still wait behind nobody, and return their ids.

    A lane that another transaction has locked is left to the next sweep.
    """
    from process_manager.store import lane_rules  # which a sweep that finds nothing does not load

    held = lanes.hold(connection, resting, waits=False)
    return lane_rules.advance(connection, held, record=recording.record, now=now)


def count(connection: sa.Connection, found: Collection[int], *, now: datetime) -> None:
    """Record processes that were left behind in their lanes."""
    first = {"what": LANE, "number": 0, "process_id": max(found), "found_at": now}
    insert_once(connection, left_behind, first)
    more = {"number": c.number + len(found), "process_id": max(found), "found_at": now}
    connection.execute(sa.update(left_behind).where(c.what == LANE).values(more))


def counted(connection: sa.Connection) -> Counted | None:
    """Return how often a process was left behind in a lane; None when it never happened."""
    row = connection.execute(sa.select(c.number, c.process_id, c.found_at).where(c.what == LANE)).one_or_none()
    return None if row is None else Counted(*row)
