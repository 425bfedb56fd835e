"""The order of a list in which people look for what to do: the most urgent first, and of equal ones the oldest.

What has ended comes last, the newest first. Each stretch of the order is read along the index that holds it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.errors import UsageError
from process_manager.lifecycle.status import Status
from process_manager.store import filters
from process_manager.store.column_types import always
from process_manager.store.filters import FEW, IN_TROUBLE, MOVING, Filter
from process_manager.store.tables import processes

p = processes.c

URGENT: Final = (Status.FAILED, Status.UNCERTAIN, Status.QUARANTINED)
ENDED: Final = (Status.REJECTED, Status.ABANDONED, Status.SUCCEEDED, Status.SKIPPED)
RANKS: Final[Sequence[tuple[Status, ...]]] = (*((each,) for each in URGENT), MOVING, ENDED)
"""The statuses in the order of their urgency."""

_RANK: Final = {status: rank for rank, statuses in enumerate(RANKS) for status in statuses}
_LAST: Final = len(RANKS) - 1
_MOVING: Final = RANKS.index(MOVING)


class Place(NamedTuple):
    """Where a process stands in the order."""

    rank: int
    id: int

    def __str__(self) -> str:
        """Return it as it stands in an address."""
        return f"{self.rank}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> Place:
        """Return the place that stands in an address; raise UsageError where it is none."""
        found = re.fullmatch(rf"([0-{_LAST}])-(\d{{1,18}})", text, re.ASCII)
        if found is None:
            raise UsageError(problem=f"{text[:40]!r} in the address is no place in the list. Leave it out.")
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class Reach:
    """A stretch of the order: what follows a place, or what comes before it, the nearest first.

    Attributes:
        place: The place; None for the beginning of the order.
        is_back: Whether what comes before it is asked for.
    """

    place: Place | None = None
    is_back: bool = False


class Places(NamedTuple):
    """Places of processes.

    Attributes:
        found: The places.
        is_crowded: Whether so many processes move that of those the newest come first.
    """

    found: list[Place]
    is_crowded: bool


FIRST: Final = Reach()
"""From the beginning of the order."""


@dataclass(frozen=True, slots=True)
class _Segment:
    """Processes of one rank that one index holds."""

    rank: int
    which: Filter
    is_newest_first: bool = False


def places(connection: sa.Connection, which: Filter, reach: Reach, *, limit: int) -> Places:
    """Return the places of the processes that match, at most `limit`, those nearest to the place of the reach first.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        reach: Where in the order.
        limit: How many, at most.
    """
    if which.ids is not None or which.reference is not None:
        return Places(_among_few(connection, which, reach)[:limit], is_crowded=False)
    segments = [each for each in _segments(connection, which) if _reaches(reach, each.rank)]
    if not segments:
        return Places([], is_crowded=False)
    parts = [_part(number, each, reach, limit) for number, each in enumerate(segments)]
    found = {Place(rank, id_) for rank, id_ in connection.execute(sa.union_all(*parts))}
    backwards = {each.rank for each in segments if each.is_newest_first}
    return Places(_ordered(found, reach, backwards)[:limit], is_crowded=_MOVING in backwards)


def _among_few(connection: sa.Connection, which: Filter, reach: Reach) -> list[Place]:
    """Return the places of processes that are few: all are read, those out of reach left out."""
    statement = filters.that(sa.select(p.id, p.status), which).limit(FEW)
    found = {Place(_RANK[Status(status)], id_) for id_, status in connection.execute(statement)}
    ordered = _ordered(found, Reach(is_back=reach.is_back), {_LAST})
    if reach.place is None:
        return ordered
    return [each for each in ordered if _lies(each, reach, is_newest_first=each.rank == _LAST)]


def _ordered(found: Iterable[Place], reach: Reach, backwards: Collection[int]) -> list[Place]:
    def key(place: Place) -> tuple[int, int]:
        return place.rank, -place.id if place.rank in backwards else place.id

    return sorted(found, key=key, reverse=reach.is_back)


def _lies(each: Place, reach: Reach, *, is_newest_first: bool) -> bool:
    """Return whether a place lies in the reach, which has one."""
    place = reach.place or each
    if each.rank != place.rank:
        return _reaches(reach, each.rank)
    return each.id < place.id if is_newest_first != reach.is_back else each.id > place.id


def _reaches(reach: Reach, rank: int) -> bool:
    if reach.place is None:
        return True
    return rank <= reach.place.rank if reach.is_back else rank >= reach.place.rank


def _segments(connection: sa.Connection, which: Filter) -> list[_Segment]:
    asked = filters.statuses(which) or tuple(Status)
    ranked = [(rank, tuple(str(each) for each in RANKS[rank] if each in asked)) for rank in range(len(RANKS))]
    every = connection.dialect.name == "mariadb"  # its indexes hold every row; one is by status
    found: list[_Segment] = []
    for rank, statuses in ranked:
        if not statuses:
            continue
        if every or (rank == _LAST and set(statuses) <= set(IN_TROUBLE)):
            found += [_Segment(rank, replace(which, status=(each,)), rank == _LAST) for each in statuses]
        elif rank == _MOVING:
            found += _moving(connection, rank, replace(which, status=statuses))
        else:
            found.append(_Segment(rank, replace(which, status=statuses), rank == _LAST))
    return found


def _moving(connection: sa.Connection, rank: int, which: Filter) -> list[_Segment]:
    """Return what moves: no index holds that by age, so those of many are read along the ids, the newest first."""
    few = filters.few(connection, which.status)
    if few is None:
        return [_Segment(rank, which, is_newest_first=True)]
    return [_Segment(rank, replace(which, ids=few))] if few else []


def _part(number: int, segment: _Segment, reach: Reach, limit: int) -> sa.Select[Any]:
    backwards = segment.is_newest_first != reach.is_back
    statement = filters.that(sa.select(always(segment.rank).label("rank"), p.id), segment.which)
    if reach.place is not None and reach.place.rank == segment.rank:
        statement = statement.where(p.id < reach.place.id if backwards else p.id > reach.place.id)
    first = statement.order_by(p.id.desc() if backwards else p.id).limit(limit)
    return sa.select(first.subquery(f"part{number}"))
