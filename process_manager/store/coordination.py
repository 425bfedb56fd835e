"""What steps wait for and ask for, written in the transaction that records their answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from process_manager.lifecycle.events import EventStanding
from process_manager.lifecycle.transition import Transition
from process_manager.store import event_waits, events


def keys(transition: Transition) -> set[str]:
    """Return the events that its record has to lock."""
    asked = transition.coordination
    if asked is None:
        return set()
    waits = set() if asked.waits is None else {asked.waits.key}
    return waits | {act.key for act in asked.acts}


def hold(connection: sa.Connection, transitions: Sequence[Transition], *, waits: bool) -> dict[str, EventStanding]:
    """Lock the events of these transitions; without `waits`, those alone that nobody else has locked."""
    wanted = {key for each in transitions for key in keys(each)}
    return events.hold(connection, wanted, waits=waits)


def write(connection: sa.Connection, kept: Sequence[Transition], held: Mapping[str, EventStanding]) -> list[int]:
    """Write what the steps of transitions that are recorded asked for, and return the processes that this wakes.

    First the signals and withdrawals, then who waits: whoever waits for what stands now is woken with the others.
    """
    asked = [(each, each.coordination) for each in kept if each.coordination is not None]
    if not asked:
        return []
    now = max(each.at for each, _ in asked)
    made = events.apply(connection, held, [act for _, each in asked for act in each.acts], now=now)
    signalled = {key: change.after.number for key, change in made.items() if change.stated}
    stand = {**held, **{key: change.after for key, change in made.items()}}
    for key in _begin(connection, [each for each, _ in asked if each.state.waiting_for == "event"]):
        if (stands := stand.get(key, events.NOT_YET)).stated_at is not None:
            signalled[key] = stands.number
    return event_waits.wake_all(connection, signalled, now=now)


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
