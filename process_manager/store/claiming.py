"""Claim due processes, renew their leases, and find those whose worker is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa

from process_manager.database import ask
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.pool import WAITS
from process_manager.lifecycle.status import Status
from process_manager.store import due
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.due import ClaimRequest, Shape
from process_manager.store.guarded_update import Change, apply, change
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import processes

T = TypeVar("T")

p = processes.c

_RUNNING = always(Status.RUNNING)

CLAIM_COLUMNS = (
    p.id,
    p.name,
    p.version,
    p.reference,
    p.order_key,
    p.step,
    p.attempts,
    p.attempts_since,
    p.round,
    p.seq,
    p.fence,
    p.crashes,
    p.reruns,
    sa.func.coalesce(p.payload, p.parameters).label("payload"),
    p.dedup_hash,
    p.step_started_at,
    p.worker,
    p.channel,
    p.command_key,
    p.own_crashes,
    p.doubtful_since,
    p.retry_after,
)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who claims, from when and until when."""

    worker: str
    now: datetime
    ends_at: datetime


def claim_due(connection: sa.Connection, request: ClaimRequest, lease: Lease, *, limit: int) -> list[Claim]:
    """Claim the processes that have been due longest, for this worker until its lease ends.

    Args:
        connection: Inside the caller's transaction.
        request: What the worker may take.
        lease: The worker, the present moment and the end of its lease.
        limit: The most processes to claim.

    Returns:
        The claims, sorted by process id; empty when nothing is due.
    """
    if not request.ranges or limit < 1:
        return []
    if not request.fits:
        return sorted(_take_in_portions(connection, claim_due, request, lease, limit), key=lambda claim: claim.id)
    dialect = connection.dialect.name
    values = {**request.values(), **lease_values(lease), **due.limits(limit, request.shape, dialect)}
    taken = apply(connection, claim_change(request.shape, dialect), values)
    return sorted((Claim(*row) for row in taken), key=lambda claim: claim.id)


def due_ids(connection: sa.Connection, request: ClaimRequest, lease: Lease, *, limit: int) -> list[int]:
    """Return the ids of the processes that `claim_due` would take; no other column is read."""
    if not request.ranges or limit < 1:
        return []
    if not request.fits:
        return _take_in_portions(connection, due_ids, request, lease, limit)
    shape, dialect = request.shape, connection.dialect.name
    values = {**request.values(), "now": lease.now, **due.limits(limit, shape, dialect)}
    return list(connection.execute(due.picked(shape, dialect), values).scalars())


def _take_in_portions(
    connection: sa.Connection, take: Callable[..., list[T]], request: ClaimRequest, lease: Lease, limit: int
) -> list[T]:
    """Take from one portion after the other what is too much for one statement."""
    found: list[T] = []
    for portion in due.longest_first(connection, request):
        found += take(connection, portion, lease, limit=limit - len(found))
    return found


def claim_one(connection: sa.Connection, process_id: int, lease: Lease, *, leaves_pool: bool = False) -> Claim | None:
    """Claim one process, whether or not its moment has come; one that `leaves_pool` gives up its place there.

    Returns:
        The claim, or None unless the process is at rest and at the head of its lane.
    """
    values = {**lease_values(lease), "process_id": process_id}
    found = apply(connection, claim_one_change(leaves_pool=leaves_pool), values)
    return Claim(*found[0]) if found else None


def claim_these(connection: sa.Connection, ids: Collection[int], lease: Lease, *, in_pool: bool = False) -> list[Claim]:
    """Claim several processes by their ids, as `claim_one` does, or those `in_pool`; return them sorted by id."""
    rows = {"rows": pack((id_,) for id_ in sorted(ids))}
    taking_them = claim_these_in_pool_change() if in_pool else claim_these_change()
    taken = apply(connection, taking_them, {**lease_values(lease), **rows})
    return sorted((Claim(*row) for row in taken), key=lambda claim: claim.id)


@lru_cache
def claim_change(shape: Shape, dialect: str) -> Change:
    """Take the longest due rows of one short index range for each name and version."""
    picks = due.picked(shape, dialect)
    if dialect == "postgresql":  # evaluated once, before any change: an IN may be evaluated for every row
        first = picks.cte("first").prefix_with("MATERIALIZED", dialect="postgresql")
        return _take(p.id == first.c.id, picks=picks, leaves_pool=shape.pooled)
    if dialect == "mssql":  # a join looks each row up; an IN may scan the table
        return _take(p.id == picks.subquery("picked").c.id, picks=picks, leaves_pool=shape.pooled)
    return _take(p.id.in_(picks), picks=picks, leaves_pool=shape.pooled)


@lru_cache
def claim_one_change(*, leaves_pool: bool = False) -> Change:
    """Take a process by its id, unless something other than a moment holds it back."""
    return _take(p.id == sa.bindparam("process_id"), p.due_at.is_not(None), leaves_pool=leaves_pool)


@lru_cache
def claim_these_change() -> Change:
    """Take processes by their ids, except those that something other than a moment holds back."""
    return _take(p.id == json_rows(p.id).c.id, p.due_at.is_not(None))


@lru_cache
def claim_these_in_pool_change() -> Change:
    """Take processes by their ids, of those in a pool; compared bare, SQLite would go along all that rest in one."""
    rests = sa.func.coalesce(p.waiting_for, always("")) == always(WAITS)
    return _take(p.id == json_rows(p.id).c.id, rests, leaves_pool=True)


def _take(*which: sa.ColumnElement[bool], picks: sa.Select[int] | None = None, leaves_pool: bool = False) -> Change:
    values = taking() | ({"pool_since": always(None)} if leaves_pool else {})
    return change([*which, due.can_be_claimed()], values, *CLAIM_COLUMNS, picks=picks)


def taking() -> dict[str, sa.ColumnElement[Any]]:
    """Return the column values that a claim sets; the parameters come from a lease."""
    now = sa.bindparam("now", type_=p.updated_at.type)
    return {
        "status": _RUNNING,
        "fence": p.fence + 1,
        "worker": sa.bindparam("worker_name", type_=p.worker.type),
        "lease_ends_at": sa.bindparam("lease_end", type_=p.lease_ends_at.type),
        "step_started_at": now,
        "due_at": always(None),
        "waiting_for": always(None),
        "updated_at": now,
    }


def lease_values(lease: Lease) -> dict[str, object]:
    """Return the parameters of a statement that claims."""
    return {"worker_name": lease.worker, "now": lease.now, "lease_end": lease.ends_at}


def renew(connection: sa.Connection, held: Sequence[tuple[int, int]], *, lease_ends_at: datetime) -> set[int]:
    """Renew leases whose fence is still ours.

    A row that another transaction has locked is skipped: its lease may still be ours.

    Args:
        connection: Inside the caller's transaction.
        held: The (id, fence) of each claim.
        lease_ends_at: The new end of the leases.

    Returns:
        The ids of the processes whose lease was renewed.
    """
    kept = apply(connection, renew_change(), {"rows": pack(sorted(held)), "lease_end": lease_ends_at})
    return {id_ for (id_,) in kept}


@lru_cache
def renew_change() -> Change:
    """Update the end of every lease whose fence is still ours.

    Locked rows are skipped, so that one row that is locked for long costs no other row its lease.
    """
    lease_end = sa.bindparam("lease_end", type_=p.lease_ends_at.type)
    found = change(_still_ours(), {"lease_ends_at": lease_end})
    free = hints.on(sa.select(p.id).where(*_still_ours()), processes, hints.SKIP_LOCKED)
    held = free.with_for_update(skip_locked=True, key_share=True, of=processes).cte("held")
    update = hints.update(processes).where(p.id == held.c.id).values(lease_ends_at=lease_end).returning(p.id)
    return found._replace(update=update, picks=found.picks.with_for_update(skip_locked=True))


def _still_ours() -> list[sa.ColumnElement[bool]]:
    r = json_rows(p.id, p.fence).c
    return [p.id == r.id, p.fence == r.fence, p.status == _RUNNING]


def still_held(connection: sa.Connection, held: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those of the claims, given as (id, fence), that nobody has taken away."""
    return {(id_, fence) for id_, fence in ask(connection, still_held_statement(), {"rows": pack(held)})}


@lru_cache
def still_held_statement() -> sa.Select[int, int]:
    """Select the rows that still carry our fence."""
    return hints.on(sa.select(p.id, p.fence).where(*_still_ours()), processes, hints.SEEK)


def locked_by_others(connection: sa.Connection, ids: Collection[int]) -> set[int]:
    """Return those of the processes whose rows another transaction has locked; wait for none of them."""
    rows = {"rows": pack((id_,) for id_ in sorted(set(ids)))}
    free = {id_ for (id_,) in ask(connection, unlocked_statement(connection.dialect.name), rows)}
    return {id_ for (id_,) in ask(connection, existing_statement(), rows)} - free


@lru_cache
def unlocked_statement(dialect: str) -> sa.Select[int]:
    """Select the rows that nobody has locked, and lock them as an update would."""
    rows = hints.on(_existing(), processes, hints.SKIP_LOCKED)
    of = processes if dialect == "postgresql" else None
    return rows.with_for_update(skip_locked=True, key_share=True, of=of)


@lru_cache
def existing_statement() -> sa.Select[int]:
    """Select all rows that exist, as they were last committed."""
    return hints.on(_existing(), processes, hints.NO_LOCK)


def _existing() -> sa.Select[int]:
    r = json_rows(p.id).c
    found = sa.select(p.id).where(p.id == r.id)
    return found.with_hint(processes, "FORCE INDEX (PRIMARY)", dialect_name="mariadb")


def expired(connection: sa.Connection, *, now: datetime, limit: int) -> list[int]:
    """Return the ids of processes whose lease has ended, the longest ago first, at most `limit`.

    No other column is read.
    """
    return list(connection.execute(expired_statement(), {"now": now, "count": limit}).scalars())


@lru_cache
def expired_statement() -> sa.Select[int]:
    """Select running rows whose lease has ended."""
    found = (
        sa.select(p.id)
        .where(p.lease_ends_at < sa.bindparam("now"), p.status == _RUNNING)
        .order_by(p.lease_ends_at)
        .limit(sa.bindparam("count"))
        .with_for_update(skip_locked=True)  # so that no lease is renewed between this query and what follows from it
    )
    return hints.on(found, processes, hints.SKIP_LOCKED_IN_RANGE)


def held_by(connection: sa.Connection, worker: str) -> list[int]:
    """Return the ids of this worker's running processes, including claims whose commit it never saw confirmed."""
    which = sa.select(p.id).where(p.lease_ends_at.is_not(None), p.worker == worker, p.status == _RUNNING)
    return sorted(connection.execute(which).scalars())


def read(connection: sa.Connection, ids: Collection[int]) -> list[Claim]:
    """Return the claims of those of the processes that are running, in the order of `ids`."""
    which = _claims().where(p.id.in_(sa.bindparam("ids", expanding=True)), p.status == _RUNNING)
    place = {process_id: number for number, process_id in enumerate(ids)}
    found = [Claim(*row) for row in connection.execute(which, {"ids": list(ids)})]
    return sorted(found, key=lambda claim: place[claim.id])


def held(connection: sa.Connection, process_id: int) -> Claim | None:
    """Return the claim of a running process; None when it is not running."""
    row = connection.execute(_claims().where(p.id == process_id, p.status == _RUNNING)).one_or_none()
    return None if row is None else Claim(*row)


def _claims() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*CLAIM_COLUMNS)
