"""What needs a person, by cause: one line for all that went wrong in the same way, and one thing to do about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import sqlalchemy as sa

from process_manager.definition.registry import Registry
from process_manager.gates.gate import GateSubject
from process_manager.gates.quiet import NONE
from process_manager.inspection import masking
from process_manager.inspection.code_availability import CodeAvailability, waits_for
from process_manager.inspection.sentence import place, quoted
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.cause import cause
from process_manager.lifecycle.status import Status
from process_manager.message import Message
from process_manager.store import attention as store
from process_manager.store.workers import Registered

MOST: Final = 500
"""How many of each status are looked at: the newest."""
MOST_COUNTED: Final = 10_000
LATE: Final = timedelta(minutes=15)
"""What is due so long though a worker could take it is late."""
LONG: Final = timedelta(hours=1)
"""A step that runs so long, and whose author does not say how long it takes, is overdue."""
TIMES: Final = 4
"""A step that runs so many times as long as its author expects is overdue."""
DAY: Final = 24

Mark = Literal["failed", "uncertain", "quarantined", "nobody", "late"]


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that needs a person.

    Attributes:
        mark: What sort of thing.
        ids: The processes, as far as they were looked at.
        number: How many they are.
        said: What is wrong, in a sentence.
        then: What that means.
        where: The kind, version and step.
        oldest: Since when the oldest is so.
        filters: The filters of the list that show them.
    """

    mark: Mark
    ids: tuple[int, ...]
    number: int
    said: str
    then: str
    where: str
    oldest: datetime
    filters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs a person, and how the day goes.

    Attributes:
        concerns: What needs a person, the most urgent first.
        is_cut: Whether more went wrong than was looked at.
        since: How much was started and ended in the last 24 hours, among the newest 10,000 processes.
        workers: The living workers.
        due: What will be due in each of the coming 24 hours.
    """

    concerns: tuple[Concern, ...]
    is_cut: bool
    since: Mapping[str, int]
    workers: tuple[Registered, ...]
    due: tuple[int, ...]

    @property
    def needs(self) -> int:
        """How many processes have stopped until someone acts."""
        return sum(each.number for each in self.concerns if each.mark not in ("nobody", "late"))

    @property
    def stuck(self) -> int:
        """How many more are stuck or overdue."""
        return sum(each.number for each in self.concerns if each.mark in ("nobody", "late"))


def attention(
    connection: sa.Connection, *, around: Surroundings, registry: Registry, viewer: Viewer = CONSOLE
) -> Attention:
    """Return what needs a person.

    Args:
        connection: A connection in any transaction.
        around: What surrounds the processes, from `look_around`.
        registry: The classes that are known here: they know how long steps take.
        viewer: Who asks.

    Returns:
        The concerns, grouped by their cause, and how the day goes.
    """
    kinds, now = viewer.kinds, around.now
    wrong = store.in_trouble(connection, most=MOST, kinds=kinds)
    stuck = store.due(connection, now=now, kinds=kinds)
    running = store.longest_running(connection, most=MOST, kinds=kinds)
    by_cause = _by_cause(connection, wrong, registry, viewer)
    concerns = [*by_cause, *_not_taken(stuck, around), *_overdue(running, registry, around)]
    since = store.since(connection, now - timedelta(hours=DAY), most=MOST_COUNTED, kinds=kinds)
    return Attention(
        concerns=tuple(sorted(concerns, key=lambda each: (_ORDER.index(each.mark), each.oldest))),
        is_cut=any(sum(row["status"] == each for row in wrong) >= MOST for each in _ORDER),
        since={name: int(number) for name, number in since.items()},  # MariaDB sums to decimals
        workers=tuple(around.workers),
        due=tuple(map(int, store.due_per_hour(connection, now=now, hours=DAY, kinds=kinds))),
    )


def _by_cause(
    connection: sa.Connection, rows: Sequence[sa.RowMapping], registry: Registry, viewer: Viewer
) -> Iterator[Concern]:
    """Group what has stopped by status, kind, step, and what was said without what differs."""
    masked = masking.shields_of(connection, [row["id"] for row in rows], viewer)
    groups: defaultdict[tuple[str, str, int, str, str], list[sa.RowMapping]] = defaultdict(list)
    messages: dict[int, str] = {}
    for row in rows:
        shield = masked.get(row["id"])
        told = row["message"] or ""
        messages[row["id"]] = told if shield is None else shield.value(told)
        key = (row["status"], row["name"], row["version"], row["step"], cause(messages[row["id"]]))
        groups[key].append(row)
    for (status, name, version, step, why), found in groups.items():
        said = said_of(status, step, messages[found[-1]["id"]])
        yield Concern(
            mark=_mark(status),
            ids=tuple(row["id"] for row in found),
            number=len(found),
            said=said,
            then=_THEN[Status(status)],
            where=_where(name, version, step, registry),
            oldest=min(row["updated_at"] for row in found),
            filters=_filters(status, name, version, step) | ({"error": part} if (part := longest_part(why)) else {}),
        )


def _mark(status: str) -> Mark:
    return {"uncertain": "uncertain", "quarantined": "quarantined"}.get(status, "failed")  # type: ignore[return-value]


def said_of(status: str, step: str, message: str) -> str:
    """Return what has stopped, in a sentence: in the words of the step, where it said any."""
    if status == Status.UNCERTAIN:
        why, doubts, _ = message.partition(f"; step {step!r} may or may not have happened")
        if doubts:
            return Message("Step %(step)s may have happened: %(quote)s", step=step, quote=quoted(why))
        return Message("Step %(step)s may have happened, but did not answer.", step=step)
    if status == Status.QUARANTINED:
        return Message("Step %(step)s crashed its worker three times.", step=step)
    return quoted(message) or Message("Step %(step)s failed without a word.", step=step)


def longest_part(why: str) -> str:
    """Return the longest piece of a cause that stands in every message of it, to search for."""
    parts = (part.strip(" “”,.:;") for part in why.replace("“…”", "…").split("…"))
    return max(parts, key=len, default="")


def _not_taken(rows: Sequence[sa.RowMapping], around: Surroundings) -> Iterator[Concern]:
    """Yield what is due that no worker can run, or that none has taken for long, as far as no gate holds it."""
    for row in rows:
        stand = CodeAvailability(row["name"], row["version"], row["step"], row["channel"])
        quiet = around.quiet.get((stand.name, stand.version), NONE)
        if around.gates.closed(GateSubject(stand.name, stand.channel), quiet, around.now) is not None:
            continue
        whom = waits_for(stand, around.workers, around.here)
        if not around.workers:
            said, then = Message("Due, but no worker is running."), Message("Nothing runs until one is started.")
            yield _stuck(row, "nobody", said, then)
        elif whom is not None:
            said, then = Message("Due, but it needs %(whom)s.", whom=whom), Message("None is running.")
            yield _stuck(row, "nobody", said, then)
        elif row["oldest"] <= around.now - LATE:
            said, then = Message("Due, but no worker has taken it."), Message("The workers that could are busy.")
            yield _stuck(row, "late", said, then)


def _stuck(row: sa.RowMapping, mark: Mark, said: str, then: str) -> Concern:
    where = Message(
        "%(name)s %(version)s, step %(step)s, channel %(channel)s",
        **{fact: row[fact] for fact in ("name", "version", "step", "channel")},
    )
    filters = _filters("pending,waiting", row["name"], row["version"], row["step"])
    return Concern(mark, (), row["number"], said, then, where, row["oldest"], filters)


def _overdue(rows: Sequence[sa.RowMapping], registry: Registry, around: Surroundings) -> Iterator[Concern]:
    """Yield the steps that run much longer than they usually do."""
    for row in rows:
        code = registry.step(row["name"], row["version"], row["step"])
        expected = None if code is None else code[1].expected
        runs = around.now - row["step_started_at"]
        if runs <= (LONG if expected is None else expected * TIMES):
            continue
        alive = row["lease_ends_at"] > around.now
        yield Concern(
            mark="late",
            ids=(row["id"],),
            number=1,
            said=Message(
                "Step %(step)s has been running for long on %(worker)s.", step=row["step"], worker=row["worker"]
            ),
            then=_SLOW if alive else _GONE,
            where=_where(row["name"], row["version"], row["step"], registry),
            oldest=row["step_started_at"],
            filters=_filters("running", row["name"], row["version"], row["step"]),
        )


def _where(name: str, version: int, step: str, registry: Registry) -> str:
    cls = registry.get(name, version)
    at = place(step, () if cls is None else cls.step_names)
    return Message("%(name)s %(version)s, %(place)s", name=name, version=version, place=at)


def _filters(status: str, name: str, version: int, step: str) -> dict[str, str]:
    return {"status": status, "name": name, "version": str(version), "step": step}


_ORDER: Final = ("failed", "uncertain", "quarantined", "nobody", "late")
"""The order of the sorts of concerns."""

_THEN: Final = {
    Status.FAILED: Message("Stopped until someone acts."),
    Status.UNCERTAIN: Message("It is not repeated until someone decides."),
    Status.QUARANTINED: Message("No worker takes it again until someone acts."),
}
_SLOW: Final = Message("Its worker still answers: it is slow, not stuck.")
_GONE: Final = Message("Its worker no longer answers.")
