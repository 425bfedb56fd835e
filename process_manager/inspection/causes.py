"""Why processes have stopped: one line for all that stopped at one step with the same words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager.inspection import masking
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.cause import cause
from process_manager.lifecycle.status import NEEDS_A_PERSON
from process_manager.store import causes as store
from process_manager.store.filters import Kinds

MOST: Final = 500
"""So many causes are told, the commonest."""

_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class CauseExample:
    """One of the processes that stopped for a cause."""

    id: int
    reference: str | None


@dataclass(frozen=True, slots=True)
class StopCause:
    """Processes that have stopped at one step with the same words.

    Attributes:
        keys: By which they are found; mostly one.
        status: failed, uncertain or quarantined.
        name: What they are.
        version: Of which version.
        step: Where they stopped.
        number: How many they are.
        said: What the step said when the newest of them stopped.
        oldest: When the first of them stopped.
        newest: When the last of them did.
        passed: How many others have passed the step since then, among the newest processes.
        examples: The newest and the oldest of them.
    """

    keys: tuple[str, ...]
    status: str
    name: str
    version: int
    step: str
    number: int
    said: str
    oldest: datetime
    newest: datetime
    passed: int
    examples: tuple[CauseExample, ...]


@dataclass(frozen=True, slots=True)
class StopCauses:
    """Why processes have stopped.

    Attributes:
        items: The causes: of what failed, what is uncertain, what is quarantined; the commonest first.
        unsorted: How many more stopped before causes were kept, and are not sorted yet.
        is_cut: Whether there are more causes than are told.
    """

    items: tuple[StopCause, ...]
    unsorted: int
    is_cut: bool

    def of(self, *, kinds: Kinds = None, name: str | None = None, step: str | None = None) -> StopCauses:
        """Return those of some kinds, of one kind, or of one step.

        Args:
            kinds: The names of the kinds; None for all.
            name: The name of the one kind; None for any.
            step: The step; None for any.

        Returns:
            The same without the others.
        """
        found = (each for each in self.items if kinds is None or each.name in kinds)
        named = (each for each in found if name in (None, each.name) and step in (None, each.step))
        return replace(self, items=tuple(named), unsorted=0 if kinds is not None else self.unsorted)


def causes(connection: sa.Connection, *, viewer: Viewer = CONSOLE) -> StopCauses:
    """Return why processes have stopped.

    Args:
        connection: A connection in any transaction.
        viewer: Who asks.

    Returns:
        The causes, and how many processes are not sorted yet.
    """
    counted = store.counted(connection, most=MOST + 1)
    known = [row for row in counted[:MOST] if row["cause"] != store.UNKNOWN]
    unsorted = sum(row["number"] for row in counted if row["cause"] == store.UNKNOWN)
    told = _examples(connection, known, viewer)
    groups: defaultdict[tuple[str, str, int, str, str], list[sa.RowMapping]] = defaultdict(list)
    for row in known:
        if (last := told.get(row["last"])) is not None:
            groups[row["status"], last.name, last.version, last.step, cause(last.said)].append(row)
    found = [_cause(rows, told) for rows in groups.values()]
    seen = [each for each in found if viewer.kinds is None or each.name in viewer.kinds]
    items = _with_passed(connection, seen, counted[0]["newest_id"]) if seen else []
    items.sort(key=lambda each: (NEEDS_A_PERSON.index(each.status), -each.number, each.oldest))
    return StopCauses(tuple(items), unsorted, is_cut=len(counted) > MOST)


@dataclass(frozen=True, slots=True)
class _Told:
    """A process and what its step said, as the reader may see it."""

    id: int
    name: str
    version: int
    step: str
    reference: str | None
    said: str


def _examples(connection: sa.Connection, counted: Sequence[sa.RowMapping], viewer: Viewer) -> Mapping[int, _Told]:
    """Return the first and the last process of each cause, by its id, with what is marked in it masked."""
    ids = {row[which] for row in counted for which in ("first", "last")}
    rows = store.examples(connection, ids) if ids else ()
    shields = masking.shields(connection, rows, viewer)
    found = {}
    for row in rows:
        shield, said = shields.get(row["id"]), row["message"] or ""
        reference = row["reference"]
        if shield is not None:
            said, reference = shield.value(said), shield.key("reference", reference)
        said = said.partition(f"step {row['step']!r} may or may not have happened")[0].removesuffix("; ")
        found[row["id"]] = _Told(row["id"], row["name"], row["version"], row["step"] or "", reference, said)
    return found


def _cause(rows: Sequence[sa.RowMapping], told: Mapping[int, _Told]) -> StopCause:
    """Return one cause of rows that are counted apart, as what is masked in them differs."""
    last = told[max(row["last"] for row in rows)]
    first = told.get(min(row["first"] for row in rows), last)
    return StopCause(
        keys=tuple(sorted({row["cause"] for row in rows})),
        status=rows[0]["status"],
        name=last.name,
        version=last.version,
        step=last.step,
        number=sum(row["number"] for row in rows),
        said=" ".join(last.said.split())[:_LONGEST],
        oldest=min(row["oldest"] for row in rows),
        newest=max(row["newest"] for row in rows),
        passed=0,
        examples=tuple(CauseExample(each.id, each.reference) for each in dict.fromkeys((last, first))),
    )


def _with_passed(connection: sa.Connection, found: Collection[StopCause], newest_id: int) -> list[StopCause]:
    """Return the causes with how many others have passed their steps since the last of each stopped."""
    names, steps = {each.name for each in found}, {each.step for each in found}
    moments: defaultdict[tuple[str, int, str], list[datetime]] = defaultdict(list)
    since = min(each.newest for each in found)
    for name, version, step, at in store.passed(connection, names, steps, since=since, newest_id=newest_id):
        moments[name, version, step].append(at)
    return [replace(each, passed=_after(each.newest, moments[_place(each)])) for each in found]


def _after(moment: datetime, moments: Iterable[datetime]) -> int:
    return sum(each > moment for each in moments)


def _place(each: StopCause) -> tuple[str, int, str]:
    return each.name, each.version, each.step
