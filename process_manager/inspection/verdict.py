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


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first words about a process.

    Attributes:
        heading: What is.
        then: What that means.
        asks: What the first answer is about: what is wrong, or how it stands.
        wrong: The answer.
        next: What happens next.
    """

    heading: str
    then: str
    asks: str
    wrong: str
    next: str


def verdict(page: ProcessPage, around: Surroundings, label: str) -> Verdict:
    """Return the first words about a process.

    Args:
        page: What is known of it.
        around: What surrounds it.
        label: What people call processes of its class.
    """
    process = page.process
    who = f"{label} {process.reference}" if process.reference else f"{label}, process {process.id},"
    heading, then = _HEADINGS[process.status](page, around, who)
    is_wrong = process.status in _WRONG
    return Verdict(heading, then, "What is wrong" if is_wrong else "How it stands", _wrong(page), _next(page))


def _stopped(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    return f"{who} stopped at {_place(page)}:", quoted(page.process.message) or "nobody said why."


def _quarantined(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    return f"{who} stopped at {_place(page)}:", "it crashed its worker three times."


def _doubtful(page: ProcessPage, around: Surroundings, who: str) -> tuple[str, str]:
    since = page.process.doubtful_since
    begun = "It was begun" if since is None else f"Begun {moments.at(since, around.now, around.zone)}"
    return (
        f"Did step {page.process.step} of {who} happen?",
        f"{begun}, but there was no answer. It is not repeated until you decide.",
    )


def _moving(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    return f"{who} stands at {_place(page)}.", f"{page.sentence.word} {page.sentence.rest}"


def _ended(page: ProcessPage, _around: Surroundings, who: str) -> tuple[str, str]:
    word = page.sentence.word.rstrip(":").lower()
    return f"{who} is {word}." if word == "done" else f"{who} was {word}:", _sentence(page.sentence.rest)


def _wrong(page: ProcessPage) -> str:
    process = page.process
    if process.finished_at is not None:
        return f"{page.sentence.word} {page.sentence.rest}"
    if process.status not in _WRONG:
        return _so_far(page)
    if process.status == Status.UNCERTAIN:
        return f"{_sentence(_place(page))} may or may not have happened. Nobody but a person can tell."
    if process.status == Status.QUARANTINED:
        return f"{_sentence(_place(page))} took its worker down three times, so that no worker takes it again."
    return _tried(page)


def _so_far(page: ProcessPage) -> str:
    """Return how often the step of a process that goes on by itself was tried."""
    tried, number = page.process.attempt, page.process.round
    begun = f"{_sentence(_place(page))} has not been tried yet" if not tried else f"This is attempt {tried} at it"
    if tried and page.process.status != Status.RUNNING:
        begun = f"{_sentence(_place(page))} was tried {'once' if tried == 1 else f'{tried} times'}"
    return f"{begun}, in round {number}." if number > 1 else f"{begun}."


def _tried(page: ProcessPage) -> str:
    """Return how often a failed step was tried; the heading says what it said."""
    step = next((each for each in page.steps if each.name == page.process.step), None)
    tried = page.process.attempt
    if step is not None and step.attempts is not None and tried >= step.attempts > 1:
        return f"{_sentence(_place(page))} used up all its {tried} attempts in this round."
    times = "once" if tried == 1 else f"{tried} times"
    return f"{_sentence(_place(page))} was tried {times} in this round, and is not tried again by itself."


def _next(page: ProcessPage) -> str:
    status = page.process.status
    if status in _WRONG:
        return "Nothing, until someone acts."
    if page.process.finished_at is not None:
        return "Nothing: it has ended."
    return f"{page.sentence.word} {page.sentence.rest}"


def _place(page: ProcessPage) -> str:
    return place(page.process.step, [each.name for each in page.steps] if page.knows_steps else ())


def _sentence(text: str) -> str:
    """Return the text with a capital letter, where it begins with a word."""
    return text[:1].upper() + text[1:]


_WRONG: Final = (Status.FAILED, Status.UNCERTAIN, Status.QUARANTINED)

_HEADINGS: Final[Mapping[str, Callable[[ProcessPage, Surroundings, str], tuple[str, str]]]] = {
    Status.PENDING: _moving,
    Status.RUNNING: _moving,
    Status.WAITING: _moving,
    Status.FAILED: _stopped,
    Status.UNCERTAIN: _doubtful,
    Status.QUARANTINED: _quarantined,
    Status.SUCCEEDED: _ended,
    Status.SKIPPED: _ended,
    Status.REJECTED: _ended,
    Status.ABANDONED: _ended,
}
