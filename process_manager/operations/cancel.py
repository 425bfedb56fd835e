"""Asking a process to stop: one that has not begun ends at once, one that runs at its next safe point."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from process_manager import clock, serialization
from process_manager.database import joined_transactions
from process_manager.lifecycle import intervention
from process_manager.lifecycle.status import Status, sources
from process_manager.lifecycle.stopping import StopRequest
from process_manager.message import Message
from process_manager.operations.act import Act, record_act
from process_manager.operations.refusals import changed, refused, require
from process_manager.store import notify, stop_requests, transition_rows

_NOT_BEGUN: Final = (Status.PENDING, Status.WAITING)
"""Nothing of it runs: it is given up at once."""


def cancel(connection: sa.Connection, process_id: int, act: Act) -> None:
    """Ask a process to stop. One that is due or waits is abandoned, and never runs.

    A running one is asked: `run.stop_requested` is set, and `run.checkpoint()` ends its step. Whatever the step answers
    is in the history, and the process ends `abandoned`; a `once` step that may have happened leaves it `uncertain`.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        process_id: Which process.
        act: Who asks, and why.

    Raises:
        UnknownId: There is no such process.
        Refused: It neither runs nor is to run, it was asked before, or it changed this very moment.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    now = clock.now()
    row = require(connection, process_id)
    if row["status"] not in (*_NOT_BEGUN, *sources("cancel")):
        raise refused(row, Message("nothing of it runs or is to run, so there is nothing to stop"))
    if row["status"] in _NOT_BEGUN:
        said = act.entry("cancel", row["step"], now)
        record_act(connection, row, intervention.abandoned(transition_rows.seen(row), now, said))
        return
    _ask(connection, row, StopRequest(row["fence"] + 1, row["seq"], now, act.actor.name, act.reason))


def _ask(connection: sa.Connection, row: sa.RowMapping, request: StopRequest) -> None:
    if row["stop_requested_at"] is not None:
        hint = "It stops when its step is at a safe point; to wait no longer, give it up: "
        problem = Message("%(who)s has asked it to stop already", who=row["stop_requested_by"])
        raise refused(row, problem, hint=f"{hint}`process-manager abandon-process {row['id']} --reason …`.")
    asked = request._replace(reason=serialization.clean(request.reason))
    if not stop_requests.ask(connection, row["id"], asked):
        raise changed(row)
    notify.hint(connection)
