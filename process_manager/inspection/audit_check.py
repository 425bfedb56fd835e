"""Whether the audit chain is as it was written: its rows are read in order, and the hash of each is made again.

It finds what is left by whoever does not make the hashes anew. Who writes all of the chain anew, or cuts it and moves
its end back, is found out by a number and a hash that were noted elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.inspection.findings import Finding, listed, ok, problem
from process_manager.message import Message
from process_manager.store import audit_queries
from process_manager.store.audit_chain import START, hash_of

Row = sa.RowMapping | Mapping[str, Any]

PORTION: Final = 1_000
"""How many rows are read at once."""

MOST: Final = 100
"""How many flaws are told; further ones are counted."""

NEWEST: Final = 10_000
"""How many rows `doctor` checks."""


class FlawKind(StrEnum):
    """What is wrong with a row."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    UNCHECKED = "unchecked"
    CUT = "cut"
    BEHIND = "behind"
    END = "end"
    NOTED = "noted"


_SAID: Final[Mapping[FlawKind, str]] = {
    FlawKind.ALTERED: Message("not as written: altered, put in or moved"),
    FlawKind.MISSING: Message("gone"),
    FlawKind.INSERTED: Message("put in there was one whose number is none: they are 1, 2, 3 …"),
    FlawKind.UNCHECKED: Message("unchecked: the row before is gone or cannot be read"),
    FlawKind.CUT: Message("gone from the end"),
    FlawKind.BEHIND: Message("behind the end of the chain"),
    FlawKind.END: Message("not the row that the end of the chain names"),
    FlawKind.NOTED: Message("not the row that was noted: the chain was written anew, or cut"),
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Rows that are not as they were written.

    Attributes:
        what: What is wrong with them.
        first: The number of the first.
        last: The number of the last.
    """

    what: FlawKind
    first: int
    last: int

    def __str__(self) -> str:
        return str(self.told)

    @property
    def told(self) -> Message:
        """What is wrong with which rows."""
        said = _SAID[self.what]
        if self.first == self.last:
            return Message("row %(number)s: %(flaw)s", number=self.first, flaw=said)
        return Message("rows %(first)s to %(last)s: %(flaw)s", first=self.first, last=self.last, flaw=said)


@dataclass(frozen=True, slots=True)
class Checked:
    """How the chain stands.

    Attributes:
        first: The first number that was checked.
        newest: The number of its newest row.
        hash: The hash of that row: note both where nobody can change them.
        flaws: What is wrong; of much, the first hundred.
        more: How many flaws there are besides.
    """

    first: int
    newest: int
    hash: str
    flaws: tuple[Flaw, ...] = ()
    more: int = 0

    @property
    def sound(self) -> list[tuple[int, int]]:
        """The ranges of rows that are as they were written; of those behind flaws that are not told, none."""
        ranges, begin = [], self.first
        for flaw in sorted((each for each in self.flaws if each.what in _OF_ROWS), key=lambda each: each.first):
            ranges.append((begin, flaw.first - 1))
            begin = flaw.last + 1
        if not self.more:
            ranges.append((begin, self.newest))
        return [(first, last) for first, last in ranges if first <= last]


_OF_ROWS: Final = frozenset({FlawKind.ALTERED, FlawKind.MISSING, FlawKind.UNCHECKED, FlawKind.CUT})


class _End(NamedTuple):
    """Where the chain ends, as the table of its end says."""

    number: int
    hash: str | None  # None where that table is empty


class _Link(NamedTuple):
    """A row of the chain."""

    number: int
    hash: str | None  # None where it cannot be read
    fits: bool | None = None  # None where the hash before it is not known
    has_no_place: bool = False  # one with a number that is none, behind the row of this number


def verify(connection: sa.Connection, *, most: int | None = None, noted: Iterable[tuple[int, str]] = ()) -> Checked:
    """Check the chain; acts may be added to it meanwhile.

    Args:
        connection: A connection in any transaction.
        most: How many of its newest rows to check; None for all.
        noted: Numbers and hashes that were noted elsewhere: the chain must still have them.

    Returns:
        What is wrong, and where the chain ends.
    """
    end = _end(connection)
    after = 0 if most is None else max(0, end.number - most)
    found = _joined(_flaws(connection, after, end, noted))
    told = tuple(islice(found, MOST))
    return Checked(after + 1, end.number, end.hash or "", told, sum(1 for _ in found))


def begins_at(connection: sa.Connection) -> datetime | None:
    """Return when the first row of the chain was written; None where there is none, or it cannot be read."""
    row = _alone(connection, 1)
    return audit_queries.moment(row["at"]) if "at" in row else None


def finding(connection: sa.Connection) -> Finding:
    """Return what `doctor` says of the newest rows; how long that takes does not grow with the chain."""
    checked = verify(connection, most=NEWEST)
    if checked.flaws:
        told = f"{listed(map(str, checked.flaws))}: `process-manager audit verify` reads all of it"
        return problem("audit chain", told)
    if not checked.newest:
        return ok("audit chain", "no act is on it yet")
    return ok("audit chain", f"rows {checked.first} to {checked.newest} are as they were written")


def _end(connection: sa.Connection) -> _End:
    found = audit_queries.end(connection)
    if found is None or not isinstance(found[0], int):
        return _End(_whole(audit_queries.edges(connection)[1], 0), None)
    return _End(*found)


def _whole(number: object, otherwise: int) -> int:
    """Return the number, or another in its place where it is none: an SQLite file takes a text for it."""
    return number if isinstance(number, int) else otherwise


def _flaws(connection: sa.Connection, after: int, end: _End, noted: Iterable[tuple[int, str]]) -> Iterator[Flaw]:
    """Yield what is wrong, row by row."""
    lowest = audit_queries.edges(connection)[0]
    if isinstance(lowest, int) and lowest < 1:
        yield Flaw(FlawKind.INSERTED, lowest, lowest)
    yield from _of_rows(connection, after, end)
    yield from _behind(connection, end.number)
    for number, hash_ in noted:
        if audit_queries.hash_at(connection, number) != hash_:
            yield Flaw(FlawKind.NOTED, number, number)


def _of_rows(connection: sa.Connection, after: int, end: _End) -> Iterator[Flaw]:
    before = _Link(after, START if after == 0 else audit_queries.hash_at(connection, after))
    for link in _links(_rows(connection, after, end.number), before):
        if link.has_no_place:
            yield Flaw(FlawKind.INSERTED, link.number, link.number)
            continue
        if link.number - before.number > 1:
            yield Flaw(FlawKind.MISSING, before.number + 1, link.number - 1)
        if not link.fits:
            yield Flaw(FlawKind.UNCHECKED if link.fits is None else FlawKind.ALTERED, link.number, link.number)
        before = link
    if before.number < end.number:
        yield Flaw(FlawKind.CUT, before.number + 1, end.number)
    elif before.hash != end.hash:
        yield Flaw(FlawKind.END, end.number, end.number)


def _behind(connection: sa.Connection, newest: int) -> Iterator[Flaw]:
    """Yield the rows behind the end, which is read last: it may have moved on meanwhile."""
    highest = audit_queries.edges(connection)[1]
    if isinstance(highest, int) and highest <= newest:
        return
    end = max(newest, _end(connection).number)
    if highest is not None and not (isinstance(highest, int) and highest <= end):
        yield Flaw(FlawKind.BEHIND, end + 1, _whole(highest, end + 1))


def _links(rows: Iterable[Row], before: _Link) -> Iterator[_Link]:
    """Yield each row with whether it fits: to the hash that stands in the row before, or to the one that should.

    So a row whose hash alone was altered is found, and not the one after it, too.
    """
    at, known = before.number, [before.hash] if before.hash is not None else []
    for row in rows:
        number, written, is_read = row["number"], row.get("hash"), "hash" in row
        if not isinstance(number, int):
            yield _Link(at, None, has_no_place=True)
            continue
        made = [_made_again(each, row) for each in known] if is_read and number == at + 1 else []
        fits = written in made if made or not is_read else None
        yield _Link(number, written, fits)
        at, known = number, [] if written is None else [written]
        known += [] if fits else made[:3]


def _made_again(before: str, row: Row) -> str:
    """Return the hash that a row should have."""
    return hash_of(before, {name: value for name, value in audit_queries.columns(row).items() if name != "hash"})


def _rows(connection: sa.Connection, after: int, until: int) -> Iterator[Row]:
    """Yield the rows in order, a portion at a time; one that cannot be read has its number only."""
    while True:
        some = _portion(connection, after, until)
        yield from some
        if len(some) < PORTION:
            return
        after = some[-1]["number"]


def _portion(connection: sa.Connection, after: int, until: int) -> Sequence[Row]:
    try:
        return audit_queries.after(connection, after, until=until, limit=PORTION)
    except Exception:  # noqa: BLE001 - where no row is at fault, the next statement raises it again
        numbers = audit_queries.numbers_after(connection, after, until=until, limit=PORTION)
    return [_alone(connection, number) for number in numbers]


def _alone(connection: sa.Connection, number: int) -> Row:
    try:
        found = audit_queries.one(connection, number)
    except Exception:  # noqa: BLE001 - the same
        audit_queries.edges(connection)
        found = None
    return found or {"number": number}


def _joined(flaws: Iterable[Flaw]) -> Iterator[Flaw]:
    """Yield them with those of one kind that stand side by side as one."""
    before: Flaw | None = None
    for flaw in flaws:
        if before is not None and (flaw.what, flaw.first) == (before.what, before.last + 1):
            before = replace(before, last=flaw.last)
            continue
        if before is not None:
            yield before
        before = flaw
    if before is not None:
        yield before
