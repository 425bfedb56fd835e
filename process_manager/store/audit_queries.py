"""Questions to the audit chain; nothing here writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager.store.audit_chain import audit, audit_head
from process_manager.store.column_types import moment_text
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
    target: str | None = None
    result: str | None = None
    since: datetime | None = None
    until: datetime | None = None  # exclusive, as the end of every stretch of time
    below: int | None = None  # only lower numbers: where the page before ended
    kinds: Kinds = None  # only these names: those that whoever asks may see


def page(connection: sa.Connection, which: AuditFilter, *, limit: int) -> Sequence[sa.RowMapping]:
    """Return the newest rows that match, at most `limit`."""
    statement = sa.select(*AS_STORED).where(*_conditions(which)).order_by(a.number.desc()).limit(limit)
    return connection.execute(statement).mappings().all()


def _conditions(which: AuditFilter) -> list[sa.ColumnElement[bool]]:
    exact = {
        a.actor: which.actor,
        a.act: which.act,
        a.name: which.name,
        a.process_id: which.process_id,
        a.target: which.target,
        a.result: which.result,
    }
    found = [column == value for column, value in exact.items() if value is not None]
    if which.since is not None:
        found.append(a.at >= which.since)
    if which.until is not None:
        found.append(a.at < which.until)
    if which.below is not None:
        found.append(a.number < which.below)
    return [*found, *_of_kinds(which.kinds)]


def _of_kinds(kinds: Kinds) -> list[sa.ColumnElement[bool]]:
    return [] if kinds is None else [a.name.in_(sorted(kinds))]


def end(connection: sa.Connection) -> tuple[int, str] | None:
    """Return the number and hash of the newest row as the chain's end says them; None where that row is gone."""
    row = connection.execute(sa.select(head.number, head.hash).where(head.id == 1)).one_or_none()
    return None if row is None else (row.number, row.hash)


def edges(connection: sa.Connection) -> tuple[int | None, int | None]:
    """Return the lowest and the highest number that a row has."""
    parts = (sa.select(edge(a.number)).scalar_subquery() for edge in (sa.func.min, sa.func.max))
    lowest, highest = connection.execute(sa.select(*parts)).one()
    return lowest, highest


def after(
    connection: sa.Connection, number: int, *, limit: int, until: int | None = None, kinds: Kinds = None
) -> Sequence[sa.RowMapping]:
    """Return the rows that come after a number, in order, as they are stored."""
    between = [a.number > number, *([] if until is None else [a.number <= until]), *_of_kinds(kinds)]
    return connection.execute(sa.select(*AS_STORED).where(*between).order_by(a.number).limit(limit)).mappings().all()


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


def columns(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the row as its JSON has it: with the moment as text."""
    stored = row["at"]
    return {**row, "at": stored if isinstance(stored, str) else moment_text(moment(stored))}


def moment(stored: object) -> datetime | None:
    """Return the moment that is stored; None for what is none."""
    if isinstance(stored, str):
        try:
            return datetime.strptime(stored, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
        except ValueError:
            return None
    if not isinstance(stored, datetime):
        return None
    return stored.astimezone(UTC) if stored.tzinfo else stored.replace(tzinfo=UTC)


def ways(connection: sa.Connection, process_id: int) -> Mapping[int, Mapping[str, Any]]:
    """Return how those came who acted on a process, by the row of its history that tells of it."""
    statement = sa.select(a.seq, a.way, a.request_id).where(a.process_id == process_id, a.seq.is_not(None))
    return {row.seq: {"way": row.way, "request_id": row.request_id} for row in connection.execute(statement)}
