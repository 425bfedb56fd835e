"""Questions to the audit chain; nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.store.audit_chain import audit, audit_head
from process_manager.store.filters import Kinds

a, head = audit.c, audit_head.c

AS_STORED: Final = tuple(sa.type_coerce(a.at, sa.String()).label("at") if each is a.at else each for each in a)
"""Every column, the moment as the driver has it: one that somebody wrote into the table may be none."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows of the chain to list; a field that is None sets no condition."""

    actor: str | None = None
    act: str | None = None
    name: str | None = None
    process_id: int | None = None
    result: str | None = None
    since: datetime | None = None
    until: datetime | None = None  # exclusive, as the end of every stretch of time
    below: int | None = None  # only lower numbers: where the page before ended
    kinds: Kinds = None  # only these names: those that whoever asks may see


def page(connection: sa.Connection, which: AuditFilter, *, limit: int) -> Sequence[sa.RowMapping]:
    """Return the newest rows that match, at most `limit`."""
    statement = sa.select(audit).where(*_conditions(which)).order_by(a.number.desc()).limit(limit)
    return connection.execute(statement).mappings().all()


def _conditions(which: AuditFilter) -> list[sa.ColumnElement[bool]]:
    exact = {
        a.actor: which.actor,
        a.act: which.act,
        a.name: which.name,
        a.process_id: which.process_id,
        a.result: which.result,
    }
    found = [column == value for column, value in exact.items() if value is not None]
    if which.since is not None:
        found.append(a.at >= which.since)
    if which.until is not None:
        found.append(a.at < which.until)
    if which.below is not None:
        found.append(a.number < which.below)
    return found if which.kinds is None else [*found, a.name.in_(sorted(which.kinds))]


def end(connection: sa.Connection) -> tuple[int, str] | None:
    """Return the number and hash of the newest row as the chain's end says them; None where that row is gone."""
    row = connection.execute(sa.select(head.number, head.hash).where(head.id == 1)).one_or_none()
    return None if row is None else (row.number, row.hash)


def edges(connection: sa.Connection) -> tuple[int | None, int | None]:
    """Return the lowest and the highest number that a row has."""
    lowest, highest = (connection.execute(sa.select(edge(a.number))).scalar() for edge in (sa.func.min, sa.func.max))
    return lowest, highest


def after(connection: sa.Connection, number: int, *, until: int, limit: int) -> Sequence[sa.RowMapping]:
    """Return the rows that come after a number, in order, at most `limit` of them."""
    given = {"after": number, "until": until, "limit": limit}
    return connection.execute(_after(), given).mappings().all()


def numbers_after(connection: sa.Connection, number: int, *, until: int, limit: int) -> Sequence[int]:
    """Return their numbers alone."""
    statement = sa.select(a.number).where(a.number > number, a.number <= until).order_by(a.number).limit(limit)
    return connection.execute(statement).scalars().all()


def one(connection: sa.Connection, number: int) -> sa.RowMapping | None:
    """Return one row as it is stored; None where there is none."""
    return connection.execute(sa.select(*AS_STORED).where(a.number == number)).mappings().one_or_none()


def hash_at(connection: sa.Connection, number: int) -> str | None:
    """Return the hash of one row; None where there is none."""
    return connection.execute(sa.select(a.hash).where(a.number == number)).scalar()


@lru_cache
def _after() -> sa.Select[*tuple[Any, ...]]:
    between = (a.number > sa.bindparam("after"), a.number <= sa.bindparam("until"))
    limit = sa.bindparam("limit", type_=sa.Integer)
    return sa.select(*AS_STORED).where(*between).order_by(a.number).limit(limit)


def ways(connection: sa.Connection, process_id: int) -> Mapping[int, sa.RowMapping]:
    """Return how those came who acted on a process, by the row of its history."""
    statement = sa.select(a.seq, a.way, a.address, a.request_id).where(a.process_id == process_id, a.seq.is_not(None))
    return {row["seq"]: row for row in connection.execute(statement).mappings()}
