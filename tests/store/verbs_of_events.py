"""What the store is asked about events, for tests that send every statement to each database's grammar."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rig import NOON, claim
from sqlalchemy.sql import ClauseElement

from process_manager.lifecycle.events import Coordination, EventAct, EventStanding, EventWait
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import ProcessState, Transition
from process_manager.store import (
    coordination,
    event_keeping,
    event_making,
    event_queries,
    event_sweep,
    event_waits,
    events,
    recording,
)

KINDS = frozenset({"three", "letter"})
STOOD = {"paid:1": EventStanding(3, NOON)}
OFF_AND_ON = [EventAct("paid:1", "Ada", withdraws=True), EventAct("paid:1", "Ada", '{"a":1}')]


def waited(connection: sa.Connection) -> None:
    """Let a process wait for an event that nobody has signalled."""
    events.hold(connection, ["paid:1"], waits=True)
    event_waits.begin(connection, [(1, 1, "paid:1", "a/0")])
    resting = "UPDATE processes SET status = 'waiting', waiting_for = 'event', due_at = NULL WHERE id = 1"
    connection.exec_driver_sql(resting)


def woken(connection: sa.Connection) -> None:
    """Wake a process that waits."""
    waited(connection)
    event_waits.wake_all(connection, {"paid:1": 1}, now=NOON)


def gone(connection: sa.Connection) -> None:
    """Find one that went on without its event."""
    events.hold(connection, ["paid:1"], waits=True)
    event_waits.begin(connection, [(1, 1, "paid:1", "a/0")])
    event_waits.end_gone(connection, event_waits.gone(connection, ("", 0)).ids)


def removed(connection: sa.Connection) -> None:
    """Remove an event that nobody has signalled."""
    events.hold(connection, ["old:1"], waits=True)
    event_keeping.old(connection, after="", before=NOON)
    event_keeping.remove(connection, "old:1", before=NOON)


def answered(connection: sa.Connection) -> None:
    """Record a step that signals one event and waits for another."""
    held = coordination.hold(connection, [ASKS], waits=True)
    coordination.write(connection, [ASKS], held, record=recording.record)


ASKS = Transition(
    claim(id=1),
    ProcessState(Status.WAITING, "a", 0, waiting_for="event"),
    (),
    NOON,
    coordination=Coordination(EventWait("paid:2", "a/0"), (EventAct("paid:1", "process 1"),)),
)

OF_EVENTS: dict[str, Callable[[sa.Connection], object]] = {
    "events.hold": lambda c: [events.hold(c, ["paid:1", "paid:2"], waits=each) for each in (True, False)],
    "event_making.at_once": lambda c: event_making.at_once(c, lambda: c.execute(sa.select(sa.func.now())).close()),
    "events.lock": lambda c: events.lock(c, ["paid:1"]),
    "events.apply": lambda c: [events.apply(c, STOOD, acts, now=NOON) for acts in (OFF_AND_ON, OFF_AND_ON[:1])],
    "event_waits.begin": waited,
    "event_waits.end": lambda c: event_waits.end(c, [1, 2]),
    "event_waits.wake": lambda c: event_waits.wake(c, "paid:1", 1, now=NOON),
    "event_waits.wake_all": woken,
    "event_waits.left": event_waits.left,
    "event_waits.set_left": lambda c: event_waits.set_left(c, "paid:1", is_left=True),
    "event_waits.gone": lambda c: event_waits.gone(c, ("", 0)),
    "event_waits.end_gone": gone,
    "event_sweep.go_on": lambda c: [waited(c), event_sweep.go_on(c, "paid:1", now=NOON)],
    "events.lock_free": lambda c: events.lock_free(c, ["paid:1"]),
    "event_keeping.old": lambda c: event_keeping.old(c, after="", before=NOON),
    "event_keeping.remove": removed,
    "event_queries.woken_by": lambda c: event_queries.woken_by(c, 1, "a/0"),
    "event_queries.one": lambda c: [event_queries.one(c, "paid:1", kinds=each) for each in (None, KINDS)],
    "event_queries.page": lambda c: [event_queries.page(c, after="", limit=5, kinds=each) for each in (None, KINDS)],
    "event_queries.waiting": lambda c: event_queries.waiting(c, "paid:1", limit=5, kinds=KINDS),
    "event_queries.wakes": lambda c: event_queries.wakes(c, 1),
    "event_queries.waited_for": lambda c: event_queries.waited_for(c, [1, 2]),
    "coordination.hold": lambda c: coordination.hold(c, [ASKS], waits=False),
    "coordination.write": answered,
}


def golden(dialect: str) -> dict[str, ClauseElement]:
    """The statements of events, as a DBA reads them."""
    return {
        "events_make": events.make_statement(dialect),
        "events_lock": events.lock_statement(),
        "events_lock_free": events.pass_statement(),
        "events_there": events.existing_statement(),
        "events_state": events.state_statement(),
        "events_end": events.end_statement(),
        "events_take_back": events.take_back_statement(),
        "events_keep": events.keep_statement(),
        "waits_begin": event_waits.begin_statement(),
        "waits_end": event_waits.end_statement(),
        "waits_woken_first": event_waits.candidates_statement(),
        "waits_rows": event_waits.lock_statement(),
        "waits_still": event_waits.waiting_statement(),
        "waits_woken": event_waits.woken_statement(),
        "waits_due": event_waits.due_statement(),
        "events_woken_by": event_queries.woken_by_statement(),
        "waits_gone": event_waits.gone_statement(),
        "waits_gone_later": event_waits.gone_later_statement(),
        "waits_last": event_queries.last_statement(1_000),
        "events_portion": event_keeping.portion_statement(),
        "events_old": event_keeping.old_statement(),
        "events_still_old": event_keeping.still_statement(),
    }
