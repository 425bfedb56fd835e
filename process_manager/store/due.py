"""Select what is due that a worker may take: one short index range for each name and version, the longest due first.

A worker that takes only some channels has a range for each channel: rows of other channels are not read, however many
are due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.pool import WAITS
from process_manager.lifecycle.status import sources
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.tables import processes

p = processes.c

_SLACK: Final = 4
"""How many times the wanted number of rows each range offers: other workers may be taking the first ones."""

_LOCK_IN_RANGES: Final = ("sqlite", "mssql")
"""Databases that lock a row as they read it, or need no lock: their ranges need offer no more rows than are wanted."""

MOST_RANGES: Final = 200
MOST_VALUES: Final = 10_000
"""The limits of one statement: SQLite allows unions of 500 parts and 32,766 parameters, SQL Server 2,100 parameters."""


@dataclass(frozen=True, slots=True)
class Range:
    """The due processes of one name and version whose step this worker knows."""

    name: str
    version: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """What a worker may take now: the ranges whose gates are open, in these channels (none means every channel)."""

    ranges: tuple[Range, ...]
    channels: tuple[str, ...] = ()
    excluded_channels: tuple[str, ...] = ()  # disabled by a switch, as are these keys
    excluded_keys: tuple[str, ...] = ()
    pool: str | None = None  # what rests in this pool is taken, instead of what is due

    @property
    def shape(self) -> Shape:
        """Return what the text of a statement for these ranges depends on."""
        others = (bool(self.channels), bool(self.excluded_channels), bool(self.excluded_keys))
        return Shape(self._parts, *others, pooled=self.pool is not None)

    @property
    def fits(self) -> bool:
        """Return whether a single statement can query all of it."""
        others = bool(self.channels) + len(self.excluded_channels) + len(self.excluded_keys)
        values = max(1, len(self.channels)) * sum(len(each.steps) + others for each in self.ranges)
        return self._parts < 2 or (self._parts <= MOST_RANGES and values <= MOST_VALUES)

    @property
    def _parts(self) -> int:
        return len(self.ranges) * max(1, len(self.channels))

    def portions(self) -> list[ClaimRequest]:
        """Split the ranges into portions that each fit one statement."""
        return [self] if self.fits else [portion for half in self._halves() for portion in half.portions()]

    def _halves(self) -> tuple[ClaimRequest, ClaimRequest]:
        if len(self.ranges) > 1:
            half = len(self.ranges) // 2
            return replace(self, ranges=self.ranges[:half]), replace(self, ranges=self.ranges[half:])
        half = len(self.channels) // 2
        return replace(self, channels=self.channels[:half]), replace(self, channels=self.channels[half:])

    def values(self) -> dict[str, object]:
        """Return the parameters of a statement for these ranges: each range once for each channel."""
        others = {"excluded_channels": self.excluded_channels, "excluded_keys": self.excluded_keys}
        values: dict[str, object] = {name: list(value) for name, value in others.items() if value}
        if self.pool is not None:
            values["of_pool"] = self.pool
        for number, (each, channel) in enumerate(product(self.ranges, self.channels or (None,))):
            values[f"name_{number}"] = each.name
            values[f"version_{number}"] = each.version
            values[f"steps_{number}"] = list(each.steps)
            if channel is not None:
                values[f"channel_{number}"] = channel
        return values


class Shape(NamedTuple):
    """How many ranges a statement has, whether each is for one channel, and which of the other conditions."""

    ranges: int
    channels: bool = False
    excluded_channels: bool = False
    excluded_keys: bool = False
    pooled: bool = False

    @property
    def since(self) -> sa.Column[Any]:
        """The column by which a range is ordered, and since when a row of it has been waiting."""
        return p.pool_since if self.pooled else p.due_at


def can_be_claimed() -> sa.ColumnElement[bool]:
    """Return the condition that every claim checks again: a row may have changed since it was picked."""
    return p.status.in_(always(status) for status in sources("claim"))


def picked(shape: Shape, dialect: str) -> sa.Select[int]:
    """Select the ids of the longest due rows, at most `count`.

    On a server they are locked, and rows that others have locked are skipped.
    """
    count = sa.bindparam("count", type_=sa.Integer())
    if _is_plain(shape, dialect):
        return (
            _due(0, shape, dialect)
            .where(can_be_claimed())
            .limit(count)
            .with_for_update(skip_locked=True, key_share=True)
        )
    due = _union(_due_range(number, shape, dialect) for number in range(shape.ranges))
    if dialect in _LOCK_IN_RANGES:
        return _first(sa.select(due.c.id).order_by(due.c.due_at, due.c.id), count, dialect)
    return (
        sa.select(p.id)
        .join_from(due, processes, p.id == due.c.id)
        .where(can_be_claimed(), *_still(shape))
        .order_by(due.c.due_at, due.c.id)
        .limit(count)
        .with_for_update(skip_locked=True, key_share=True, of=processes if dialect == "postgresql" else None)
    )


def _still(shape: Shape) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition of the range that a row meets no more once somebody else has taken it."""
    return _in_pool() if shape.pooled else (p.due_at <= sa.bindparam("now", type_=p.due_at.type),)


def _in_pool() -> tuple[sa.ColumnElement[bool], ...]:
    return p.waiting_for == always(WAITS), p.pool == sa.bindparam("of_pool", type_=p.pool.type)


def _is_plain(shape: Shape, dialect: str) -> bool:
    """Return whether PostgreSQL can lock the rows as it reads them: it can for one range, but not before a sort."""
    return dialect == "postgresql" and shape.ranges == 1


def _due_range(number: int, shape: Shape, dialect: str) -> sa.Subquery:
    due = _due(number, shape, dialect).add_columns(shape.since.label("due_at"))
    due = hints.on(due, processes, hints.SKIP_LOCKED_IN_RANGE)
    limit = sa.bindparam("count" if dialect in _LOCK_IN_RANGES else "offered", type_=sa.Integer())
    return _first(due, limit, dialect).subquery(f"range_{number}")


def ranges(shape: Shape, dialect: str) -> Iterator[sa.Select[int]]:
    """Yield the due rows of each range, those first that have been due longest; none is locked."""
    for number in range(shape.ranges):
        yield _due(number, shape, dialect)


def _due(number: int, shape: Shape, dialect: str) -> sa.Select[int]:
    conditions = (*_conditions(number, shape, dialect), *_still(shape))
    return sa.select(p.id).where(*conditions).order_by(shape.since, p.id)


def _first(rows: sa.Select[*tuple[Any, ...]], limit: sa.BindParameter[int], dialect: str) -> sa.Select[Any]:
    return hints.in_order(rows.limit(limit), dialect)


def limits(count: int, shape: Shape, dialect: str) -> dict[str, int]:
    """Return the parameters for the number of rows wanted, and for the number that each range offers."""
    locks_at_once = dialect in _LOCK_IN_RANGES or _is_plain(shape, dialect)
    return {"count": count} if locks_at_once else {"count": count, "offered": count * _SLACK}


def _union(ranges: Iterable[sa.Subquery]) -> sa.FromClause:
    selects = [sa.select(each) for each in ranges]
    return (sa.union_all(*selects) if len(selects) > 1 else selects[0]).alias("due")


def _conditions(number: int, shape: Shape, dialect: str) -> list[sa.ColumnElement[bool]]:
    conditions = [*_of_range(number, dialect), _is_one_of(p.step, f"steps_{number}", dialect)]
    if shape.channels:
        conditions.append(p.channel == sa.bindparam(f"channel_{number}", literal_execute=dialect == "mssql"))
    if shape.excluded_channels:
        conditions.append(sa.not_(_is_one_of(p.channel, "excluded_channels", dialect)))
    if shape.excluded_keys:
        others = sa.not_(_is_one_of(p.command_key, "excluded_keys", dialect))
        conditions.append(sa.or_(p.command_key.is_(None), others))
    return conditions


def _of_range(number: int, dialect: str) -> list[sa.ColumnElement[bool]]:
    literal = dialect == "mssql"
    return [
        p.name == sa.bindparam(f"name_{number}", literal_execute=literal),
        p.version == sa.bindparam(f"version_{number}", literal_execute=literal),
    ]


def _is_one_of(column: sa.Column[Any], parameter: str, dialect: str) -> sa.ColumnElement[bool]:
    """Return the condition that the column is one of a list.

    PostgreSQL takes the list as one parameter, so that the text is the same for every length. SQL Server allows few
    parameters, so there the list stands in the text, as do names and versions: a worker always has the same set.
    """
    if dialect == "postgresql":
        return column == sa.any_(sa.bindparam(parameter, type_=sa.ARRAY(sa.UnicodeText())))
    return column.in_(sa.bindparam(parameter, expanding=True, literal_execute=dialect == "mssql"))


def longest_first(connection: sa.Connection, request: ClaimRequest) -> list[ClaimRequest]:
    """Return the portions that have a process resting until a moment, the one with the longest due process first."""
    firsts = [(next_due(connection, each), each) for each in request.portions()]
    found = [(first, each) for first, each in firsts if first is not None]
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def next_due(connection: sa.Connection, request: ClaimRequest) -> datetime | None:
    """Return the moment when the next process that this worker may take is due.

    Returns:
        The moment, or None when no such process rests until a moment.
    """
    if not request.ranges:
        return None
    if not request.fits:
        firsts = (next_due(connection, each) for each in request.portions())
        return min((first for first in firsts if first is not None), default=None)
    statement = next_due_statement(request.shape, connection.dialect.name)
    return connection.execute(statement, request.values()).scalar()


@lru_cache
def next_due_statement(shape: Shape, dialect: str) -> sa.Select[datetime]:
    """Select the earliest moment among the first entries of all index ranges."""
    due = _union(_first_due(number, shape, dialect) for number in range(shape.ranges))
    return sa.select(sa.func.min(due.c.due_at))


def _first_due(number: int, shape: Shape, dialect: str) -> sa.Subquery:
    rests = _in_pool() if shape.pooled else (p.due_at.is_not(None),)
    first = sa.select(shape.since.label("due_at")).where(*_conditions(number, shape, dialect), *rests)
    first = hints.on(first, processes, hints.READ_PAST)
    return first.order_by(shape.since).limit(1).subquery(f"first_{number}")


def channels(connection: sa.Connection, request: ClaimRequest, *, most: int) -> tuple[str, ...] | None:
    """Return the channels in which anything of these rests until a moment; None when there are more than `most`."""
    found = [""]
    while len(found) <= most + 1:
        following = min(_next_channels(connection, request, found[-1]), default=None)
        if following is None:
            return tuple(found[1:])
        found.append(following)
    return None


def _next_channels(connection: sa.Connection, request: ClaimRequest, after: str) -> Iterator[str]:
    for each in request.portions() if request.ranges else ():
        statement = next_channel_statement(len(each.ranges), connection.dialect.name)
        following = connection.execute(statement, {**each.values(), "after": after}).scalar()
        if following is not None:
            yield following


@lru_cache
def next_channel_statement(ranges: int, dialect: str) -> sa.Select[str]:
    """Select the first channel in the index after a given one; on MariaDB its only processes may have ended."""
    following = _union(_first_channel(number, dialect) for number in range(ranges))
    return sa.select(sa.func.min(following.c.channel))


def _first_channel(number: int, dialect: str) -> sa.Subquery:
    rests = () if dialect == "mariadb" else (p.due_at.is_not(None),)  # MariaDB's index also holds the others
    behind = (*_of_range(number, dialect), p.channel > sa.bindparam("after", type_=p.channel.type))
    first = hints.on(sa.select(p.channel).where(*behind, *rests), processes, hints.READ_PAST)
    return first.order_by(p.channel).limit(1).subquery(f"first_{number}")
