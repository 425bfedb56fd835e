"""Where a process stands in one plain sentence, as the pages tell it: the status, why, until when, what comes next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from process_manager.inspection import moments
from process_manager.inspection.code_availability import CodeAvailability, unknown
from process_manager.inspection.processes import Overview
from process_manager.inspection.standing import Cause, Standing, standing
from process_manager.inspection.surroundings import Surroundings
from process_manager.lifecycle.status import Status
from process_manager.message import Message, numbered

_LONGEST: Final = 160
"""Characters of a message that is quoted in a sentence."""
_NAMED: Final = 2
"""Workers that are named one by one."""

_WORDS: Final[Mapping[str, Message]] = {
    Status.PENDING: Message("Due"),
    Status.RUNNING: Message("Running"),
    Status.WAITING: Message("Waiting"),
    Status.FAILED: Message("Failed:"),
    Status.UNCERTAIN: Message("Uncertain:"),
    Status.QUARANTINED: Message("Quarantined:"),
    Status.SUCCEEDED: Message("Done"),
    Status.SKIPPED: Message("Skipped:"),
    Status.REJECTED: Message("Rejected:"),
    Status.ABANDONED: Message("Abandoned:"),
}
_ALONE: Final[Mapping[str, Message]] = {
    Status.PENDING: Message("Due"),
    Status.RUNNING: Message("Running"),
    Status.WAITING: Message("Waiting"),
    Status.FAILED: Message("Failed"),
    Status.UNCERTAIN: Message("Uncertain"),
    Status.QUARANTINED: Message("Quarantined"),
    Status.SUCCEEDED: Message("Done"),
    Status.SKIPPED: Message("Skipped"),
    Status.REJECTED: Message("Rejected"),
    Status.ABANDONED: Message("Abandoned"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence about a process: `status` names its mark, `word` begins it, `rest` ends it."""

    status: str
    word: Message
    rest: str


def word(status: str) -> Message:
    """Return the word of a status by itself."""
    return _ALONE[status]


def sentence(process: Overview, around: Surroundings, steps: Sequence[str] = ()) -> Sentence:
    """Return the sentence about a process.

    Args:
        process: The process, as `get` or `page` returns it.
        around: What surrounds it, from `look_around`.
        steps: The names of its steps in order, where they are known.

    Returns:
        Its status, why, until when, and what happens next.
    """
    rest = _RESTS[process.status](process, around, steps)
    return Sentence(process.status, _WORDS[process.status], rest)


def _failed(process: Overview, _around: Surroundings, steps: Sequence[str]) -> str:
    told = quoted(process.message)
    if told:
        return Message("%(quote)s Stopped until someone acts.", quote=told)
    return Message("%(place)s cannot go on. Stopped until someone acts.", place=place(process.step, steps))


def _uncertain(process: Overview, around: Surroundings, steps: Sequence[str]) -> str:
    begun, at = process.doubtful_since, place(process.step, steps)
    if begun is None:
        return Message("%(place)s may have happened. Find out whether it did, then resolve it.", place=at)
    return Message(
        "%(place)s, begun %(moment)s, may have happened. Find out whether it did, then resolve it.",
        place=at,
        moment=moments.said(begun, around.now, around.zone),
    )


def _quarantined(process: Overview, _around: Surroundings, steps: Sequence[str]) -> str:
    return Message(
        "it crashed its worker three times at %(place)s. Stopped until someone acts.", place=place(process.step, steps)
    )


def _running(process: Overview, around: Surroundings, steps: Sequence[str]) -> str:
    facts = {"worker": process.worker, "place": place(process.step, steps)}
    if standing(process, around).cause is Cause.WORKER_GONE:
        return Message(
            "until a moment ago on %(worker)s, which no longer answers. The next worker takes over %(place)s.", **facts
        )
    if process.stop_requested_at is not None:
        return _stopping(process, facts)
    since = process.updated_at
    if since is None:
        return Message("on %(worker)s: %(place)s.", **facts)
    return Message("on %(worker)s: %(place)s for %(time)s so far.", **facts, time=moments.lasting(around.now - since))


def _stopping(process: Overview, facts: Mapping[str, object]) -> str:
    told, facts = quoted(process.stop_requested_reason), {**facts, "who": process.stop_requested_by}
    if not told:
        return Message("on %(worker)s: %(place)s. %(who)s asked it to stop at its next safe point.", **facts)
    return Message(
        "on %(worker)s: %(place)s. %(who)s asked it to stop at its next safe point. %(quote)s", **facts, quote=told
    )


def _succeeded(_process: Overview, _around: Surroundings, steps: Sequence[str]) -> str:
    if not steps:
        return Message("with every step.")
    return numbered("in one step.", "in %(number)s steps.", len(steps))


def _ended(process: Overview, _around: Surroundings, _steps: Sequence[str]) -> str:
    told = quoted(process.message) or Message("no reason was given.")
    if process.status == Status.REJECTED:
        return Message("%(quote)s The remaining steps were cancelled.", quote=told)
    return told


def _resting(process: Overview, around: Surroundings, steps: Sequence[str]) -> str:
    found = standing(process, around)
    return _WHY[found.cause](process, found, around, steps)


def _behind(_process: Overview, found: Standing, _around: Surroundings, _steps: Sequence[str]) -> str:
    return Message("for %(whom)s.", whom=found.whom)


def _event(process: Overview, found: Standing, around: Surroundings, steps: Sequence[str]) -> str:
    awaited = process.event or Message("its children")
    facts = {"event": awaited, "place": place(process.step, steps)}
    if found.until is None:
        return Message("for %(event)s, then %(place)s.", **facts)
    until = moments.until(found.until, around.now, around.zone)
    return Message("for %(event)s, until %(until)s at the latest, then %(place)s.", **facts, until=until)


def _nobody(process: Overview, found: Standing, _around: Surroundings, _steps: Sequence[str]) -> str:
    if process.status == Status.PENDING:
        return Message("now. It needs %(whom)s, and none is running.", whom=found.whom)
    return Message("no longer: it is due now. It needs %(whom)s, and none is running.", whom=found.whom)


def _gate(process: Overview, found: Standing, around: Surroundings, steps: Sequence[str]) -> str:
    until = None if found.until is None else moments.until(found.until, around.now, around.zone)
    held = _held(process.status == Status.PENDING, until)
    switch = None if found.gate is None else found.gate.switch
    if switch is None:
        return Message("%(held)s (quiet window), then %(place)s.", held=held, place=place(process.step, steps))
    facts = {"held": held, "who": switch.by, "what": switch.key}
    if not switch.reason:
        return Message("%(held)s: %(who)s switched off %(what)s.", **facts)
    return Message("%(held)s: %(who)s switched off %(what)s. %(quote)s", **facts, quote=quoted(switch.reason))


def _held(is_due: bool, until: Message | None) -> Message:
    if until is None:
        return Message("now, but held") if is_due else Message("held")
    return (
        Message("now, but held until %(until)s", until=until)
        if is_due
        else Message("held until %(until)s", until=until)
    )


def _later(process: Overview, found: Standing, around: Surroundings, steps: Sequence[str]) -> str:
    moment = found.until or around.now
    facts = {"until": moments.until(moment, around.now, around.zone), "place": place(process.step, steps)}
    if found.cause is Cause.VERIFIED_LATER:
        return Message("until %(until)s, then asks whether %(place)s happened.", **facts)
    if process.waiting_for == "window":
        return Message("until %(until)s (quiet window), then %(place)s.", **facts)
    if not process.attempt:
        return Message("until %(until)s, then %(place)s.", **facts)
    told = quoted(process.message)
    if not told:
        return Message("until %(until)s, then retries %(place)s.", **facts)
    return Message("until %(until)s, then retries %(place)s. %(quote)s", **facts, quote=told)


def _due(process: Overview, found: Standing, around: Surroundings, _steps: Sequence[str]) -> str:
    is_new = process.status == Status.PENDING
    if found.cause is Cause.NO_WORKER:
        return (
            Message("now. No worker is running.")
            if is_new
            else Message("no longer: it is due now. No worker is running.")
        )
    whom = _next_workers(process, around)
    if is_new:
        return Message("now. %(workers)s takes it next.", workers=whom)
    return Message("no longer: it is due now. %(workers)s takes it next.", workers=whom)


def _next_workers(process: Overview, around: Surroundings) -> str:
    stand = CodeAvailability(process.name, process.version, process.step, process.channel)
    names = [each.name for each in around.workers if _takes(each.channels, stand) and not unknown(stand, each.knows)]
    if not names:
        return Message("A worker")
    if len(names) > _NAMED:
        return Message("One of %(number)s workers", number=len(names))
    return names[0] if len(names) == 1 else Message("%(one)s or %(other)s", one=names[0], other=names[1])


def _takes(channels: Sequence[str], stand: CodeAvailability) -> bool:
    return not channels or stand.channel in channels


def place(step: str | None, steps: Sequence[str]) -> Message:
    """Return a step as a sentence names it: `step 2 of 4, book`, shortened to what is known."""
    if step is None:
        return Message("its last step")
    if step not in steps:
        return Message("step %(step)s", step=step)
    return Message("step %(number)s of %(most)s, %(step)s", number=steps.index(step) + 1, most=len(steps), step=step)


def quoted(message: str | None) -> str:
    """Return what a step or a person said, in one line and in quotation marks; nothing for nothing."""
    line = " ".join((message or "").split()).rstrip(".")
    if not line:
        return ""
    return f"“{line if len(line) <= _LONGEST else f'{line[: _LONGEST - 1].rstrip()}…'}”."


_RESTS: Final[Mapping[str, Callable[[Overview, Surroundings, Sequence[str]], str]]] = {
    Status.PENDING: _resting,
    Status.RUNNING: _running,
    Status.WAITING: _resting,
    Status.FAILED: _failed,
    Status.UNCERTAIN: _uncertain,
    Status.QUARANTINED: _quarantined,
    Status.SUCCEEDED: _succeeded,
    Status.SKIPPED: _ended,
    Status.REJECTED: _ended,
    Status.ABANDONED: _ended,
}

_WHY: Final[Mapping[Cause, Callable[[Overview, Standing, Surroundings, Sequence[str]], str]]] = {
    Cause.BEHIND: _behind,
    Cause.EVENT: _event,
    Cause.NOBODY: _nobody,
    Cause.GATE: _gate,
    Cause.VERIFIED_LATER: _later,
    Cause.LATER: _later,
    Cause.NO_WORKER: _due,
    Cause.DUE: _due,
}
