"""Taking due processes, keeping them, and finding those whose worker is gone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa

from process_manager.database import ask
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.status import Status
from process_manager.store import due, hints
from process_manager.store.column_types import always
from process_manager.store.due import Shape, Wanted
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
    """Who claims, from when, until when."""

    worker: str
    now: datetime
    ends_at: datetime


def claim_due(connection: sa.Connection, wanted: Wanted, lease: Lease, *, limit: int) -> list[Claim]:
    """The processes that are this worker's from now until its lease ends: the longest due first, at most `limit`."""
    if not wanted.ranges or limit < 1:
        return []
    if not wanted.fits:
        return sorted(_gathered(connection, claim_due, wanted, lease, limit), key=lambda claim: claim.id)
    dialect = connection.dialect.name
    values = {**wanted.values(), **lease_values(lease), **due.limits(limit, wanted.shape, dialect)}
    taken = apply(connection, claim_change(wanted.shape, dialect), values)
    return sorted((Claim(*row) for row in taken), key=lambda claim: claim.id)


def due_ids(connection: sa.Connection, wanted: Wanted, lease: Lease, *, limit: int) -> list[int]:
    """The ids of those that `claim_due` would take, of which nothing else is read."""
    if not wanted.ranges or limit < 1:
        return []
    if not wanted.fits:
        return _gathered(connection, due_ids, wanted, lease, limit)
    dialect = connection.dialect.name
    values = {**wanted.values(), "now": lease.now, **due.limits(limit, wanted.shape, dialect)}
    return list(connection.execute(due.picked(wanted.shape, dialect), values).scalars())


def _gathered(
    connection: sa.Connection, take: Callable[..., list[T]], wanted: Wanted, lease: Lease, limit: int
) -> list[T]:
    """What is taken portion by portion of what one statement cannot ask."""
    found: list[T] = []
    for portion in due.longest_first(connection, wanted):
        found += take(connection, portion, lease, limit=limit - len(found))
    return found


def claim_one(connection: sa.Connection, process_id: int, lease: Lease) -> Claim | None:
    """One process whether or not its moment has come; None unless it is at rest and at the head of its lane."""
    taken = apply(connection, claim_one_change(), {**lease_values(lease), "process_id": process_id})
    return Claim(*taken[0]) if taken else None


def claim_these(connection: sa.Connection, ids: Collection[int], lease: Lease) -> list[Claim]:
    """The same of several."""
    rows = {"rows": pack((id_,) for id_ in sorted(ids))}
    return [Claim(*row) for row in apply(connection, claim_these_change(), {**lease_values(lease), **rows})]


@lru_cache
def claim_change(shape: Shape, dialect: str) -> Change:
    """One short index range for each name and version, the longest due of them all taken."""
    picks = due.picked(shape, dialect)
    if dialect == "postgresql":  # once, before anything is changed: an IN may be asked anew for every row
        first = picks.cte("first").prefix_with("MATERIALIZED", dialect="postgresql")
        return _take(p.id == first.c.id, picks=picks)
    if dialect == "mssql":  # each looked up, not found among all that there are
        return _take(p.id == picks.subquery("picked").c.id, picks=picks)
    return _take(p.id.in_(picks), picks=picks)


@lru_cache
def claim_one_change() -> Change:
    """The process by its id, if nothing holds it but a moment."""
    return _take(p.id == sa.bindparam("process_id"), p.due_at.is_not(None))


@lru_cache
def claim_these_change() -> Change:
    """The processes by their ids, those that nothing holds but a moment."""
    return _take(p.id == json_rows(p.id).c.id, p.due_at.is_not(None))


def _take(*which: sa.ColumnElement[bool], picks: sa.Select[int] | None = None) -> Change:
    return change([*which, due.can_be_claimed()], taking(), *CLAIM_COLUMNS, picks=picks)


def taking() -> dict[str, sa.ColumnElement[Any]]:
    """What a claim sets, by the values of a lease."""
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
    """The parameters of a statement that takes."""
    return {"worker_name": lease.worker, "now": lease.now, "lease_end": lease.ends_at}


def renew(connection: sa.Connection, held: Sequence[tuple[int, int]], *, lease_ends_at: datetime) -> set[int]:
    """The ids, of these (id, fence), that are still ours and now held until `lease_ends_at`.

    Those whose rows another transaction holds are passed over: they may be ours as before.
    """
    kept = apply(connection, renew_change(), {"rows": pack(sorted(held)), "lease_end": lease_ends_at})
    return {id_ for (id_,) in kept}


@lru_cache
def renew_change() -> Change:
    """A later end for every lease whose fence is still ours: a row that is held for long costs no other its lease."""
    lease_end = sa.bindparam("lease_end", type_=p.lease_ends_at.type)
    found = change(_still_ours(), {"lease_ends_at": lease_end})
    free = hints.on(sa.select(p.id).where(*_still_ours()), processes, hints.FREE)
    held = free.with_for_update(skip_locked=True, key_share=True, of=processes).cte("held")
    update = hints.update(processes).where(p.id == held.c.id).values(lease_ends_at=lease_end).returning(p.id)
    return found._replace(update=update, picks=found.picks.with_for_update(skip_locked=True))


def _still_ours() -> list[sa.ColumnElement[bool]]:
    r = json_rows(p.id, p.fence).c
    return [p.id == r.id, p.fence == r.fence, p.status == _RUNNING]


def still_held(connection: sa.Connection, held: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of these (id, fence) that nobody has taken away."""
    return {(id_, fence) for id_, fence in ask(connection, still_held_statement(), {"rows": pack(held)})}


@lru_cache
def still_held_statement() -> sa.Select[int, int]:
    """The rows that still carry our fence."""
    return hints.on(sa.select(p.id, p.fence).where(*_still_ours()), processes, hints.SOUGHT)


def locked_by_others(connection: sa.Connection, ids: Collection[int]) -> set[int]:
    """Those of these processes whose rows another transaction holds just now: nobody is waited for."""
    rows = {"rows": pack((id_,) for id_ in sorted(set(ids)))}
    free = {id_ for (id_,) in ask(connection, free_statement(connection.dialect.name), rows)}
    return {id_ for (id_,) in ask(connection, there_statement(), rows)} - free


@lru_cache
def free_statement(dialect: str) -> sa.Select[int]:
    """The rows that nobody holds, locked as an update would lock them."""
    rows = hints.on(_there(), processes, hints.FREE)
    of = processes if dialect == "postgresql" else None
    return rows.with_for_update(skip_locked=True, key_share=True, of=of)


@lru_cache
def there_statement() -> sa.Select[int]:
    """All of them that there are, as they were committed last."""
    return hints.on(_there(), processes, hints.THERE)


def _there() -> sa.Select[int]:
    r = json_rows(p.id).c
    found = sa.select(p.id).where(p.id == r.id)
    return found.with_hint(processes, "FORCE INDEX (PRIMARY)", dialect_name="mariadb")


def expired(connection: sa.Connection, *, now: datetime, limit: int) -> list[int]:
    """The processes whose lease ran out, the longest first, at most `limit`; of their rows nothing else is read."""
    return list(connection.execute(expired_statement(), {"now": now, "count": limit}).scalars())


@lru_cache
def expired_statement() -> sa.Select[int]:
    """Running rows whose lease has ended."""
    found = (
        sa.select(p.id)
        .where(p.lease_ends_at < sa.bindparam("now"), p.status == _RUNNING)
        .order_by(p.lease_ends_at)
        .limit(sa.bindparam("count"))
        .with_for_update(skip_locked=True)  # so that none is renewed between this look and what follows from it
    )
    return hints.on(found, processes, hints.TAKEN)


def held_by(connection: sa.Connection, worker: str) -> list[int]:
    """The processes of this worker, also those of whose commit it never heard."""
    which = sa.select(p.id).where(p.lease_ends_at.is_not(None), p.worker == worker, p.status == _RUNNING)
    return list(connection.execute(which).scalars())


def read(connection: sa.Connection, ids: Collection[int]) -> list[Claim]:
    """The claims that these are under, those that run."""
    which = _claims().where(p.id.in_(sa.bindparam("ids", expanding=True)), p.status == _RUNNING)
    place = {process_id: number for number, process_id in enumerate(ids)}
    found = [Claim(*row) for row in connection.execute(which, {"ids": list(ids)})]
    return sorted(found, key=lambda claim: place[claim.id])


def held(connection: sa.Connection, process_id: int) -> Claim | None:
    """The claim that a running process is under; None when it is not running."""
    which = _claims().where(p.id == process_id, p.status == _RUNNING)
    row = connection.execute(which).one_or_none()
    return None if row is None else Claim(*row)


def _claims() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*CLAIM_COLUMNS)
