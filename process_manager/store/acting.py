"""What a person does to a process that no worker holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from process_manager.lifecycle import Status, move
from process_manager.store.changing import Change, apply, change
from process_manager.store.tables import processes

p = processes.c


def restart(connection: sa.Connection, row: sa.RowMapping, *, step: str, reruns: str | None, now: datetime) -> bool:
    """Whether the process is due again in a new round; not, when it changed since `row` was read."""
    values = {
        "process_id": row["id"],
        "seen_status": row["status"],
        "seen_seq": row["seq"],
        "new_status": move(row["status"], "restart").value,
        "new_step": step,
        "new_reruns": reruns,
        "now": now,
    }
    return bool(apply(connection, restart_change(), values))


@lru_cache
def restart_change() -> Change:
    """A fresh budget in a new round, due now; what is in doubt of the step stays so, to be asked of before it runs."""
    now = sa.bindparam("now", type_=p.due_at.type)
    values = {
        "status": sa.bindparam("new_status"),
        "step": sa.bindparam("new_step"),
        "reruns": sa.bindparam("new_reruns"),
        "attempts": 0,
        "attempts_since": None,
        "crashes": 0,
        "own_crashes": 0,
        "round": p.round + 1,
        "seq": p.seq + 1,
        "due_at": now,
        "retry_after": None,
        "waiting_for": None,
        "updated_at": now,
        "finished_at": None,
    }
    return change(_as_seen(), values)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a process stands of which a person said whether its step happened; no step: that was the last."""

    step: str | None
    payload: str | None = None  # JSON; None leaves it as it was


def resolve(connection: sa.Connection, row: sa.RowMapping, resolved: Resolved, *, now: datetime) -> bool:
    """Whether the process goes on, or has ended; not, when it changed since `row` was read."""
    is_over = resolved.step is None
    values = {
        "process_id": row["id"],
        "seen_status": row["status"],
        "seen_seq": row["seq"],
        "new_status": move(row["status"], "succeed" if is_over else "resolve").value,
        "new_step": resolved.step,
        "new_payload": resolved.payload or row["payload"],
        "due": None if is_over else now,
        "ended": now if is_over else None,
        "now": now,
    }
    return bool(apply(connection, resolve_change(), values))


@lru_cache
def resolve_change() -> Change:
    """Nothing in doubt any more: a fresh budget in a new round, or the end."""
    values = {
        "status": sa.bindparam("new_status"),
        "step": sa.bindparam("new_step"),
        "payload": sa.bindparam("new_payload"),
        "attempts": 0,
        "attempts_since": None,
        "crashes": 0,
        "own_crashes": 0,
        "doubtful_since": None,
        "round": p.round + 1,
        "seq": p.seq + 1,
        "due_at": sa.bindparam("due", type_=p.due_at.type),
        "retry_after": None,
        "updated_at": sa.bindparam("now", type_=p.updated_at.type),
        "finished_at": sa.bindparam("ended", type_=p.finished_at.type),
    }
    return change(_as_seen(), values)


def abandon(connection: sa.Connection, row: sa.RowMapping, *, now: datetime) -> bool:
    """Whether the process is given up; not, when it changed since `row` was read."""
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
    """Closed for good; the fence rises as at every taking-away."""
    now = sa.bindparam("now", type_=p.due_at.type)
    values = {
        "status": sa.bindparam("new_status"),
        "seq": p.seq + 1,
        "fence": p.fence + 1,
        "due_at": None,
        "retry_after": None,
        "waiting_for": None,
        "updated_at": now,
        "finished_at": now,
    }
    return change(_as_seen(), values)


def _as_seen() -> list[sa.ColumnElement[bool]]:
    """Only a row that still is what the person saw."""
    return [
        p.id == sa.bindparam("process_id"),
        p.status == sa.bindparam("seen_status"),
        p.seq == sa.bindparam("seen_seq"),
        p.status != Status.RUNNING.value,
    ]
