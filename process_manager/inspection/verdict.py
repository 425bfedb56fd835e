"""What the page of a process says first: a heading, what is wrong, and what happens next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from process_manager.inspection import moments
from process_manager.inspection.process_page import ProcessPage
from process_manager.inspection.sentence import place, quoted
from process_manager.inspection.surroundings import Surroundings
from process_manager.lifecycle.status import Status
from process_manager.message import Message, numbered, opening


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first words about a process.

    Attributes:
        heading: What is.
        then: What that means.
        asks: What the first answer is about: what is wrong, or how it stands.
        wrong: The answer.
        next: What happens next.
        is_wrong: Whether something is wrong with it.
    """

    heading: str
    then: str
    asks: str
    wrong: str
    next: str
    is_wrong: bool


def verdict(page: ProcessPage, around: Surroundings, label: str) -> Verdict:
    """Return the first words about a process.

    Args:
        page: What is known of it.
        around: What surrounds it.
        label: What people call processes of its class.
    """
    heading, then = _HEADINGS[page.process.status](page, around, _who(page, label))
    is_wrong = page.process.status in _WRONG
    asks = Message("What is wrong") if is_wrong else Message("How it stands")
    return Verdict(heading, then, asks, _wrong(page), _next(page), is_wrong)


def _who(page: ProcessPage, label: str) -> str:
    process = page.process
    if process.reference:
        return f"{label} {process.reference}"
    return Message("%(label)s, process %(id)s,", label=label, id=process.id)


def _stopped(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    heading = Message("%(who)s stopped at %(place)s:", who=who, place=_place(page))
    return heading, quoted(page.process.message) or Message("nobody said why.")


def _quarantined(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    heading = Message("%(who)s stopped at %(place)s:", who=who, place=_place(page))
    return heading, Message("it crashed its worker three times.")


def _doubtful(page: ProcessPage, around: Surroundings, who: str) -> tuple[str, str]:
    heading = Message("Did step %(step)s of %(who)s happen?", step=page.process.step, who=who)
    since = page.process.doubtful_since
    if since is None:
        return heading, Message("It was begun, but there was no answer. It is not repeated until you decide.")
    begun = moments.said(since, around.now, around.zone)
    then = Message("Begun %(moment)s, but there was no answer. It is not repeated until you decide.", moment=begun)
    return heading, then


def _moving(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    return Message("%(who)s stands at %(place)s.", who=who, place=_place(page)), _whole(page)


def _done(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    return Message("%(who)s is done.", who=who), opening(page.sentence.rest)


def _skipped(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    return Message("%(who)s was skipped:", who=who), opening(page.sentence.rest)


def _rejected(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    return Message("%(who)s was rejected:", who=who), opening(page.sentence.rest)


def _abandoned(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    return Message("%(who)s was abandoned:", who=who), opening(page.sentence.rest)


def _whole(page: ProcessPage) -> Message:
    """Return the sentence of a process with the word that begins it."""
    return Message("%(word)s %(rest)s", word=page.sentence.word, rest=page.sentence.rest)


def _wrong(page: ProcessPage) -> str:
    process, at = page.process, opening(_place(page))
    if process.finished_at is not None:
        return _whole(page)
    if process.status not in _WRONG:
        return _so_far(page)
    if process.status == Status.UNCERTAIN:
        return Message("%(place)s may or may not have happened. Nobody but a person can tell.", place=at)
    if process.status == Status.QUARANTINED:
        return Message("%(place)s took its worker down three times, so that no worker takes it again.", place=at)
    return _tried(page)


def _so_far(page: ProcessPage) -> str:
    """Return how often the step of a process that goes on by itself was tried."""
    tried, number = page.process.attempt, page.process.round
    begun = _begun(page, tried)
    return (
        Message("%(begun)s, in round %(round)s.", begun=begun, round=number)
        if number > 1
        else Message("%(begun)s.", begun=begun)
    )


def _begun(page: ProcessPage, tried: int) -> Message:
    at = opening(_place(page))
    if not tried:
        return Message("%(place)s has not been tried yet", place=at)
    if page.process.status == Status.RUNNING:
        return Message("This is attempt %(number)s at it", number=tried)
    return numbered("%(place)s was tried once", "%(place)s was tried %(number)s times", tried, place=at)


def _tried(page: ProcessPage) -> str:
    """Return how often a failed step was tried; the heading says what it said."""
    step = next((each for each in page.steps if each.name == page.process.step), None)
    tried, at = page.process.attempt, opening(_place(page))
    if step is not None and step.attempts is not None and tried >= step.attempts > 1:
        return Message("%(place)s used up all its %(number)s attempts in this round.", place=at, number=tried)
    return numbered(
        "%(place)s was tried once in this round, and is not tried again by itself.",
        "%(place)s was tried %(number)s times in this round, and is not tried again by itself.",
        tried,
        place=at,
    )


def _next(page: ProcessPage) -> str:
    if page.process.status in _WRONG:
        return Message("Nothing, until someone acts.")
    if page.process.finished_at is not None:
        return Message("Nothing: it has ended.")
    return _whole(page)


def _place(page: ProcessPage) -> Message:
    return place(page.process.step, [each.name for each in page.steps] if page.knows_steps else ())


_WRONG: Final = (Status.FAILED, Status.UNCERTAIN, Status.QUARANTINED)

_HEADINGS: Final[Mapping[str, Callable[[ProcessPage, Surroundings, str], tuple[str, str]]]] = {
    Status.PENDING: _moving,
    Status.RUNNING: _moving,
    Status.WAITING: _moving,
    Status.FAILED: _stopped,
    Status.UNCERTAIN: _doubtful,
    Status.QUARANTINED: _quarantined,
    Status.SUCCEEDED: _done,
    Status.SKIPPED: _skipped,
    Status.REJECTED: _rejected,
    Status.ABANDONED: _abandoned,
}
