"""What steps wait for, signal and ask a person, written in the transaction that records their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.claim import parent_of
from process_manager.lifecycle.events import EventStanding
from process_manager.lifecycle.transition import Transition
from process_manager.store import event_waits, events, lanes

if TYPE_CHECKING:
    from process_manager.store.lane_rules import Record


class HeldRows(NamedTuple):
    """What is locked, or nobody else has locked."""

    events: dict[str, EventStanding]
    lanes: set[str]
    waits: bool  # for locks that others hold

    def covers(self, transition: Transition) -> bool:
        """Return whether that is all that the record of the transition needs."""
        return keys(transition) <= self.events.keys() and lanes_of(transition) <= self.lanes


def keys(transition: Transition) -> set[str]:
    """Return the events that its record has to lock."""
    asked = transition.coordination
    if asked is None:
        return set()
    waits = set() if asked.waits is None else {asked.waits.key}
    return waits | {act.key for act in asked.acts}


def lanes_of(transition: Transition) -> set[str]:
    """Return the lanes of the children that it starts."""
    asked = () if transition.coordination is None else transition.coordination.children
    return {each.order_key for each in asked if each.order_key is not None}


def parents(transition: Transition) -> set[int]:
    """Return the parents whose join its record changes: its own, and that of the process of whom it is a child."""
    asked, found = transition.coordination, set[int]()
    if asked is not None and (asked.children or asked.joins is not None):
        found.add(transition.claim.id)
    if transition.settles and (parent := parent_of(transition.claim.dedup_hash)) is not None:
        found.add(parent)
    return found


def hold(connection: sa.Connection, transitions: Sequence[Transition], *, waits: bool) -> HeldRows:
    """Lock the lanes of children and the events of these transitions; without `waits` those that nobody has locked.

    Joins are locked last, and only as long as the rest of the transaction takes.
    """
    wanted = set[str]().union(*map(lanes_of, transitions))
    named = set[str]().union(*map(keys, transitions))
    in_lanes = lanes.hold_made(connection, wanted, waits=waits)
    standing = events.hold(connection, named, waits=waits) if named else {}
    return HeldRows(standing, in_lanes, waits)


def write(connection: sa.Connection, kept: Sequence[Transition], held: HeldRows, *, record: Record) -> list[int]:
    """Write what the steps of transitions that are recorded asked for: first events, then children, joins last.

    Returns:
        The processes that this wakes or starts.
    """
    if not kept:
        return []
    woken = []
    if asking := [each for each in kept if each.coordination and each.coordination.task and _rests(each)]:
        from process_manager.store import tasks

        event_waits.end(connection, [each.claim.id for each in asking])
        tasks.begin(connection, asking)
    if any(keys(each) for each in kept):
        woken = _write_events(connection, kept, held.events)
    if any(parents(each) for each in kept):
        from process_manager.store import joining

        woken += joining.write(connection, kept, record=record, waits=held.waits)
    return woken


def _write_events(
    connection: sa.Connection, kept: Sequence[Transition], held: Mapping[str, EventStanding]
) -> list[int]:
    """Write signals and withdrawals, then who waits: whoever waits for what stands now is woken with the others."""
    asked = [(each, each.coordination) for each in kept if each.coordination is not None]
    now = max(each.at for each, _ in asked)
    made = events.apply(connection, held, [act for _, each in asked for act in each.acts], now=now)
    signalled = {key: change.after.number for key, change in made.items() if change.stated}
    stand = {**held, **{key: change.after for key, change in made.items()}}
    for key in _begin(connection, [each for each, _ in asked if _rests(each)]):
        if (stands := stand.get(key, events.NOT_YET)).stated_at is not None:
            signalled[key] = stands.number
    return event_waits.wake_all(connection, signalled, now=now)


def _rests(transition: Transition) -> bool:
    return transition.state.waiting_for == "event"


def _begin(connection: sa.Connection, waiting: Sequence[Transition]) -> set[str]:
    """Let processes wait, and return for which events."""
    rows = []
    for each in waiting:
        if each.coordination is not None and each.coordination.waits is not None:
            wait = each.coordination.waits
            rows.append((each.claim.id, each.seq, wait.key, wait.step_key))
    if rows:
        event_waits.begin(connection, rows)
    return {key for _id, _seq, key, _step in rows}
