"""Find the pools in which anything rests, and make due what rests in one that nobody asks for any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.database import ask
from process_manager.lifecycle.pool import WAITS
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.json_rows import given_ids, json_rows, pack
from process_manager.store.tables import processes

p = processes.c

FEW: Final = 500
"""The most processes that are made due at once."""


class PoolPlace(NamedTuple):
    """A pool in which processes of a name and version rest."""

    name: str
    version: int
    pool: str


def places(connection: sa.Connection, kinds: Collection[tuple[str, int]]) -> Iterator[PoolPlace]:
    """Yield the pools in which anything of these names and versions rests: one index entry is read for each."""
    after = [(name, version, "") for name, version in sorted(kinds)]
    while after:
        rows = ask(connection, next_places_statement(connection.dialect.name), {"rows": pack(after)})
        after = [(name, version, pool) for name, version, pool in rows if pool is not None]
        yield from (PoolPlace(*each) for each in after)


@lru_cache
def next_places_statement(dialect: str) -> sa.Select[str, int, str]:
    """Select the next pool of each name and version after the one that is given; of the last there is none."""
    r = json_rows(p.name, p.version, p.pool)
    mine = (p.waiting_for == always(WAITS), p.name == r.c.name, p.version == r.c.version, p.pool > r.c.pool)
    following = hints.on(sa.select(p.pool).where(*mine), processes, hints.SEEK_PAST)
    first = hints.in_order(following.order_by(p.pool).limit(1), dialect)
    return sa.select(r.c.name, r.c.version, first.scalar_subquery().label("following"))


def make_due(connection: sa.Connection, place: PoolPlace, *, now: datetime) -> int:
    """Make a few due that rest there, the longest resting first, and return their number; wait for no lock."""
    ids = list(connection.execute(resting_statement(), {**place._asdict(), "now": now, "count": FEW}).scalars())
    if ids:
        which = (p.id.in_(given_ids(ids)), p.waiting_for == always(WAITS))
        connection.execute(hints.update(processes).where(*which).values(due_at=now, updated_at=now))
    return len(ids)


@lru_cache
def resting_statement() -> sa.Select[int]:
    """Select and lock the longest resting of a pool that are not yet due."""
    of_place = [p[name] == sa.bindparam(name, type_=p[name].type) for name in PoolPlace._fields]
    later = p.due_at > sa.bindparam("now", type_=p.due_at.type)
    found = sa.select(p.id).where(p.waiting_for == always(WAITS), *of_place, later).order_by(p.pool_since, p.id)
    count = sa.bindparam("count", type_=sa.Integer())
    return hints.on(found.limit(count).with_for_update(skip_locked=True), processes, hints.SKIP_LOCKED_IN_RANGE)
