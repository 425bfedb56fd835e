"""Giving a process up for good."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import joined_transactions
from process_manager.lifecycle import intervention
from process_manager.lifecycle.status import sources
from process_manager.lifecycle.transition import Transition
from process_manager.message import Message
from process_manager.operations.act import Act, record_act, record_acts
from process_manager.operations.refusals import refused, require
from process_manager.store import transition_rows
from process_manager.store.children import open_below

TheirChildren = Literal["abandon", "leave"]
"""What becomes of the children of a process that is given up."""


def abandon(connection: sa.Connection, process_id: int, act: Act, *, children: TheirChildren | None = None) -> None:
    """Give a process up for good; a running step learns of it, and its late result changes nothing.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: Which process.
        act: Who gives it up, and why.
        children: What becomes of those of its children, and theirs, that are open; it has to be said if there are any.

    Raises:
        UnknownId: There is no such process.
        Refused: It has ended already, has open children of which nothing is said, or changed this very moment.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    row = require(connection, process_id)
    if row["status"] not in sources("abandon"):
        raise refused(row, Message("it has ended"), hint="There is nothing to give up.")
    below = _below(connection, row, children)
    if not below:
        record_act(connection, row, _abandoned(row, act, now))
        return
    rows = [row, *(require(connection, each) for each in below)]
    record_acts(connection, row, [_abandoned(each, act, now) for each in sorted(rows, key=lambda each: each["id"])])


def _abandoned(row: sa.RowMapping, act: Act, now: datetime) -> Transition:
    return intervention.abandoned(transition_rows.seen(row), now, act.entry("abandon", row["step"], now))


def _below(connection: sa.Connection, row: sa.RowMapping, children: TheirChildren | None) -> list[int]:
    """Return the children that are given up, too; raise Refused where nobody has said what becomes of them."""
    if children == "leave":
        return []
    found = open_below(connection, row["id"])
    if found and children is None:
        problem = Message("children of it are open: %(number)s", number=len(found))
        raise refused(row, problem, hint="Say what becomes of them: --children abandon, or --children leave.")
    return found
