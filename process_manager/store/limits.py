"""The limits and rates of the fleet: lock them, see who holds the seats, and take seats and starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager import serialization
from process_manager.database import ask
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.pace import Pace
from process_manager.lifecycle.pool import WAITS, Pool, pool
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import moment_text
from process_manager.store.insert_new import insert_new, unless_exists
from process_manager.store.json_rows import delete_rows, json_rows, pack
from process_manager.store.limit_tables import is_held, limits, seats
from process_manager.store.tables import processes

MANY: Final = 1_000
"""What may start of limits that no worker has looked for yet."""

_limit, s, p = limits.c, seats.c, processes.c


class Shared(NamedTuple):
    """A limit or a rate, as its row has it."""

    name: str
    period: timedelta | None  # None: it is a limit of seats
    declared: int
    chosen: int | None
    next_at: datetime | None

    @property
    def most(self) -> int:
        """How many there are now: of seats, or of starts in a period."""
        return self.declared if self.chosen is None else self.chosen

    @property
    def pace(self) -> Pace | None:
        """How starts of a rate are spread; None for a limit, and for a rate that lets nothing start."""
        return None if self.period is None or self.most == 0 else Pace(self.period / self.most, self.next_at)


class Declared(NamedTuple):
    """A limit, or with a period a rate, as the code declares it."""

    name: str
    period_ms: int | None
    declared: int
    versions: Mapping[str, int]  # the highest of each class that names it


class Seat(NamedTuple):
    """A seat that was taken, and whether its process still runs that step under that claim."""

    limit_name: str
    process_id: int
    fence: int
    is_held: bool


def declare(connection: sa.Connection, wanted: Iterable[Declared]) -> None:
    """Insert limits and rates that have no row."""
    rows = sorted((*each[:-1], serialization.dumps(each.versions)) for each in wanted)
    connection.execute(declare_statement(connection.dialect.name), {"rows": pack(rows)})


@lru_cache
def declare_statement(dialect: str) -> sa.Insert:
    """Insert a row for each that has none; wait for another transaction that inserts the same one."""
    columns = (_limit.name, _limit.period_ms, _limit.declared, _limit.versions)
    wanted = json_rows(*columns)
    missing = sa.select(wanted).where(unless_exists(_limit.name, limits, _limit.name == wanted.c.name))
    return insert_new(limits, dialect).from_select([column.name for column in columns], missing)


def redeclare(connection: sa.Connection, wanted: Declared) -> None:
    """Change what the code declares of one; what a person chose stays."""
    period_ms = sa.null() if wanted.period_ms is None else wanted.period_ms
    versions = serialization.dumps(wanted.versions)
    values = {"period_ms": period_ms, "declared": wanted.declared, "versions": versions}
    connection.execute(sa.update(limits).where(_limit.name == wanted.name).values(values))


def versions(connection: sa.Connection, names: Collection[str]) -> dict[str, dict[str, int]]:
    """Return the highest version so far of each class that named a limit or a rate; they are locked."""
    rows = sa.select(_limit.name, _limit.versions).where(_limit.name.in_(sorted(names)), _limit.versions.is_not(None))
    return {name: serialization.loads(text) for name, text in connection.execute(rows)}


def hold(connection: sa.Connection, names: Collection[str], *, waits: bool) -> dict[str, Shared]:
    """Lock limits and rates until the transaction ends; without `waits`, skip those that others have locked.

    What is read of the seats afterwards is as it is under the lock.
    """
    statement = hold_statement() if waits else pass_statement()
    found = ask(connection, statement, {"rows": pack((name,) for name in sorted(names))})
    return {row[0]: _shared(*row) for row in found}


@lru_cache
def hold_statement() -> sa.Select[str, int, int, int, datetime]:
    """Lock the rows of limits and rates in sorted order."""
    return _rows(hints.LOCK).with_for_update()


@lru_cache
def pass_statement() -> sa.Select[str, int, int, int, datetime]:
    """Lock the rows of limits and rates and skip those that others have locked: a claim waits for nobody."""
    return _rows(hints.SKIP_LOCKED).with_for_update(skip_locked=True)


def _rows(hint: str) -> sa.Select[str, int, int, int, datetime]:
    wanted = sa.select(json_rows(_limit.name).c.name)
    columns = (_limit.name, _limit.period_ms, _limit.declared, _limit.chosen, _limit.next_at)
    rows = sa.select(*columns).where(_limit.name.in_(wanted)).order_by(_limit.name)
    return hints.on(rows, limits, hint)


def _shared(name: str, period_ms: int | None, declared: int, chosen: int | None, next_at: datetime | None) -> Shared:
    period = None if period_ms is None else timedelta(milliseconds=period_ms)
    return Shared(name, period, declared, chosen, next_at)


def pool_of(connection: sa.Connection, process_id: int, fence: int) -> Pool | None:
    """Return where a process rests for a seat or a start; None unless it does, and has this fence."""
    which = (p.id == process_id, p.fence == fence, p.waiting_for == WAITS)
    key = connection.execute(sa.select(p.pool).where(*which)).scalar()
    return None if key is None else pool(key)


def left(connection: sa.Connection, wanted: Pool, *, now: datetime) -> int:
    """Return how many of a pool could start now, as it looks without a lock."""
    rows = sa.select(_limit.name, _limit.period_ms, _limit.declared, _limit.chosen, _limit.next_at)
    found = [_shared(*row) for row in connection.execute(rows.where(_limit.name.in_(wanted.names)))]
    of_seats = [each for each in found if each.period is None]
    seated = sum(seat.is_held for seat in taken(connection, [each.name for each in of_seats])) if of_seats else 0
    starts = [each.pace.allowed(now) if each.pace else 0 for each in found if each.period is not None]
    return max(0, min([*(each.most - seated for each in of_seats), *starts], default=MANY))


def taken(connection: sa.Connection, names: Collection[str]) -> list[Seat]:
    """Return the seats that were taken of these limits and not yet removed."""
    found = ask(connection, taken_statement(), {"rows": pack((name,) for name in sorted(names))})
    return [Seat(name, process_id, fence, bool(is_held)) for name, process_id, fence, is_held in found]


@lru_cache
def taken_statement() -> sa.Select[str, int, int, int]:
    """Select the seats, each with whether its process may still be at it.

    A process counts until its lease is taken away, not just until that ends: its worker may be late and renew it. One
    whose row somebody is changing counts, too.
    """
    r = json_rows(s.limit_name)
    held = sa.case((sa.or_(p.id.is_(None), is_held()), 1), else_=0).label("held")
    joined = r.join(seats, s.limit_name == r.c.limit_name).outerjoin(processes, p.id == s.process_id)
    found = sa.select(s.limit_name, s.process_id, s.fence, held).select_from(joined)
    return hints.on(hints.on(found.order_by(s.process_id), processes, hints.SEEK_PAST), seats, hints.SEEK)


def remove(connection: sa.Connection, left: Sequence[Seat]) -> None:
    """Remove seats that nobody holds any more."""
    if left:
        rows = {"rows": pack((seat.process_id, seat.fence) for seat in left)}
        connection.execute(remove_statement(connection.dialect.name), rows)


@lru_cache
def remove_statement(dialect: str) -> sa.Delete:
    """Delete seats by the claims under which they were taken."""
    return delete_rows(seats, [s.process_id, s.fence], dialect)


def take(connection: sa.Connection, claims: Iterable[tuple[Claim, str]], *, now: datetime) -> None:
    """Take a seat of the limit named beside each claim; the limit is locked, and has one."""
    at = moment_text(now)
    rows = [(claim.id, claim.fence, limit, claim.step, at) for claim, limit in claims]
    if rows:
        connection.execute(take_statement(), {"rows": pack(rows)})


@lru_cache
def take_statement() -> sa.Insert:
    """Insert every seat of the batch at once."""
    columns = (s.process_id, s.fence, s.limit_name, s.step, s.taken_at)
    return sa.insert(seats).from_select([column.name for column in columns], sa.select(json_rows(*columns)))


def move_on(connection: sa.Connection, moments: Mapping[str, datetime]) -> None:
    """Move on the moment before which no step of a rate may start; the rates are locked."""
    for name, moment in moments.items():
        connection.execute(move_on_statement(), {"which": name, "moment": moment})


@lru_cache
def move_on_statement() -> sa.Update:
    """Update the next moment of one rate."""
    moment = sa.bindparam("moment", type_=_limit.next_at.type)
    return sa.update(limits).where(_limit.name == sa.bindparam("which", type_=_limit.name.type)).values(next_at=moment)
