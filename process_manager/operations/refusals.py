"""The process that somebody wants to act on, and why not: each status with the command that leads on from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa

from process_manager.errors import ChangedSince, HeldByAnother, Refused, UnknownId
from process_manager.lifecycle.status import Status, stands
from process_manager.message import Message
from process_manager.store import lane_heads, queries

_ABANDON: Final = "give it up with `process-manager abandon-process {id} --reason …`."
_CANCEL: Final = "`process-manager cancel {id} --reason …`"
_RERUN: Final = "`process-manager rerun-process {id}` makes a new process linked to it."
_RESTART: Final = "`process-manager restart-process {id}` makes it due again."
_RESOLVE: Final = "`process-manager resolve-process {id} --happened` or `--did-not-happen`, with --reason, says so."

HINTS: Final[Mapping[str, str]] = {
    Status.PENDING: "It is due; `process-manager work {id}` runs it now.",
    Status.RUNNING: f"Wait for its worker, have it stopped with {_CANCEL}, or {_ABANDON}",
    Status.WAITING: "It goes on by itself: `process-manager show {id}` says when.",
    Status.FAILED: _RESTART,
    Status.QUARANTINED: _RESTART,
    Status.UNCERTAIN: f"Find out whether it happened, then {_RESOLVE}",
    Status.REJECTED: f"{_RESTART} {_RERUN}",
    Status.SUCCEEDED: _RERUN,
    Status.SKIPPED: _RERUN,
    Status.ABANDONED: _RERUN,
}
"""What a person may do instead, by where the process stands."""


def require(connection: sa.Connection, process_id: int) -> sa.RowMapping:
    """Return the row of the process; raise UnknownId when there is none."""
    row = queries.process(connection, process_id)
    if row is None:
        raise UnknownId(process_id=process_id, database="this database")
    return row


def refused(row: sa.RowMapping, problem: str, *, hint: str | None = None) -> Refused:
    """Return the refusal of an act; its hint is what leads on from the status, unless there is a better one."""
    told = HINTS[row["status"]].format(id=row["id"]) if hint is None else hint
    return Refused(process_id=row["id"], stands=stands(row["status"]), problem=problem, hint=told)


def refuse_doubtful(row: sa.RowMapping, problem: str) -> None:
    """Raise Refused when the step at which the process stands may have happened: only its verify or a person knows."""
    if row["doubtful_since"] is not None:
        ask = f"Its verify is asked when it runs; where that cannot tell, find out, and {_RESOLVE.format(id=row['id'])}"
        hint = None if row["status"] == Status.UNCERTAIN else f"{HINTS[row['status']].format(id=row['id'])} {ask}"
        told = Message("step %(step)s may have happened, and %(problem)s", step=repr(row["step"]), problem=problem)
        raise refused(row, told, hint=hint)


def overtaken(row: sa.RowMapping, problem: str) -> Refused:
    """Return the refusal to reopen a process whose place another has taken."""
    return refused(row, problem, hint=_RERUN.format(id=row["id"]))


def changed(row: sa.RowMapping) -> Refused:
    """Return why nothing was done to a process that somebody was quicker with."""
    return refused(row, Message("it has changed this very moment"), hint="Look at it and ask again.")


def changed_since(row: sa.RowMapping, problem: str) -> ChangedSince:
    """Return why nothing was done to a process that is no longer as somebody saw it."""
    told = stands(row["status"])
    return ChangedSince(process_id=row["id"], stands=told, problem=problem, hint="Look at it and ask again.")


def held(process_id: int, holder: str) -> HeldByAnother:
    """Return why a process that a worker holds is left alone."""
    hint = f"Wait for it, or {_ABANDON.format(id=process_id)}"
    return HeldByAnother(process_id=process_id, holder=Message("worker %(name)s", name=holder), hint=hint)


def behind(connection: sa.Connection, row: sa.RowMapping) -> HeldByAnother:
    """Return why a process that waits in its lane cannot run, naming the one ahead of it.

    Args:
        connection: A connection in any transaction.
        row: The process.

    Returns:
        The error to raise.
    """
    ahead = lane_heads.ahead(connection, [row["order_key"]]).get(row["order_key"])
    return HeldByAnother(
        process_id=row["id"],
        holder=Message("process %(id)s, which is ahead of it in its lane", id=ahead),
        hint=f"End that one first: `process-manager show {ahead}`.",
    )
