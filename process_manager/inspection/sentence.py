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

_LONGEST: Final = 160
"""Characters of a message that is quoted in a sentence."""
_NAMED: Final = 2
"""Workers that are named one by one."""

_WORDS: Final[Mapping[str, str]] = {
    Status.PENDING: "Due",
    Status.RUNNING: "Running",
    Status.WAITING: "Waiting",
    Status.FAILED: "Failed:",
    Status.UNCERTAIN: "Uncertain:",
    Status.QUARANTINED: "Quarantined:",
    Status.SUCCEEDED: "Done",
    Status.SKIPPED: "Skipped:",
    Status.REJECTED: "Rejected:",
    Status.ABANDONED: "Abandoned:",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence about a process: `status` names its mark, `word` begins it, `rest` ends it."""

    status: str
    word: str
    rest: str


def word(status: str) -> str:
    """Return the word of a status by itself."""
    return _WORDS[status].rstrip(":")


def sentence(process: Overview, around: Surroundings, steps: Sequence[str] = ()) -> Sentence:
    """Return the sentence about a process.

    Args:
        process: The process, as `get` or `page` returns it.
        around: What surrounds it, from `look_around`.
        steps: The names of its steps in order, where they are known.

    Returns:
        Its status, why, until when, and what happens next, in English.
    """
    rest = _RESTS[process.status](process, around, steps)
    return Sentence(process.status, _WORDS[process.status], rest)


def _failed(process: Overview, _around: Surroundings, steps: Sequence[str]) -> str:
    return f"{quoted(process.message) or f'{place(process.step, steps)} cannot go on.'} Stopped until someone acts."


def _uncertain(process: Overview, around: Surroundings, steps: Sequence[str]) -> str:
    begun = process.doubtful_since
    since = "" if begun is None else f", begun {moments.at(begun, around.now, around.zone)},"
    return f"{place(process.step, steps)}{since} may have happened. Find out whether it did, then resolve it."


def _quarantined(process: Overview, _around: Surroundings, steps: Sequence[str]) -> str:
    return f"it crashed its worker three times at {place(process.step, steps)}. Stopped until someone acts."


def _running(process: Overview, around: Surroundings, steps: Sequence[str]) -> str:
    at = place(process.step, steps)
    if standing(process, around).cause is Cause.WORKER_GONE:
        return f"until a moment ago on {process.worker}, which no longer answers. The next worker takes over {at}."
    if process.stop_requested_at is not None:
        told = quoted(process.stop_requested_reason)
        return f"on {process.worker}: {at}. {process.stop_requested_by} asked it to stop at its next safe point. {told}"
    since = process.updated_at
    so_far = "" if since is None else f" for {moments.lasting(around.now - since)} so far"
    return f"on {process.worker}: {at}{so_far}."


def _succeeded(_process: Overview, _around: Surroundings, steps: Sequence[str]) -> str:
    return f"in {len(steps)} steps." if len(steps) > 1 else "in one step." if steps else "with every step."


def _ended(process: Overview, _around: Surroundings, _steps: Sequence[str]) -> str:
    told = quoted(process.message) or "no reason was given."
    return f"{told} The remaining steps were cancelled." if process.status == Status.REJECTED else told


def _resting(process: Overview, around: Surroundings, steps: Sequence[str]) -> str:
    found = standing(process, around)
    return _WHY[found.cause](process, found, around, steps)


def _behind(_process: Overview, found: Standing, _around: Surroundings, _steps: Sequence[str]) -> str:
    return f"for {found.whom}."


def _nobody(process: Overview, found: Standing, _around: Surroundings, _steps: Sequence[str]) -> str:
    return f"{_now(process)} It needs {found.whom}, and none is running."


def _gate(process: Overview, found: Standing, around: Surroundings, steps: Sequence[str]) -> str:
    until = "" if found.until is None else f" until {moments.until(found.until, around.now, around.zone)}"
    switch = None if found.gate is None else found.gate.switch
    if switch is None:
        return f"{_held(process)}{until} (quiet window), then {place(process.step, steps)}."
    return f"{_held(process)}{until}: {switch.by} switched off {switch.key}. {quoted(switch.reason)}".rstrip()


def _later(process: Overview, found: Standing, around: Surroundings, steps: Sequence[str]) -> str:
    until = "" if found.until is None else f"until {moments.until(found.until, around.now, around.zone)}"
    at = place(process.step, steps)
    if found.cause is Cause.VERIFIED_LATER:
        return f"{until}, then asks whether {at} happened."
    if process.waiting_for == "window":
        return f"{until} (quiet window), then {at}."
    if process.attempt:
        return f"{until}, then retries {at}. {quoted(process.message)}".rstrip()
    return f"{until}, then {at}."


def _due(process: Overview, found: Standing, around: Surroundings, _steps: Sequence[str]) -> str:
    if found.cause is Cause.NO_WORKER:
        return f"{_now(process)} No worker is running."
    return f"{_now(process)} {_next_workers(process, around)}"


def _next_workers(process: Overview, around: Surroundings) -> str:
    stand = CodeAvailability(process.name, process.version, process.step, process.channel)
    names = [each.name for each in around.workers if _takes(each.channels, stand) and not unknown(stand, each.knows)]
    if len(names) > _NAMED:
        return f"One of {len(names)} workers takes it next."
    return f"{' or '.join(names) or 'A worker'} takes it next."


def _takes(channels: Sequence[str], stand: CodeAvailability) -> bool:
    return not channels or stand.channel in channels


def _now(process: Overview) -> str:
    return "now." if process.status == Status.PENDING else "no longer: it is due now."


def _held(process: Overview) -> str:
    return "now, but held" if process.status == Status.PENDING else "held"


def place(step: str | None, steps: Sequence[str]) -> str:
    """Return a step as a sentence names it: `step 2 of 4, book,` shortened to what is known."""
    if step is None:
        return "its last step"
    return f"step {steps.index(step) + 1} of {len(steps)}, {step}" if step in steps else f"step {step}"


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
    Cause.NOBODY: _nobody,
    Cause.GATE: _gate,
    Cause.VERIFIED_LATER: _later,
    Cause.LATER: _later,
    Cause.NO_WORKER: _due,
    Cause.DUE: _due,
}
