"""Giving a process up for good."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import joined_transactions
from process_manager.lifecycle import intervention
from process_manager.lifecycle.status import sources
from process_manager.message import Message
from process_manager.operations.act import Act, record_act
from process_manager.operations.refusals import refused, require
from process_manager.store import transition_rows


def abandon(connection: sa.Connection, process_id: int, act: Act) -> None:
    """Give a process up for good; a running step learns of it, and its late result changes nothing.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: Which process.
        act: Who gives it up, and why.

    Raises:
        UnknownId: There is no such process.
        Refused: It has ended already, or changed this very moment.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    row = require(connection, process_id)
    if row["status"] not in sources("abandon"):
        raise refused(row, Message("it has ended"), hint="There is nothing to give up.")
    said = act.entry("abandon", row["step"], now)
    record_act(connection, row, intervention.abandoned(transition_rows.seen(row), now, said))
