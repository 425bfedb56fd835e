"""Events: named facts that processes wait for. One stands from when it is signalled until it is withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from process_manager import serialization
from process_manager.errors import IllegalValue
from process_manager.lifecycle import short_keys

if TYPE_CHECKING:
    from process_manager.lifecycle.children import ChildStart, JoinWait
    from process_manager.lifecycle.new_task import NewTask

LONGEST: Final = 200
"""Characters of the key of an event."""


MOST_ACTS: Final = 100
"""Signals and withdrawals of one run of a step: they lock as many events until its answer is recorded."""


class EventStanding(NamedTuple):
    """How often an event was signalled, and since when it stands; None while it does not."""

    number: int
    stated_at: datetime | None


class EventAct(NamedTuple):
    """A signal of an event, or its withdrawal: which, who does it, and the payload (JSON) of a signal."""

    key: str
    by: str
    payload: str | None = None
    withdraws: bool = False


class HeardSignal(NamedTuple):
    """One signal that was heard, and when and by whom it was withdrawn."""

    key: str
    number: int
    stated_at: datetime
    payload: str | None
    by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


class EventChanges(NamedTuple):
    """What acts make of one event."""

    before: EventStanding
    after: EventStanding
    stated: tuple[HeardSignal, ...]  # in order
    withdrawn_by: str | None  # who took back what stood before; None: nobody did


class EventWait(NamedTuple):
    """What a step waits for, and under which name its runs count as one until it is done."""

    key: str
    step_key: str


class Coordination(NamedTuple):
    """What is recorded with an answer of a step beside its own row: what it waits for, and what it asked for."""

    waits: EventWait | None = None
    acts: tuple[EventAct, ...] = ()
    joins: JoinWait | None = None
    children: tuple[ChildStart, ...] = ()
    task: NewTask | None = None  # what a person is asked

    @property
    def rests(self) -> bool:
        """Whether the step waits for something other than a moment."""
        return self.waits is not None or self.joins is not None or self.task is not None


def checked_key(key: object) -> str:
    """Return the key of an event; raise IllegalValue when it cannot be one."""
    return short_keys.checked(key, what="event", longest=LONGEST, hint='Give a short text such as "paid:123".')


def checked_payload(payload: object) -> str | None:
    """Return what a signal carries, as JSON; raise IllegalValue or NotJson when it cannot carry that."""
    if payload is None:
        return None
    if not isinstance(payload, Mapping):
        shown = serialization.kind(payload)
        raise IllegalValue(what="payload", value=shown, problem="is not a mapping", hint="Give a dict.")
    return serialization.dumps(payload)


def changes(key: str, before: EventStanding, acts: Iterable[EventAct], now: datetime) -> EventChanges:
    """Return what acts make of an event, one after the other.

    A signal of one that stands changes nothing, nor does the withdrawal of one that does not.
    """
    number, stated_at = before
    stated: list[HeardSignal] = []
    withdrawn_by = None
    for act in acts:
        if act.withdraws is (stated_at is None):
            continue
        if not act.withdraws:
            number, stated_at = number + 1, now
            stated.append(HeardSignal(key, number, now, act.payload, act.by))
            continue
        stated_at = None
        if stated:
            stated[-1] = stated[-1]._replace(withdrawn_at=now, withdrawn_by=act.by)
        else:
            withdrawn_by = act.by
    return EventChanges(before, EventStanding(number, stated_at), tuple(stated), withdrawn_by)
