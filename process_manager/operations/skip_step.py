"""Leaving out the step at which a process rests."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.database import joined_transactions
from process_manager.definition.registry import Registry
from process_manager.lifecycle import intervention, next_state
from process_manager.lifecycle.status import Status, sources
from process_manager.message import Message
from process_manager.operations.act import Act, record_act
from process_manager.operations.following_step import following_step
from process_manager.operations.refusals import behind, held, refuse_doubtful, refused, require
from process_manager.store import transition_rows


def skip_step(connection: sa.Connection, process_id: int, act: Act, *, registry: Registry) -> None:
    """Leave out the step at which a process rests: it goes on with the next one, in a new round.

    After the last step nothing is left to do, and the process ends `skipped`: it has not succeeded, for that step is
    not done.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: Which process.
        act: Who asks for it, and why.
        registry: The classes that are known here; they say which step comes next.

    Raises:
        UnknownId: There is no such process.
        Refused: It has ended, its step may have happened, or its class is not known here; the error says what to do.
        HeldByAnother: A worker runs it, or another process is ahead of it in its lane.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    row = require(connection, process_id)
    _refuse_skip(connection, row)
    following = following_step(row, registry, hint="Skip it where that is deployed.")
    reruns = next_state.skipped_at(row["step"], serialization.loads(row["reruns"]) if row["reruns"] else {})
    said = act.entry("skip-step", row["step"], now)
    skipped = intervention.step_skipped(
        transition_rows.seen(row), now, said, step=following, reruns=serialization.dumps(reruns)
    )
    record_act(connection, row, skipped)


def _refuse_skip(connection: sa.Connection, row: sa.RowMapping) -> None:
    if row["status"] == Status.RUNNING:
        raise held(row["id"], row["worker"])
    if row["status"] == Status.REJECTED:
        # Whoever skips the check that said no does what the rule forbids; asked again, it may say yes.
        raise refused(row, Message("a business rule said no at its step, and a rule is not skipped"))
    refuse_doubtful(row, Message("skipping it would leave that open"))
    if row["status"] not in sources("skip-step"):
        raise refused(row, Message("it has ended, and no step of it is left to skip"))
    if row["waiting_for"] == "lane":
        raise behind(connection, row)
