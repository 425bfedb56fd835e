"""Giving a process up for good."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import joined_transactions
from process_manager.lifecycle import interruption
from process_manager.lifecycle.status import Status, sources
from process_manager.operations.act import Act
from process_manager.operations.refusals import changed, refused, require
from process_manager.store import (
    claiming,
    dedup_keys,
    interventions,
    lanes,
    notify,
    recording,
    transition_rows,
)


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
        raise refused(row, "it has ended", hint="There is nothing to give up.")
    if row["status"] == Status.RUNNING:
        _abandon_running(connection, row, act, now=now)
    else:
        _abandon_resting(connection, row, act, now=now)
    notify.hint(connection)  # who holds it lets it go, and what came after it in its lane is due


def _abandon_running(connection: sa.Connection, row: sa.RowMapping, act: Act, *, now: datetime) -> None:
    claim = claiming.held(connection, row["id"])
    if claim is None or not recording.record(
        connection, [interruption.abandoned(claim, now, act.entry("abandon", claim.step, now))]
    ):
        raise changed(row)


def _abandon_resting(connection: sa.Connection, row: sa.RowMapping, act: Act, *, now: datetime) -> None:
    lanes.lock(connection, [row["order_key"]])
    if not interventions.abandon(connection, row, now=now):
        raise changed(row)
    told = transition_rows.history_row(row["id"], row["seq"] + 1, row["round"], act.entry("abandon", row["step"], now))
    recording.append(connection, [told])
    dedup_keys.release(connection, [(row["name"], row["dedup_hash"], row["id"])])
    lanes.advance(connection, [row["order_key"]], now=now)
