"""Whether a person may have one process run now."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager import clock
from process_manager.definition.registry import Registry
from process_manager.errors import HeldByAnother, Refused, UnknownId
from process_manager.inspection.code_availability import CodeAvailability, unknown
from process_manager.lifecycle.status import CLOSED, Status, sources
from process_manager.operations.act import IN_DOUBT, behind
from process_manager.store import queries

_RERUN = "`process-manager rerun-process {id}` makes a new process linked to it."
_RESTART = "`process-manager restart-process {id}` makes it due again."
_CURES = {
    Status.REJECTED: f"{_RESTART} {_RERUN}",
    Status.FAILED: _RESTART,
    Status.QUARANTINED: _RESTART,
    Status.UNCERTAIN: IN_DOUBT,
}


def require_runnable(connection: sa.Connection, process_id: int, registry: Registry) -> None:
    """Nothing, when a worker that is asked for this process can take it, whatever its moment.

    Raises UnknownId; HeldByAnother for a live lease or a process ahead in its lane; Refused when its status, or what
    is deployed here, does not allow it.
    """
    row = queries.process(connection, process_id)
    if row is None:
        raise UnknownId(process_id=process_id, database="this database")
    if row["status"] == Status.RUNNING:
        _refuse_live_lease(row)
    elif row["status"] not in sources("claim"):
        problem = "it has ended and never runs again" if row["status"] in CLOSED else "no worker runs it as it stands"
        cure = _CURES.get(row["status"], _RERUN).format(id=process_id)
        raise Refused(process_id=process_id, status=row["status"], problem=problem, cure=cure)
    _refuse_unknown_code(row, registry)
    if row["waiting_for"] == "lane":
        raise behind(connection, row)


def _refuse_live_lease(row: sa.RowMapping) -> None:
    """A lease that ran out is no hindrance: its worker is gone, and whoever comes next takes the process away."""
    if row["lease_ends_at"] >= clock.now():
        raise HeldByAnother(
            process_id=row["id"],
            holder=f"worker {row['worker']}, whose lease holds until {row['lease_ends_at']:%H:%M:%S} UTC",
            cure=f"Wait for it, or give the process up with `process-manager abandon-process {row['id']} --reason …`.",
        )


def _refuse_unknown_code(row: sa.RowMapping, registry: Registry) -> None:
    whom = unknown(CodeAvailability(row["name"], row["version"], row["step"], row["channel"]), registry.runnable())
    if whom is None:
        return
    raise Refused(
        process_id=row["id"],
        status=row["status"],
        problem=f"it waits for {whom}, which is not known here",
        cure="Run it where that is deployed.",
    )
