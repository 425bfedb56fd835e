"""Signalling an event, which stands from then on, and withdrawing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import CODE, Actor
from process_manager.database import joined_transactions
from process_manager.lifecycle.events import EventAct, checked_key, checked_payload
from process_manager.store import event_waits, events, notify


@dataclass(frozen=True, slots=True)
class Signalled:
    """What became of a signal.

    Attributes:
        number: How often the event was signalled by now.
        is_new: False when it stood already: nothing has changed then.
        woken: The processes that this made due. Where more than 250 wait, workers make the rest due at once after.
    """

    number: int
    is_new: bool
    woken: tuple[int, ...] = ()


def signal(
    connection: sa.Connection, event: str, *, payload: Mapping[str, Any] | None = None, actor: Actor = CODE
) -> Signalled:
    """State an event: what waits for it is due, and what comes to wait for it goes on at once until it is withdrawn.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED. The event is locked until it ends.
        event: What it is called, such as `paid:123`; at most 200 characters.
        payload: What those that wait are to know, as JSON can carry it.
        actor: Who signals it.

    Returns:
        Whether that is new, and whom it woke.

    Raises:
        IllegalValue: The event cannot be called so, or the payload is no mapping.
        NotJson: JSON cannot represent the payload.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    act = EventAct(checked_key(event), actor.name, checked_payload(payload))
    joined_transactions.require(connection)
    now = clock.now()
    held = events.hold(connection, [event], waits=True)
    change = events.apply(connection, held, [act], now=now)[event]
    if not change.stated:
        return Signalled(change.after.number, is_new=False)
    woken = event_waits.wake_all(connection, {event: change.after.number}, now=now)
    if woken:
        notify.hint(connection)
    return Signalled(change.after.number, is_new=True, woken=tuple(woken))


def withdraw(connection: sa.Connection, event: str, *, actor: Actor = CODE) -> bool:
    """Let an event stand no longer: what comes to wait for it waits for the next signal. Whom it woke goes on.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED. The event is locked until it ends.
        event: What it is called.
        actor: Who withdraws it.

    Returns:
        Whether it stood.

    Raises:
        IllegalValue: No event can be called so.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    act = EventAct(checked_key(event), actor.name, withdraws=True)
    joined_transactions.require(connection)
    held = events.lock(connection, [event])
    return bool(held) and events.apply(connection, held, [act], now=clock.now())[event].withdrawn_by is not None
