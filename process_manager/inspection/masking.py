"""What is marked, masked in what inspection answers: by its path in payloads, and by its value in every text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from process_manager import serialization
from process_manager.definition import markers
from process_manager.definition.declared_marks import KEYS
from process_manager.definition.markers import Marks
from process_manager.inspection import unreadable
from process_manager.inspection.unreadable import Row
from process_manager.inspection.viewer import MarksOf, Viewer
from process_manager.redaction import MASK
from process_manager.redaction.values import HiddenValues, Value
from process_manager.store import queries

T = TypeVar("T")

UPGRADE = "upgrade"
"""The outcome of the history row with which a process went on with a newer version."""


@dataclass(frozen=True, slots=True)
class Shield:
    """What is masked of one process.

    Attributes:
        name: Its name.
        version: Its version.
        marks: What its class marks.
        before: What it and the versions before mark, for what stems from those.
        upgraded_at: The seq of its last upgrade; 0 without one.
        hidden: The marked values.
    """

    name: str
    version: int
    marks: Marks
    before: Marks
    upgraded_at: int
    hidden: HiddenValues

    def payload(self, payload: Mapping[str, Any], seq: int | None = None) -> Mapping[str, Any]:
        """Return the payload, or what the history row of that seq added to it, with what is marked masked."""
        is_older = seq is not None and seq <= self.upgraded_at
        marks = self.before if is_older else self.marks
        if not marks.is_unknown:
            return cast(Mapping[str, Any], self.value(markers.masked(payload, marks.paths)))
        which = (
            f"a version before {self.version}" if is_older and not self.marks.is_unknown else f"version {self.version}"
        )
        return {
            MASK: f"It is not shown: {which} of {self.name!r} is not known here, so nobody can tell what is personal."
        }

    def key(self, name: str, value: str | None) -> str | None:
        """Return the reference or order key."""
        return MASK if value is not None and name in self.marks.keys else self.value(value)

    def value(self, value: T) -> T:
        """Return a text, or a value with texts in it, with each marked value in it masked."""
        return cast(T, self.hidden.value(value))


def shields(connection: sa.Connection, rows: Iterable[Row], viewer: Viewer) -> dict[int, Shield]:
    """Return what is masked of each process, by its id; those that show all have none.

    Args:
        connection: A connection in any transaction.
        rows: The rows of the processes, with id, name, version, reference, order_key, parameters and payload.
        viewer: Who asks.
    """
    if viewer.reveals:
        return {}
    of = cache(viewer.marks)
    marked = {row["id"]: row for row in rows if of(row["name"], row["version"]) is not None}
    carried: dict[int, list[sa.RowMapping]] = {each: [] for each in marked}
    for entry in queries.carried(connection, list(marked)) if marked else ():
        carried[entry["process_id"]].append(entry)
    return {each: _shield(row, carried[each], of) for each, row in marked.items()}


def shields_of(connection: sa.Connection, ids: Sequence[int], viewer: Viewer) -> dict[int, Shield]:
    """Return what is masked of the processes with these ids.

    Args:
        connection: A connection in any transaction.
        ids: Which processes.
        viewer: Who asks.
    """
    return shields(connection, queries.contents(connection, ids), viewer) if ids and not viewer.reveals else {}


def contents_of(connection: sa.Connection, process_id: int) -> sa.RowMapping:
    """Return what a process that is there is and carries.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
    """
    (row,) = queries.contents(connection, [process_id])
    return row


def _shield(row: Row, carried: Sequence[sa.RowMapping], of: MarksOf) -> Shield:
    name, version = row["name"], row["version"]
    marks = of(name, version) or markers.NOTHING
    upgraded_at = max((entry["seq"] for entry in carried if entry["outcome"] == UPGRADE), default=0)
    versions = range(1, version) if upgraded_at else ()
    before = markers.together([marks, *(of(name, each) for each in versions)]) or marks
    hidden = HiddenValues(_values(row, carried, marks, before))
    return Shield(name, version, marks, before, upgraded_at, hidden)


def _values(row: Row, carried: Sequence[sa.RowMapping], marks: Marks, before: Marks) -> list[Value] | None:
    """Return every marked value that the process carries or carried; None where that cannot be read."""
    if unreadable.is_in_part(row):
        return None
    texts = [(row["payload"], marks), (row["parameters"], before), *((entry["payload"], before) for entry in carried)]
    try:
        found = [value for text, its in texts if text for value in markers.values(serialization.loads(text), its.paths)]
    except ValueError:
        return None
    return [*found, *_keys(row, marks)]


def _keys(row: Row, marks: Marks) -> Iterator[Value]:
    yield from (row[key] for key in KEYS if key in marks.keys and row[key] is not None)


def findable(connection: sa.Connection, ids: Sequence[int], text: str, shielded: Mapping[int, Shield]) -> Iterator[int]:
    """Yield those whose error holds the text where it is shown: nobody finds a process by what is masked.

    Args:
        connection: A connection in any transaction.
        ids: Processes whose error holds the text as it is stored.
        text: What is searched for.
        shielded: What is masked of them, from `shields`.
    """
    errors = queries.newest_errors(connection, list(shielded)) if shielded else {}
    for each in ids:
        shield = shielded.get(each)
        if shield is None or any(text.lower() in shield.value(told).lower() for told in errors.get(each, ())):
            yield each
