"""Insert new processes, many at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from process_manager.actor import Actor
from process_manager.database import ask
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.pool import WAITS
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import Terms
from process_manager.store.claiming import Lease
from process_manager.store.column_types import moment_text
from process_manager.store.json_rows import Columns, delete_rows, json_rows, number, one_row, pack, spread
from process_manager.store.sqlserver_hints import in_order
from process_manager.store.tables import processes

if TYPE_CHECKING:
    from process_manager.lifecycle.lane_rules import LaneRules


@dataclass(frozen=True, slots=True)
class NewProcess:
    """A process to be inserted."""

    name: str
    version: int
    channel: str
    step: str
    parameters: str  # JSON
    reference: str | None = None
    order_key: str | None = None
    dedup_hash: str | None = None
    dedup_scope: str = "while_open"
    rerun_of: int | None = None
    command_key: str | None = None
    at: datetime | None = None
    in_lane: bool = False  # it rests behind another process of its lane
    terms: Terms = ()  # what it is found by
    lease: Lease | None = None  # it is held from the start under this lease, unless it has to rest
    pool: str | None = None  # where it rests for a seat or a start of the fleet
    lane_rules: LaneRules | None = None  # what its class declares of its lane: it rests there until that is decided
    position: str | None = None  # where it stands in its lane


p = processes.c

_COLUMNS = (
    p.name, p.version, p.channel, p.step, p.parameters, p.reference, p.order_key, p.dedup_hash, p.rerun_of,
    p.command_key, p.status, p.due_at, p.retry_after, p.waiting_for, p.created_at, p.created_by, p.updated_at,
)  # fmt: skip
_HELD_COLUMNS = (p.fence, p.worker, p.lease_ends_at, p.step_started_at)
_CAME_COLUMNS = (p.created_way, p.request_id)
_POOLED_COLUMNS = (p.pool, p.pool_since)
_PLACED_COLUMNS = (p.order_position,)


def insert(connection: sa.Connection, new: Sequence[NewProcess], *, actor: Actor, now: datetime) -> list[int]:
    """Insert processes and return their ids, in the order of `new`.

    Args:
        connection: Inside the caller's transaction.
        new: The processes.
        actor: Who starts them.
        now: The present moment.
    """
    if not new:
        return []
    made = moment_text(now)  # once for all of them
    held = any(each.lease is not None for each in new)
    came = _came(actor)
    pooled = any(each.pool is not None for each in new)
    placed = any(each.position is not None for each in new)
    rows = [
        (
            *_row(each, now=now), made, actor.name, made,
            *(_held(each, now=now) if held else ()), *came, *(_pooled(each, now=now) if pooled else ()),
            *((each.position,) if placed else ()),
        )
        for each in new
    ]  # fmt: skip
    dialect = connection.dialect.name
    is_lone = len(rows) == 1 and dialect == "postgresql"
    shape = {"held": held, "came": bool(came), "pooled": pooled, "placed": placed}
    statement = insert_statement(dialect, **shape, is_lone=is_lone)
    if is_lone:
        columns = _columns(**shape)
        return [id_ for (id_,) in ask(connection, statement, spread(rows[0], columns))]
    numbered = pack((*row, place) for place, row in enumerate(rows))
    return sorted(id_ for (id_,) in ask(connection, statement, {"rows": numbered}))


def _came(actor: Actor) -> tuple[object, ...]:
    """Return the columns that say by which way the starter came; none for code, which starts the most."""
    return () if actor.way == "code" and actor.request_id is None else (actor.way, actor.request_id)


@lru_cache
def insert_statement(  # noqa: PLR0913 - what some of the batch needs, each by name
    dialect: str,
    *,
    held: bool = False,
    came: bool = False,
    pooled: bool = False,
    placed: bool = False,
    is_lone: bool = False,
) -> sa.sql.dml.ReturningInsert[int]:
    """Insert every process of the batch at once, with what some of it needs; ids grow with the rows."""
    columns = _columns(held=held, came=came, pooled=pooled, placed=placed)
    source = one_row(*columns) if is_lone else json_rows(*columns, number("place"))
    rows = sa.select(*(source.c[column.name] for column in columns))
    ordered = rows if is_lone else in_order(rows.order_by(source.c.place), dialect)
    return sa.insert(processes).from_select([column.name for column in columns], ordered).returning(p.id)


def _columns(*, held: bool, came: bool, pooled: bool, placed: bool) -> Columns:
    """Return the columns, with those of a lease, of the starter's way, of a pool, and of a position in a lane."""
    more = (*(_HELD_COLUMNS if held else ()), *(_CAME_COLUMNS if came else ()))
    return (*_COLUMNS, *more, *(_POOLED_COLUMNS if pooled else ()), *(_PLACED_COLUMNS if placed else ()))


def claimed(new: NewProcess, process_id: int) -> Claim | None:
    """Return the claim that the starter holds on a process without a lane; None when the process rests."""
    lease = new.lease
    if lease is None or _rest(new, lease.now)[0] is not Status.RUNNING:
        return None
    return Claim(
        id=process_id,
        name=new.name,
        version=new.version,
        reference=new.reference,
        order_key=new.order_key,
        step=new.step,
        attempts=0,
        attempts_since=None,
        round=1,
        seq=0,
        fence=1,
        crashes=0,
        reruns=None,
        payload=new.parameters,
        dedup_hash=new.dedup_hash,
        step_started_at=lease.now,
        worker=lease.worker,
        channel=new.channel,
        command_key=new.command_key,
        ready_at=new.at,
    )


def take_back(connection: sa.Connection, ids: Collection[int]) -> None:
    """Delete processes that were inserted in this very transaction."""
    connection.execute(take_back_statement(connection.dialect.name), {"rows": pack((id_,) for id_ in ids)})


@lru_cache
def take_back_statement(dialect: str) -> sa.Delete:
    """Delete every process of the batch."""
    return delete_rows(processes, [p.id], dialect)


def _row(new: NewProcess, *, now: datetime) -> tuple[object, ...]:
    """Return the columns of a process, except those that the whole batch shares."""
    status, due_at, waiting_for = _rest(new, now)
    return (
        new.name,
        new.version,
        new.channel,
        new.step,
        new.parameters,
        new.reference,
        new.order_key,
        new.dedup_hash,
        new.rerun_of,
        new.command_key,
        status,
        moment_text(due_at),
        moment_text(new.at),
        waiting_for,
    )


def _held(new: NewProcess, *, now: datetime) -> tuple[object, ...]:
    """Return the columns of a lease; empty ones for a process that nobody holds."""
    if new.lease is None or _rest(new, now)[0] is not Status.RUNNING:
        return 0, None, None, None
    return 1, new.lease.worker, moment_text(new.lease.ends_at), moment_text(new.lease.now)


def _rest(new: NewProcess, now: datetime) -> tuple[Status, datetime | None, str | None]:
    """Return where a new process stands: behind another in its lane, waiting for its moment, held, or due."""
    if new.in_lane:
        return Status.WAITING, None, "lane"
    if new.at is not None and new.at > now:
        return Status.WAITING, new.at, "moment"
    if new.pool is not None:
        return Status.WAITING, _in_pool(now), WAITS
    if new.lease is not None:
        return Status.RUNNING, None, None
    return Status.PENDING, now, None


def _in_pool(now: datetime) -> datetime:
    """Return when what comes into a pool now is due for any worker."""
    from process_manager.lifecycle import pooling

    return pooling.falls_due(now, now.microsecond)


def _pooled(new: NewProcess, *, now: datetime) -> tuple[object, ...]:
    """Return the columns of a pool; empty ones for a process that does not rest in one."""
    return (new.pool, moment_text(now)) if _rest(new, now)[2] == WAITS else (None, None)
