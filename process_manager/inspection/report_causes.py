"""What went wrong on some days, by cause: with what has ended since, and with what still needs a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager.inspection import masking
from process_manager.inspection.masking import Shield
from process_manager.inspection.viewer import Viewer
from process_manager.lifecycle import cause
from process_manager.store import causes as stopped_store
from process_manager.store import reports as store
from process_manager.store.reports import Ended

MOST_ERRORS: Final = 3_000
"""So many errors are read, of what ended last."""

MOST_STOPPED: Final = 200
"""Of so many causes of what still needs a person it is told what was said."""


@dataclass(frozen=True, slots=True)
class ReportCause:
    """What went wrong at one step with the same words.

    Attributes:
        name: With which processes.
        step: At which step.
        said: What the step said, one of the times.
        number: With how many processes.
        first: When first.
        last: When last.
        stopped: How many of them still need a person.
        is_rejection: Whether a rule of the business was broken: nothing is wrong with the system.
        keys: By which those that still need a person are found.
    """

    name: str
    step: str
    said: str
    number: int
    first: datetime
    last: datetime
    stopped: int
    is_rejection: bool
    keys: tuple[str, ...]


@dataclass(slots=True)
class _Group:
    """The errors of one cause."""

    said: str
    outcomes: Counter[str] = field(default_factory=Counter)
    processes: set[int] = field(default_factory=set)
    more: int = 0
    keys: set[str] = field(default_factory=set)
    moments: list[datetime] = field(default_factory=list)


def report_causes(
    connection: sa.Connection, ended: Ended, stopped: Iterable[Any], viewer: Viewer
) -> tuple[tuple[ReportCause, ...], bool]:
    """Return what went wrong, the commonest first, and whether there was more than was read.

    Args:
        connection: A connection in any transaction.
        ended: What ended.
        stopped: What stopped and still needs a person.
        viewer: Who asks.
    """
    errors = store.errors(connection, ended, most=MOST_ERRORS)
    still: defaultdict[str, list[Any]] = defaultdict(list)
    for row in stopped:
        still[row.cause].append(row)
    commonest = sorted(still.values(), key=len, reverse=True)[:MOST_STOPPED]
    examples = _examples(connection, [rows[-1].id for rows in commonest])
    told = [(row["id"], row["name"], row["version"]) for row in (*errors, *examples.values())]
    shields = _shields(connection, told, viewer)
    groups: dict[tuple[str, str, str], _Group] = {}
    for row in errors:
        _add_error(groups, row, shields)
    for rows in commonest:
        _add_stopped(groups, rows, examples.get(rows[-1].id), shields)
    found = [_told(key, group, still) for key, group in groups.items()]
    return tuple(sorted(found, key=lambda each: (-each.number, each.first))), len(errors) == MOST_ERRORS


def _examples(connection: sa.Connection, ids: Sequence[int]) -> Mapping[int, sa.RowMapping]:
    return {row["id"]: row for row in stopped_store.examples(connection, ids)} if ids else {}


def _shields(connection: sa.Connection, told: Iterable[tuple[int, str, int]], viewer: Viewer) -> Mapping[int, Shield]:
    """Return what is masked of these processes; of kinds in which nothing is marked, nothing is read."""
    ids = {id for id, name, version in told if viewer.marks(name, version) is not None}
    return masking.shields_of(connection, sorted(ids), viewer)


def _add_error(groups: dict[tuple[str, str, str], _Group], row: sa.RowMapping, shields: Mapping[int, Shield]) -> None:
    group = _group(groups, row, shields)
    group.outcomes[row["outcome"]] += 1
    group.processes.add(row["id"])
    group.moments.append(row["finished_at"])
    group.keys.add(cause.key(row["name"], row["version"], row["step"] or "", row["message"]))


def _add_stopped(
    groups: dict[tuple[str, str, str], _Group],
    rows: Sequence[Any],
    example: sa.RowMapping | None,
    shields: Mapping[int, Shield],
) -> None:
    if example is None:
        return
    group = _group(groups, example, shields)
    group.more += len(rows)
    group.keys.add(rows[0].cause)
    group.moments += [row.stopped_at for row in rows]


def _group(groups: dict[tuple[str, str, str], _Group], row: sa.RowMapping, shields: Mapping[int, Shield]) -> _Group:
    shield, said, step = shields.get(row["id"]), row["message"] or "", row["step"] or ""
    shown = (said if shield is None else shield.value(said)).partition(f"; step {step!r} may or may not")[0]
    return groups.setdefault((row["name"], step, cause.cause(shown)), _Group(shown))


def _told(key: tuple[str, str, str], group: _Group, still: Mapping[str, Sequence[Any]]) -> ReportCause:
    name, step, _cause = key
    keys = tuple(sorted(each for each in group.keys if each in still))
    return ReportCause(
        name=name,
        step=step,
        said=group.said,
        number=len(group.processes) + group.more,
        first=min(group.moments),
        last=max(group.moments),
        stopped=sum(len(still[each]) for each in keys),
        is_rejection=set(group.outcomes) == {"reject"},
        keys=keys,
    )
