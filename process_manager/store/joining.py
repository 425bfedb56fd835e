"""What a record does to children and their parents: it starts some, settles some, and wakes who waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from process_manager.lifecycle import children as rules
from process_manager.lifecycle.children import Join
from process_manager.lifecycle.claim import parent_of
from process_manager.lifecycle.transition import Transition
from process_manager.store import children, event_waits, joins

if TYPE_CHECKING:
    from process_manager.store.lane_rules import Record


def write(connection: sa.Connection, kept: Sequence[Transition], *, record: Record, waits: bool) -> list[int]:
    """Start children of transitions that are recorded, and count those that settled.

    Returns:
        The parents that this wakes, and the children.
    """
    now = max(each.at for each in kept)
    started = _start(connection, kept, record)
    waiting = [each for each in kept if _waits(each)]
    if waiting:  # for an event no more, whatever came of its last wait for one
        event_waits.end(connection, [each.claim.id for each in waiting])
    moves = [(parent, each.settles) for each in kept if (parent := _parent(each)) is not None]
    wanted = {*started, *(each.claim.id for each in waiting), *(parent for parent, _ in moves)}
    if not wanted:
        return []
    before = joins.lock(connection, wanted, waits=waits)
    after = dict(before)
    for parent, ids in started.items():
        after[parent] = _more(after[parent], len(ids))
    for parent, settles in moves:
        after[parent] = rules.moved(after[parent], settles)
    for each in waiting:
        after[each.claim.id] = _waiting(after[each.claim.id], each)
    woken = joins.change(connection, before, after, now=now)
    return [*woken, *(id_ for ids in started.values() for id_ in ids)]


def _start(connection: sa.Connection, kept: Sequence[Transition], record: Record) -> dict[int, list[int]]:
    """Start the children that steps asked for, and return those that each parent got."""
    started: dict[int, list[int]] = {}
    for each in kept:
        asked = each.coordination
        if asked is not None and asked.children:
            started[each.claim.id] = children.start(
                connection, each.claim.id, asked.children, record=record, now=each.at
            )
    return started


def _waits(transition: Transition) -> bool:
    asked = transition.coordination
    return asked is not None and asked.joins is not None and transition.state.waiting_for == "event"


def _waiting(join: Join, transition: Transition) -> Join:
    asked = transition.coordination
    return join if asked is None or asked.joins is None else rules.waiting(join, asked.joins)


def _parent(transition: Transition) -> int | None:
    return parent_of(transition.claim.dedup_hash) if transition.settles else None


def _more(join: Join, count: int) -> Join:
    return join._replace(open=join.open + count)
