"""Queries for batches: one act on many processes, done wave by wave by whoever holds its lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.batch_tables import batch_items, batches
from process_manager.store.filters import Kinds
from process_manager.store.guarded_update import in_portions
from process_manager.store.json_rows import given_ids, json_rows, number, pack
from process_manager.store.tables import processes

b, i, p = batches.c, batch_items.c, processes.c


class Holding(NamedTuple):
    """A batch under the lease of a runner, as long as it has this fence."""

    id: int
    fence: int


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> int:
    """Insert a batch, and return its id."""
    (made,) = connection.execute(sa.insert(batches).values(row)).inserted_primary_key or (0,)
    return int(made)


def choose(connection: sa.Connection, batch_id: int, ids: Sequence[int]) -> int:
    """Insert these processes as the items of a batch, as they stand, and return how many there are."""
    chosen = 0
    so_far = sa.select(sa.func.coalesce(sa.func.max(i.number), 0)).where(i.batch_id == batch_id)
    for some in in_portions(sorted(set(ids))):
        place = (sa.func.row_number().over(order_by=p.id) + sa.literal(chosen)).label("number")
        found = sa.select(sa.literal(batch_id).label("batch_id"), place, p.id, p.seq, p.step)
        found = hints.on(found.where(p.id.in_(given_ids(some))), processes, hints.SEEK)
        names = ["batch_id", "number", "process_id", "seq", "step"]
        connection.execute(sa.insert(batch_items).from_select(names, found))
        chosen = int(connection.execute(so_far).scalar_one())
    return chosen


def counts_among(connection: sa.Connection, ids: Sequence[int]) -> dict[tuple[str, str], int]:
    """Count these processes by their name and status."""
    counted: dict[tuple[str, str], int] = {}
    for some in in_portions(sorted(set(ids))):
        found = sa.select(p.name, p.status, sa.func.count()).where(p.id.in_(given_ids(some)))
        for name, status, count in connection.execute(
            hints.on(found.group_by(p.name, p.status), processes, hints.SEEK)
        ):
            counted[name, status] = counted.get((name, status), 0) + count
    return counted


def one(connection: sa.Connection, batch_id: int) -> sa.RowMapping | None:
    """Return a batch; None when there is no such batch."""
    return connection.execute(sa.select(batches).where(b.id == batch_id)).mappings().one_or_none()


def page(
    connection: sa.Connection, *, limit: int, below: int | None = None, kinds: Kinds = None, actor: str | None = None
) -> Sequence[sa.RowMapping]:
    """Return batches, the newest first: all, or those of some kinds and those that somebody started."""
    statement = sa.select(batches).order_by(b.id.desc()).limit(limit)
    if below is not None:
        statement = statement.where(b.id < below)
    if kinds is not None:
        statement = statement.where(sa.or_(b.name.in_(sorted(kinds)), b.actor == (actor or "")))
    return connection.execute(statement).mappings().all()


def items(
    connection: sa.Connection, batch_id: int, *, after: int, limit: int, result: str | None = None
) -> Sequence[sa.RowMapping]:
    """Return items of a batch in their order, each with how its process stands now."""
    columns = (*batch_items.columns, p.name, p.reference, p.status)
    statement = sa.select(*columns).select_from(batch_items.outerjoin(processes, p.id == i.process_id))
    statement = statement.where(i.batch_id == batch_id, i.number > after, *([] if not result else [i.result == result]))
    return connection.execute(statement.order_by(i.number).limit(limit)).mappings().all()


def open_ids(connection: sa.Connection, *, now: datetime) -> list[int]:
    """Return the batches of which something is left to do, and that nobody holds."""
    is_free = sa.or_(b.lease_ends_at.is_(None), b.lease_ends_at <= now)
    return list(connection.execute(sa.select(b.id).where(b.finished_at.is_(None), is_free).order_by(b.id)).scalars())


def take(
    connection: sa.Connection, batch_id: int, *, runner: str, now: datetime, lease_ends_at: datetime
) -> Holding | None:
    """Take a batch that nobody holds; None when somebody was quicker."""
    is_free = sa.or_(b.lease_ends_at.is_(None), b.lease_ends_at <= now)
    taken = sa.update(batches).where(b.id == batch_id, b.finished_at.is_(None), is_free)
    values = {"runner": runner, "lease_ends_at": lease_ends_at, "fence": b.fence + 1}
    if not connection.execute(taken.values(values)).rowcount:
        return None
    return Holding(batch_id, int(connection.execute(sa.select(b.fence).where(b.id == batch_id)).scalar_one()))


def change(connection: sa.Connection, holding: Holding, values: Mapping[str, Any]) -> bool:
    """Change a batch, which locks it, and return whether it is still held and nothing has ended it."""
    held = sa.update(batches).where(b.id == holding.id, b.fence == holding.fence, b.finished_at.is_(None))
    return bool(connection.execute(held.values(values)).rowcount)


def end(connection: sa.Connection, batch_id: int, *, ending: str, by: str, now: datetime) -> bool:
    """End a batch whoever holds it, and return whether something was left to do."""
    ended = sa.update(batches).where(b.id == batch_id, b.finished_at.is_(None))
    return bool(connection.execute(ended.values(ending=ending, ended_by=by, finished_at=now)).rowcount)


def following(connection: sa.Connection, batch_id: int, *, after: int, limit: int) -> Sequence[sa.RowMapping]:
    """Return the items after this one."""
    statement = sa.select(batch_items).where(i.batch_id == batch_id, i.number > after)
    return connection.execute(statement.order_by(i.number).limit(limit)).mappings().all()


def unchanged(connection: sa.Connection, batch_id: int, numbers: tuple[int, int]) -> set[int]:
    """Return the processes of items between two numbers that have not changed since they were chosen."""
    same = sa.and_(p.id == i.process_id, p.seq == i.seq)
    joined = sa.select(p.id).join_from(batch_items, processes, same)
    return set(connection.execute(joined.where(i.batch_id == batch_id, i.number.between(*numbers))).scalars())


def note(connection: sa.Connection, batch_id: int, wave: int, results: Sequence[tuple[int, str, str | None]]) -> None:
    """Write what became of items, each by its number."""
    r = json_rows(number("number"), i.result, i.message).c
    mine = (i.batch_id == batch_id, i.number == r.number)
    noted = hints.update(batch_items).where(*mine).values(result=r.result, message=r.message, wave=wave)
    connection.execute(noted, {"rows": pack(results)})


def standing(connection: sa.Connection, batch_id: int, wave: int, *, after: int) -> Sequence[sa.RowMapping]:
    """Return how the processes stand to which it was done in a wave; its items come after this number."""
    columns = (p.id, p.status, p.step, i.step.label("acted_at"))
    statement = sa.select(*columns).join_from(batch_items, processes, p.id == i.process_id)
    of_wave = (i.batch_id == batch_id, i.number > after, i.wave == wave, i.result == "done")
    return connection.execute(statement.where(*of_wave)).mappings().all()


def ended(connection: sa.Connection, *, before: datetime) -> int | None:
    """Return the oldest batch that ended before a moment; None when there is none."""
    which = sa.select(b.id).where(b.finished_at.is_not(None), b.finished_at < before).order_by(b.id).limit(1)
    return connection.execute(which).scalar()


def delete(connection: sa.Connection, batch_id: int, *, most: int) -> bool:
    """Delete at most so many items of a batch, and return whether nothing was left, so that it is deleted, too."""
    numbers = sa.select(i.number).where(i.batch_id == batch_id).order_by(i.number).limit(most)
    some = connection.execute(numbers).scalars().all()
    if some:
        connection.execute(sa.delete(batch_items).where(i.batch_id == batch_id, i.number <= some[-1]))
    if len(some) == most:
        return False
    connection.execute(sa.delete(batches).where(b.id == batch_id))
    return True
