"""What a person does to a process that no worker holds: restart, resolve, abandon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle.status import Status, move
from process_manager.store.column_types import always
from process_manager.store.guarded_update import Change, apply, change
from process_manager.store.tables import processes

p = processes.c

_FRESH: Final[Mapping[str, sa.ColumnElement[Any]]] = {
    "attempts": always(0),
    "attempts_since": always(None),
    "crashes": always(0),
    "own_crashes": always(0),
    "round": p.round + 1,
    "seq": p.seq + 1,
    "retry_after": always(None),
}
"""An unused budget, in a new round."""


def restart(connection: sa.Connection, row: sa.RowMapping, *, step: str, reruns: str | None, now: datetime) -> bool:
    """Make the process due again in a new round.

    Args:
        connection: Inside the caller's transaction.
        row: The process as the person saw it.
        step: The step to start from.
        reruns: JSON of the steps to run again after they were done; None for none.
        now: The present moment.

    Returns:
        Whether it was restarted; False when the row has changed since `row` was read.
    """
    values = {
        "process_id": row["id"],
        "seen_status": row["status"],
        "seen_seq": row["seq"],
        "new_status": move(row["status"], "restart").value,
        "new_step": step,
        **({} if reruns is None else {"new_reruns": reruns}),
        "now": now,
    }
    return bool(apply(connection, restart_change(reran=reruns is not None), values))


@lru_cache
def restart_change(*, reran: bool) -> Change:
    """Update a row to a fresh budget in a new round, due now.

    A step in doubt stays in doubt, so that `verify` is called before it runs.
    """
    now = sa.bindparam("now", type_=p.due_at.type)
    values = {
        "status": sa.bindparam("new_status"),
        "step": sa.bindparam("new_step"),
        "reruns": sa.bindparam("new_reruns") if reran else always(None),
        **_FRESH,
        "due_at": now,
        "waiting_for": always(None),
        "updated_at": now,
        "finished_at": always(None),
    }
    return change(_as_seen(), values)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a process goes on after a person has said whether its step happened; no step means it was the last."""

    step: str | None
    payload: str | None = None  # JSON; None leaves it as it was


def resolve(connection: sa.Connection, row: sa.RowMapping, resolved: Resolved, *, now: datetime) -> bool:
    """Let a process go on, or end it if its last step is resolved.

    Returns:
        Whether it was resolved; False when the row has changed since `row` was read.
    """
    is_over = resolved.step is None
    values = {
        "process_id": row["id"],
        "seen_status": row["status"],
        "seen_seq": row["seq"],
        "new_status": move(row["status"], "succeed" if is_over else "resolve").value,
        **({} if is_over else {"new_step": resolved.step}),
        **({} if resolved.payload is None else {"new_payload": resolved.payload}),
        "now": now,
    }
    return bool(apply(connection, resolve_change(is_over=is_over, sets_payload=resolved.payload is not None), values))


@lru_cache
def resolve_change(*, is_over: bool, sets_payload: bool) -> Change:
    """Update a row so that nothing is in doubt: a fresh budget in a new round, or the end.

    The payload is set when the person gave one.
    """
    now = sa.bindparam("now", type_=p.updated_at.type)
    values = {
        "status": sa.bindparam("new_status"),
        "step": always(None) if is_over else sa.bindparam("new_step"),
        **({"payload": sa.bindparam("new_payload")} if sets_payload else {}),
        **_FRESH,
        "doubtful_since": always(None),
        "due_at": always(None) if is_over else now,
        "updated_at": now,
        "finished_at": now if is_over else always(None),
    }
    return change(_as_seen(), values)


def abandon(connection: sa.Connection, row: sa.RowMapping, *, now: datetime) -> bool:
    """Give up the process for good.

    Returns:
        Whether it was abandoned; False when the row has changed since `row` was read.
    """
    values = {
        "process_id": row["id"],
        "seen_status": row["status"],
        "seen_seq": row["seq"],
        "new_status": move(row["status"], "abandon").value,
        "now": now,
    }
    return bool(apply(connection, abandon_change(), values))


@lru_cache
def abandon_change() -> Change:
    """Update a row to its final end; the fence rises, as whenever a process is taken away."""
    now = sa.bindparam("now", type_=p.due_at.type)
    values = {
        "status": sa.bindparam("new_status"),
        "seq": p.seq + 1,
        "fence": p.fence + 1,
        "due_at": always(None),
        "retry_after": always(None),
        "waiting_for": always(None),
        "updated_at": now,
        "finished_at": now,
    }
    return change(_as_seen(), values)


def _as_seen() -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a row is still as the person saw it."""
    return [
        p.id == sa.bindparam("process_id"),
        p.status == sa.bindparam("seen_status"),
        p.seq == sa.bindparam("seen_seq"),
        p.status != always(Status.RUNNING),
    ]
