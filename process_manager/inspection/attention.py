"""What needs a person, by cause: one line for all that went wrong in the same way, and one thing to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import sqlalchemy as sa

from process_manager.definition.registry import Registry
from process_manager.gates.gate import GateSubject
from process_manager.gates.quiet import NONE
from process_manager.inspection import moments
from process_manager.inspection.at_work import AtWork, at_work
from process_manager.inspection.causes import StopCause, StopCauses
from process_manager.inspection.code_availability import CodeAvailability, waits_for
from process_manager.inspection.day import Day, day
from process_manager.inspection.sentence import place, quoted
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.inspection.working_days import last_working_day
from process_manager.lifecycle.status import Status
from process_manager.message import Message, numbered
from process_manager.store import attention as store

MOST: Final = 500
"""So many steps that run are looked at, those that have been running longest."""
MOST_COUNTED: Final = 10_000
MOST_IN_MENU: Final = 99
"""More than these, which need a person, are not counted in the menu."""
LATE: Final = timedelta(minutes=15)
"""What is due so long though a worker could take it is late."""
LONG: Final = timedelta(hours=1)
"""A step that runs so long, and whose author does not say how long it takes, is overdue."""
TIMES: Final = 4
"""A step that runs so many times as long as its author expects is overdue."""

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
        is_asked: Whether that is the list of tasks: people are asked, and have not answered in time.
    """

    mark: Mark
    ids: tuple[int, ...]
    number: int
    said: str
    then: str
    where: str
    oldest: datetime
    filters: Mapping[str, str]
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs a person, and how the day goes.

    Attributes:
        concerns: What needs a person, the most urgent first.
        is_cut: Whether there are more causes than are told.
        unsorted: How many more have stopped whose causes are not known yet.
        since: When the last working day before today began.
        recent: How many have stopped since then, up to 10,001.
        counted: How many need a person now, up to 100: what the menu says.
        day: How the last 24 hours went.
        workers: The workers at a glance.
    """

    concerns: tuple[Concern, ...]
    is_cut: bool
    unsorted: int
    since: datetime
    recent: int
    counted: int
    day: Day
    workers: AtWork

    @property
    def needs(self) -> int:
        """How many processes have stopped until someone acts."""
        return self.unsorted + sum(each.number for each in self.concerns if each.mark not in ("nobody", "late"))

    @property
    def oldest(self) -> datetime | None:
        """When the first of them stopped."""
        return min((each.oldest for each in self.concerns if each.mark not in ("nobody", "late")), default=None)

    @property
    def stuck(self) -> int:
        """How many more are stuck or overdue."""
        return sum(each.number for each in self.concerns if each.mark in ("nobody", "late"))


def attention(
    connection: sa.Connection,
    stopped: StopCauses,
    *,
    around: Surroundings,
    registry: Registry,
    viewer: Viewer = CONSOLE,
) -> Attention:
    """Return what needs a person.

    Args:
        connection: A connection in any transaction.
        stopped: Why processes have stopped, from `causes`.
        around: What surrounds the processes, from `look_around`, with the workers that fell silent.
        registry: The classes that are known here: they know how long steps take.
        viewer: Who asks.

    Returns:
        The concerns, grouped by their cause, and how the day goes.
    """
    kinds, now = viewer.kinds, around.now
    running = store.longest_running(connection, most=MOST, kinds=kinds)
    not_taken = _not_taken(store.due(connection, now=now, kinds=kinds), around)
    since = last_working_day(now, around.zone, dict.fromkeys(around.quiet.values()))
    waiting = store.waiting(connection, since=since, now=now, most=(MOST_IN_MENU + 1, MOST_COUNTED + 1), kinds=kinds)
    concerns = [
        *_stopped(stopped, around, registry),
        *not_taken,
        *_overdue(running, registry, around),
        *_unanswered(waiting.late, waiting.late_since),
    ]
    return Attention(
        concerns=tuple(sorted(concerns, key=lambda each: (_ORDER.index(each.mark), each.oldest))),
        is_cut=stopped.is_cut,
        unsorted=stopped.unsorted,
        since=since,
        recent=waiting.recent,
        counted=waiting.stopped,
        day=day(connection, now=now, zone=around.zone, viewer=viewer),
        workers=at_work(around.workers, around.silent, (row["worker"] for row in running)),
    )


def needs_a_person(connection: sa.Connection, *, most: int, viewer: Viewer = CONSOLE) -> int:
    """Return how many processes have stopped until someone acts: cheap, however many there are.

    Args:
        connection: A connection in any transaction.
        most: It counts up to so many.
        viewer: Who asks.

    Returns:
        Their number, at most `most`.
    """
    return store.needs_a_person(connection, most=most, kinds=viewer.kinds)


def _stopped(found: StopCauses, around: Surroundings, registry: Registry) -> Iterator[Concern]:
    """Yield what has stopped, a line for each cause."""
    for each in found.items:
        yield Concern(
            mark=_MARKS[each.status],
            ids=tuple(one.id for one in each.examples),
            number=each.number,
            said=_said(each),
            then=_then(each, around),
            where=_where(each.name, each.version, each.step, registry),
            oldest=each.oldest,
            filters={"status": each.status, "cause": ",".join(each.keys)},
        )


def _said(cause: StopCause) -> str:
    """Return what has stopped, in a sentence: in the words of the step, where it said any."""
    step, quote = cause.step, quoted(cause.said)
    if cause.status == Status.UNCERTAIN:
        if quote:
            return Message("Step %(step)s may have happened: %(quote)s", step=step, quote=quote)
        return Message("Step %(step)s may have happened, but did not answer.", step=step)
    if cause.status == Status.QUARANTINED:
        return Message("Step %(step)s crashed its worker three times.", step=step)
    return quote or Message("Step %(step)s failed without a word.", step=step)


def _then(cause: StopCause, around: Surroundings) -> str:
    """Return what that means: whether others get through since, else what becomes of these."""
    if not cause.passed:
        return _THEN[Status(cause.status)]
    return numbered(
        "Since %(moment)s, one other has passed this step.",
        "Since %(moment)s, %(number)s others have passed this step.",
        cause.passed,
        moment=moments.said(cause.newest, around.now, around.zone),
    )


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


def _unanswered(number: int, since: datetime | None) -> Iterator[Concern]:
    """Yield what people were asked and have not answered in time, as one line."""
    if since is not None:
        yield Concern(
            mark="late",
            ids=(),
            number=number,
            said=numbered(
                "%(number)s task should have been answered by now.",
                "%(number)s tasks should have been answered by now.",
                number,
            ),
            then=Message("Its process waits until somebody answers."),
            where=Message("Tasks"),
            oldest=since,
            filters={"view": "overdue"},
            is_asked=True,
        )


def _where(name: str, version: int, step: str, registry: Registry) -> str:
    cls = registry.get(name, version)
    at = place(step, () if cls is None else cls.step_names)
    return Message("%(name)s %(version)s, %(place)s", name=name, version=version, place=at)


def _filters(status: str, name: str, version: int, step: str) -> dict[str, str]:
    return {"status": status, "name": name, "version": str(version), "step": step}


_ORDER: Final = ("failed", "uncertain", "quarantined", "nobody", "late")
"""The order of the sorts of concerns."""

_MARKS: Final[Mapping[str, Mark]] = {"failed": "failed", "uncertain": "uncertain", "quarantined": "quarantined"}

_THEN: Final = {
    Status.FAILED: Message("Stopped until someone acts."),
    Status.UNCERTAIN: Message("It is not repeated until someone decides."),
    Status.QUARANTINED: Message("No worker takes it again until someone acts."),
}
_SLOW: Final = Message("Its worker still answers: it is slow, not stuck.")
_GONE: Final = Message("Its worker no longer answers.")
