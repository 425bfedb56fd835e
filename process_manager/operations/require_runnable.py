"""Refuse to run a process that no worker could take."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager import clock
from process_manager.definition.registry import Registry
from process_manager.inspection.code_availability import CodeAvailability, unknown
from process_manager.lifecycle.status import CLOSED, Status, sources
from process_manager.operations.refusals import behind, held, refused, require


def require_runnable(connection: sa.Connection, process_id: int, registry: Registry) -> None:
    """Raise unless a worker that is asked for this process can take it, whatever its moment.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        registry: The classes that are known here.

    Raises:
        UnknownId: There is no such process.
        HeldByAnother: A worker holds a live lease on it, or another process is ahead of it in its lane.
        Refused: Its status does not allow it, or its class is not known here; the error says what to do.
    """
    row = require(connection, process_id)
    if row["status"] == Status.RUNNING:
        _refuse_live_lease(row)
    elif row["status"] not in sources("claim"):
        is_closed = row["status"] in CLOSED
        raise refused(row, "it has ended and never runs again" if is_closed else "no worker runs it as it stands")
    _refuse_unknown_code(row, registry)
    if row["waiting_for"] == "lane":
        raise behind(connection, row)


def _refuse_live_lease(row: sa.RowMapping) -> None:
    """Refuse a process under a live lease; one that ran out is no obstacle, as whoever comes next takes the process."""
    if row["lease_ends_at"] >= clock.now():
        raise held(row["id"], f"{row['worker']}, whose lease holds until {row['lease_ends_at']:%H:%M:%S} UTC")


def _refuse_unknown_code(row: sa.RowMapping, registry: Registry) -> None:
    whom = unknown(CodeAvailability(row["name"], row["version"], row["step"], row["channel"]), registry.runnable())
    if whom is None:
        return
    raise refused(row, f"it waits for {whom}, which is not known here", hint="Run it where that is deployed.")
