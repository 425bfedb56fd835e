"""Bots: processes that a front end starts, each with what may be given for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.bot_tables import bot_jobs, bots
from process_manager.store.filters import Kinds

b, j = bots.c, bot_jobs.c


def insert(connection: sa.Connection, row: Mapping[str, object]) -> int:
    """Insert a bot and return its id; raise IntegrityError when there is one of its name."""
    key = connection.execute(sa.insert(bots).values(_given(row))).inserted_primary_key
    return int(key[0]) if key is not None else 0


def one(connection: sa.Connection, bot_id: int, *, kinds: Kinds = None, locked: bool = False) -> sa.RowMapping | None:
    """Return a bot, with `locked` locked until the commit; None where there is none of these kinds."""
    which = sa.select(bots).where(b.id == bot_id, *_of_kinds(kinds))
    if locked:
        which = hints.on(which.with_for_update(), bots, hints.LOCK)
    return connection.execute(which).mappings().one_or_none()


def named(connection: sa.Connection, name: str) -> int | None:
    """Return the id of the bot of this name; None where there is none."""
    return connection.execute(sa.select(b.id).where(b.name == name)).scalar()


def page(connection: sa.Connection, *, after: int, limit: int, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return the bots with a higher id, the lowest first, at most `limit`."""
    which = sa.select(bots).where(b.id > after, *_of_kinds(kinds)).order_by(b.id).limit(limit)
    return connection.execute(which).mappings().all()


def change(connection: sa.Connection, bot_id: int, values: Mapping[str, object], *, now: datetime) -> None:
    """Change some columns of a bot, and raise its version."""
    given = {**_given(values), "version": b.version + 1, "changed_at": now}
    changed = sa.update(bots).where(b.id == bot_id).values(given)
    connection.execute(changed)


def has_jobs(connection: sa.Connection, bot_id: int) -> bool:
    """Return whether a job of this bot was ever started."""
    first = sa.select(j.process_id).where(j.bot_id == bot_id).order_by(j.process_id).limit(1)
    return connection.execute(first).scalar() is not None


def delete(connection: sa.Connection, bot_id: int) -> None:
    """Delete a bot that has no jobs."""
    connection.execute(sa.delete(bots).where(b.id == bot_id))


def _given(values: Mapping[str, object]) -> dict[str, object]:
    return {name: sa.null() if value is None else value for name, value in values.items()}


def _of_kinds(kinds: Kinds) -> list[sa.ColumnElement[bool]]:
    return [] if kinds is None else [b.process.in_(sorted(kinds))]
