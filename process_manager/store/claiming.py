"""Taking due processes, keeping them, and finding those whose worker is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from process_manager.claim import Claim
from process_manager.lifecycle import Status, sources
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import processes

p = processes.c

_CLAIM_COLUMNS = (
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
class Range:
    """The due processes of one name and version that stand at a step which is known here."""

    name: str
    version: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker may take now: the ranges whose gates are open, and channels (none: every one)."""

    ranges: tuple[Range, ...]
    channels: tuple[str, ...] = ()
    but_channels: tuple[str, ...] = ()  # disabled by a switch, as are these keys
    but_keys: tuple[str, ...] = ()

    @property
    def shape(self) -> Shape:
        """What the text of a statement over these depends on."""
        return Shape(len(self.ranges), bool(self.channels), bool(self.but_channels), bool(self.but_keys))


class Shape(NamedTuple):
    """How many ranges a statement asks, and which of the other conditions."""

    ranges: int
    channels: bool = False
    but_channels: bool = False
    but_keys: bool = False


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
    statement = claim_statement(wanted.shape)
    values = {**_values(wanted), **_lease_values(lease), "count": limit}
    return sorted((Claim(*row) for row in connection.execute(statement, values)), key=lambda claim: claim.id)


def claim_one(connection: sa.Connection, process_id: int, lease: Lease) -> Claim | None:
    """One process whether or not its moment has come; None unless it is at rest and at the head of its lane."""
    row = connection.execute(claim_one_statement(), {**_lease_values(lease), "process_id": process_id}).one_or_none()
    return None if row is None else Claim(*row)


@lru_cache
def claim_statement(shape: Shape) -> sa.UpdateBase:
    """One short index range for each name and version, the longest due of them all taken."""
    ranges = [_due_range(number, shape) for number in range(shape.ranges)]
    due = (sa.union_all(*(sa.select(each) for each in ranges)) if shape.ranges > 1 else ranges[0]).alias("due")
    first = sa.select(due.c.id).order_by(due.c.due_at, due.c.id).limit(sa.bindparam("count"))
    return _take(p.id.in_(first))


@lru_cache
def claim_one_statement() -> sa.UpdateBase:
    """The process by its id, if nothing holds it but a moment."""
    return _take(p.id == sa.bindparam("process_id"), p.due_at.is_not(None))


def _due_range(number: int, shape: Shape) -> sa.Subquery:
    due = sa.select(p.id, p.due_at).where(*_conditions(number, shape), p.due_at <= sa.bindparam("now"))
    return due.order_by(p.due_at, p.id).limit(sa.bindparam("count")).subquery(f"range_{number}")


def _conditions(number: int, shape: Shape) -> list[sa.ColumnElement[bool]]:
    conditions = [
        p.name == sa.bindparam(f"name_{number}"),
        p.version == sa.bindparam(f"version_{number}"),
        p.step.in_(sa.bindparam(f"steps_{number}", expanding=True)),
    ]
    if shape.channels:
        conditions.append(p.channel.in_(sa.bindparam("channels", expanding=True)))
    if shape.but_channels:
        conditions.append(p.channel.not_in(sa.bindparam("but_channels", expanding=True)))
    if shape.but_keys:
        others = p.command_key.not_in(sa.bindparam("but_keys", expanding=True))
        conditions.append(sa.or_(p.command_key.is_(None), others))
    return conditions


def _take(*which: sa.ColumnElement[bool]) -> sa.UpdateBase:
    now = sa.bindparam("now", type_=p.updated_at.type)
    return (
        sa.update(processes)
        .where(*which, p.status.in_(sa.literal_column(f"'{status}'") for status in sources("claim")))
        .values(
            status=Status.RUNNING.value,
            fence=p.fence + 1,
            worker=sa.bindparam("worker_name"),
            lease_ends_at=sa.bindparam("lease_end", type_=p.lease_ends_at.type),
            step_started_at=now,
            due_at=None,
            waiting_for=None,
            updated_at=now,
        )
        .returning(*_CLAIM_COLUMNS)
    )


def _values(wanted: Wanted) -> dict[str, object]:
    others = {"channels": wanted.channels, "but_channels": wanted.but_channels, "but_keys": wanted.but_keys}
    values: dict[str, object] = {name: list(value) for name, value in others.items() if value}
    for number, each in enumerate(wanted.ranges):
        values[f"name_{number}"] = each.name
        values[f"version_{number}"] = each.version
        values[f"steps_{number}"] = list(each.steps)
    return values


def _lease_values(lease: Lease) -> dict[str, object]:
    return {"worker_name": lease.worker, "now": lease.now, "lease_end": lease.ends_at}


def next_due(connection: sa.Connection, wanted: Wanted) -> datetime | None:
    """The moment when the next process is due that this worker may take; None when none rests until a moment."""
    if not wanted.ranges:
        return None
    return connection.execute(next_due_statement(wanted.shape), _values(wanted)).scalar()


@lru_cache
def next_due_statement(shape: Shape) -> sa.Select[datetime]:
    """The first entry of each index range."""
    firsts = [_first_due(number, shape) for number in range(shape.ranges)]
    due = (sa.union_all(*(sa.select(each) for each in firsts)) if shape.ranges > 1 else firsts[0]).alias("due")
    return sa.select(sa.func.min(due.c.due_at))


def _first_due(number: int, shape: Shape) -> sa.Subquery:
    first = sa.select(p.due_at).where(*_conditions(number, shape), p.due_at.is_not(None))
    return first.order_by(p.due_at).limit(1).subquery(f"first_{number}")


def renew(connection: sa.Connection, held: Sequence[tuple[int, int]], *, lease_ends_at: datetime) -> set[int]:
    """The ids, of these (id, fence), that are still ours and now held until `lease_ends_at`."""
    rows = connection.execute(renew_statement(), {"rows": pack(held), "lease_end": lease_ends_at})
    return set(rows.scalars())


@lru_cache
def renew_statement() -> sa.UpdateBase:
    """A later end for every lease whose fence is still ours."""
    r = json_rows("id", "fence").c
    return (
        sa.update(processes)
        .where(p.id == r.id, p.fence == r.fence, p.status == Status.RUNNING.value)
        .values(lease_ends_at=sa.bindparam("lease_end", type_=p.lease_ends_at.type))
        .returning(p.id)
    )


def still_held(connection: sa.Connection, held: Sequence[tuple[int, int]]) -> set[int]:
    """The ids, of these (id, fence), that nobody has taken away."""
    return set(connection.execute(still_held_statement(), {"rows": pack(held)}).scalars())


@lru_cache
def still_held_statement() -> sa.Select[int]:
    """The rows that still carry our fence."""
    r = json_rows("id", "fence").c
    return sa.select(p.id).where(p.id == r.id, p.fence == r.fence, p.status == Status.RUNNING.value)


def expired(connection: sa.Connection, *, now: datetime, limit: int) -> list[Claim]:
    """The claims whose lease ran out, the longest first, at most `limit`."""
    return [Claim(*row) for row in connection.execute(expired_statement(), {"now": now, "count": limit})]


@lru_cache
def expired_statement() -> sa.Select[*tuple[Any, ...]]:
    """Running rows whose lease has ended."""
    return (
        _claims()
        .where(p.lease_ends_at < sa.bindparam("now"), p.status == Status.RUNNING.value)
        .order_by(p.lease_ends_at)
        .limit(sa.bindparam("count"))
    )


def held(connection: sa.Connection, process_id: int) -> Claim | None:
    """The claim that a running process is under; None when it is not running."""
    which = _claims().where(p.id == process_id, p.status == Status.RUNNING.value)
    row = connection.execute(which).one_or_none()
    return None if row is None else Claim(*row)


def _claims() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(*_CLAIM_COLUMNS)
