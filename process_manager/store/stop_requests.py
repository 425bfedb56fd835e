"""Running processes that somebody asked to stop: the ask stands in the row, and its fence is raised.

So no answer under the old fence is recorded, and whoever meets that looks here; a row that nobody asks to stop costs
nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.lifecycle.stopping import StopRequest
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.guarded_update import Change, apply, change
from process_manager.store.tables import processes

p = processes.c

_RUNNING = always(Status.RUNNING)


def ask(connection: sa.Connection, process_id: int, request: StopRequest) -> bool:
    """Write the ask into the row of a running process.

    Args:
        connection: Inside the caller's transaction.
        process_id: Which process.
        request: Who asks and why, with the fence that the row has from then on.

    Returns:
        Whether it was written; False when the process has changed since it was seen, or was asked already.
    """
    values = {
        "process_id": process_id,
        "held_fence": request.fence - 1,
        "held_seq": request.seq,
        "asked_at": request.at,
        "asked_by": request.by,
        "asked_reason": request.reason,
    }
    return bool(apply(connection, ask_change(), values))


@lru_cache
def ask_change() -> Change:
    """Write who asks a running process to stop, and raise its fence."""
    asked_at = sa.bindparam("asked_at", type_=p.stop_requested_at.type)
    conditions = [
        p.id == sa.bindparam("process_id"),
        p.fence == sa.bindparam("held_fence"),
        p.seq == sa.bindparam("held_seq"),
        p.status == _RUNNING,
        p.stop_requested_at.is_(None),
    ]
    values = {
        "fence": p.fence + 1,
        "stop_requested_at": asked_at,
        "stop_requested_by": sa.bindparam("asked_by", type_=p.stop_requested_by.type),
        "stop_requested_reason": sa.bindparam("asked_reason", type_=p.stop_requested_reason.type),
        "updated_at": asked_at,
    }
    return change(conditions, values)


def of(connection: sa.Connection, ids: Collection[int]) -> dict[int, StopRequest]:
    """Return what was asked of those of these processes that are running and were asked to stop, by id."""
    if not ids:
        return {}
    columns = (p.id, p.fence, p.seq, p.stop_requested_at, p.stop_requested_by, p.stop_requested_reason)
    which = sa.select(*columns).where(_among(), p.status == _RUNNING, p.stop_requested_at.is_not(None))
    found = connection.execute(hints.on(which, processes, hints.SEEK), {"ids": sorted(set(ids))})
    return {row[0]: StopRequest(*row[1:5], row[5] or "") for row in found}


def forget(connection: sa.Connection, ids: Collection[int]) -> None:
    """Forget what was asked of processes that have stopped: their history tells of it from now on."""
    if ids:
        nothing = dict.fromkeys(("stop_requested_at", "stop_requested_by", "stop_requested_reason"), always(None))
        connection.execute(hints.update(processes).where(_among()).values(nothing), {"ids": sorted(set(ids))})


def _among() -> sa.ColumnElement[bool]:
    return p.id.in_(sa.bindparam("ids", expanding=True))
