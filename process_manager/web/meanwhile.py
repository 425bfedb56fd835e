"""What is told to whoever acts on a process that is no longer as they saw it: who was first, with what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from process_manager.governance.action import Stand
from process_manager.inspection import History, ProcessPage, people
from process_manager.inspection.processes import Overview
from process_manager.message import Message
from process_manager.web.moments import Calendar


class Note(NamedTuple):
    """What a page says of what has just been done, or not been done.

    Attributes:
        kind: Which mark and colour it has.
        text: What it says.
        first: What it says first, in bold.
    """

    kind: str
    text: str
    first: str = ""


@dataclass(frozen=True, slots=True)
class AsSeen:
    """How a process was when a page of it was made.

    Attributes:
        seq: The number of its newest history row.
        stand: Where it stood.
    """

    seq: int
    stand: Stand


def mark(process: Overview) -> str:
    """Return how a process is, as the forms of its page carry it."""
    return f"{process.seq}.{process.round}.{process.status}.{process.step or ''}"


def read(text: str) -> AsSeen | None:
    """Return what a form carried; None where that is nothing."""
    seq, round_, status, step, *_ = [*text.split(".", 3), "", "", "", ""]
    if not (_is_number(seq) and _is_number(round_) and status):
        return None
    return AsSeen(int(seq), Stand(int(round_), status, step or None))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def told(page: ProcessPage, seen: AsSeen, way: str, *, reader: str, calendar: Calendar) -> Note:
    """Return why nothing was done to a process that has changed since somebody looked at it.

    Args:
        page: The process as it is now.
        seen: How it was when they looked.
        way: What they asked for.
        reader: Who they are.
        calendar: Their clock.
    """
    by_people = [each for each in page.told if each.seq > seen.seq and each.by is not None]
    if not by_people:
        return Note("late", NOT_DONE, Message("It has gone on since you looked."))
    newest = by_people[-1]
    is_same = newest.outcome == _ACTS.get(way, way)
    return Note(
        "late", _NOT_NEEDED.get(newest.outcome, NOT_DONE) if is_same else NOT_DONE, _who(newest, reader, calendar)
    )


def _who(done: History, reader: str, calendar: Calendar) -> Message:
    """Return who did what, and when: to the second today, for it was a moment ago."""
    facts = {"who": Message("You") if done.by == reader else done.by, "did": people.said(done.outcome)}
    local = (done.finished_at or done.started_at).astimezone(calendar.zone)
    if local.date() == calendar.now.date():
        return Message("%(who)s %(did)s at %(time)s.", time=f"{local:%H:%M:%S}", **facts)
    return Message("%(who)s %(did)s %(moment)s.", moment=calendar.told(local), **facts)


NOT_DONE: Final = Message("So nothing was done for you. This is how it stands now; what you typed is kept.")

_NOT_NEEDED: Final[Mapping[str, Message]] = {
    "restart": Message("Your restart was not needed and did nothing. This is how it stands now."),
    "abandon": Message("There was nothing left to abandon. This is how it stands now."),
    "resolve": Message("Your answer was not needed and changed nothing. This is how it stands now."),
    "skip-step": Message("Your skip was not needed and did nothing. This is how it stands now."),
    "run-now": Message("There was nothing left to do. This is how it stands now."),
}
"""Why nothing was done, where somebody did the same first."""

_ACTS: Final[Mapping[str, str]] = {
    "restart-from": "restart",
    "happened": "resolve",
    "did-not-happen": "resolve",
    "check-again": "run-now",
}
"""The ways of the page that are another act in the history."""
