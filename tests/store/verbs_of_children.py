"""What the store is asked about children, for tests that send every statement to each database's grammar."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from rig import NOON, claim
from sqlalchemy.sql import ClauseElement

from process_manager.lifecycle.children import ChildStart, Join, JoinWait
from process_manager.lifecycle.events import Coordination
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import ProcessState, Transition
from process_manager.store import children, join_sweep, joining, joins, lanes, recording

START = ChildStart("a", "three", 1, "default", "a", "{}")
STARTS = (START, START._replace(key="b", order_key="lane"))
RIPE = Join(1, open=0, settled=2, waits="all", step_key="a/0", seen=1)

ASKS = Transition(
    claim(id=1),
    ProcessState(Status.WAITING, "a", 0, waiting_for="event"),
    (),
    NOON,
    coordination=Coordination(joins=JoinWait("any", "a/0"), children=STARTS),
)


def woken(connection: sa.Connection, ripe: Join) -> None:
    """Wake a parent that waits."""
    connection.exec_driver_sql(
        "UPDATE processes SET status = 'waiting', waiting_for = 'event', due_at = NULL WHERE id = 1"
    )
    joins.lock(connection, [1])
    joins.change(connection, {1: Join(1)}, {1: ripe}, now=NOON)


OF_CHILDREN: dict[str, Callable[[sa.Connection], object]] = {
    "children.start": lambda c: children.start(c, 1, STARTS, record=recording.record, now=NOON),
    "children.keys": lambda c: children.keys(c, 1, ["a", "b"]),
    "children.of_parent": lambda c: children.of_parent(c, 1),
    "children.page": lambda c: children.page(c, 1, above=0, limit=9, kinds=frozenset({"three"})),
    "children.open_below": lambda c: children.open_below(c, 1),
    "joins.hold": lambda c: [joins.lock(c, [1]), joins.hold(c, [1, 2])],
    "joins.lock": lambda c: joins.lock(c, [1]),
    "joins.change": lambda c: [woken(c, each) for each in (RIPE, RIPE._replace(seen=2))],
    "joins.left": joins.left,
    "join_sweep.go_on": lambda c: [joins.lock(c, [1]), join_sweep.go_on(c, [1], now=NOON)],
    "join_sweep.miscounted": lambda c: join_sweep.miscounted(c, 9),
    "join_sweep.recount": lambda c: [joins.lock(c, [1]), join_sweep.recount(c, [1], now=NOON)],
    "joining.write": lambda c: joining.write(c, [ASKS], record=recording.record, waits=False),
    "lanes.hold_made": lambda c: [lanes.hold_made(c, ["lane"], waits=each) for each in (True, False)],
}


def golden(dialect: str) -> dict[str, ClauseElement]:
    """The statements of children, as a DBA reads them."""
    return {
        "children_keys": children.keys_statement(),
        "children_insert": children.insert_statement(),
        "children_of_parent": children.of_parent_statement(),
        "children_page": children.page_statement().limit(50),
        "joins_make": joins.make_statement(dialect),
        "joins_lock": joins.lock_statement(),
        "joins_lock_free": joins.pass_statement(),
        "joins_there": joins.existing_statement(),
        "joins_change": joins.change_statement(),
        "joins_parents": joins.parents_statement(),
        "joins_due": joins.due_statement(),
        "joins_later": joins.later_statement(),
        "joins_edge": join_sweep.edge_statement(),
        "joins_page": join_sweep.page_statement(),
        "joins_count": join_sweep.count_statement(),
    }
