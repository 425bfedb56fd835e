"""The statuses of a process and what moves it between them: the only state machine."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from transitions import Machine

from process_manager.errors import IllegalMove
from process_manager.message import Message


class Status(StrEnum):
    """Where a process stands."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"
    SUCCEEDED = "succeeded"
    SKIPPED = "skipped"
    ABANDONED = "abandoned"


S = Status

OPEN: Final = (S.PENDING, S.RUNNING, S.WAITING, S.FAILED, S.UNCERTAIN, S.QUARANTINED)
"""These hold their order key and their dedup key."""
CLOSED: Final = (S.SUCCEEDED, S.SKIPPED, S.REJECTED, S.ABANDONED)
"""These have a `finished_at` and hold nothing."""
FINAL: Final = (S.SUCCEEDED, S.SKIPPED, S.ABANDONED)
"""Nothing ever runs these again."""
NEEDS_A_PERSON: Final = (S.FAILED, S.UNCERTAIN, S.QUARANTINED)
"""No worker will move these."""
SETTLED: Final = (*CLOSED, *NEEDS_A_PERSON)
"""A parent waits for these no longer."""

MEANING: Final[Mapping[Status, str]] = {
    S.PENDING: "due now",
    S.RUNNING: "a worker holds a live lease",
    S.WAITING: "resting until a moment, an event, or the process ahead in its lane",
    S.FAILED: "its attempts are used up, or more would not help",
    S.UNCERTAIN: "a step may or may not have happened",
    S.QUARANTINED: "it took its worker down three times",
    S.REJECTED: "a business rule rejected it, and its remaining steps were cancelled",
    S.SUCCEEDED: "every step is done",
    S.SKIPPED: "a step skipped the rest, a person its last step, or its lane what is outdated",
    S.ABANDONED: "a person gave it up",
}

_STANDS: Final[Mapping[str, Message]] = {
    S.PENDING: Message("is pending"),
    S.RUNNING: Message("is running"),
    S.WAITING: Message("is waiting"),
    S.UNCERTAIN: Message("is uncertain"),
    S.QUARANTINED: Message("is quarantined"),
    S.FAILED: Message("has failed"),
    S.REJECTED: Message("was rejected"),
    S.SUCCEEDED: Message("has succeeded"),
    S.SKIPPED: Message("was skipped"),
    S.ABANDONED: Message("was abandoned"),
}

PERSONAL: Final = ("restart", "run-now", "skip-step", "edit-payload", "resolve", "cancel", "abandon")
"""The triggers that a person may press; every other one belongs to the engine."""

_AT_REST: Final = (S.PENDING, S.WAITING, S.FAILED, S.QUARANTINED)
"""Nothing runs, and of no step is it unknown whether it happened."""

_DECLARED: Final = (
    # trigger, from, to
    ("claim", (S.PENDING, S.WAITING), S.RUNNING),
    ("advance", S.RUNNING, S.RUNNING),
    ("release", S.RUNNING, S.PENDING),
    ("expire", S.RUNNING, S.PENDING),
    ("postpone", S.RUNNING, S.WAITING),
    ("wake", S.WAITING, S.PENDING),
    ("succeed", (S.RUNNING, S.UNCERTAIN), S.SUCCEEDED),
    ("skip", (S.RUNNING, *_AT_REST), S.SKIPPED),  # at rest: a person skips the last step
    ("reject", S.RUNNING, S.REJECTED),
    ("fail", S.RUNNING, S.FAILED),
    ("doubt", S.RUNNING, S.UNCERTAIN),
    ("quarantine", S.RUNNING, S.QUARANTINED),
    ("resolve", S.UNCERTAIN, S.PENDING),
    ("restart", (S.WAITING, S.FAILED, S.QUARANTINED, S.REJECTED), S.PENDING),
    ("run-now", (S.WAITING, S.UNCERTAIN), S.PENDING),  # its moment has come; or its verify is asked again
    ("skip-step", _AT_REST, S.PENDING),
    *(("edit-payload", status, status) for status in (*_AT_REST, S.REJECTED)),
    ("cancel", S.RUNNING, S.RUNNING),  # it is asked to stop, and abandoned when its step is at a safe point
    ("abandon", OPEN, S.ABANDONED),
)

# One shared machine without a model: a machine for every process would cost 120 µs and kilobytes each.
MACHINE: Final = Machine(
    model=None,
    states=Status,
    transitions=[{"trigger": trigger, "source": source, "dest": to} for trigger, source, to in _DECLARED],
    initial=Status.PENDING,
    auto_transitions=False,
)

_MOVES: Final[Mapping[tuple[str, str], Status]] = {
    (Status[str(arrow.source)], name): Status[str(arrow.dest)]
    for name, event in MACHINE.events.items()
    for arrow in MACHINE.get_transitions(name)
    if event is not None
}


def stands(status: str) -> str:
    """Return the status as what a sentence says of its process, such as "has failed" or "is waiting"."""
    return _STANDS.get(status, f"is {status}")


def move(status: str, trigger: str) -> Status:
    """Return the status that `trigger` leads to; raise IllegalMove when this status knows no such trigger."""
    try:
        return _MOVES[status, trigger]
    except KeyError:
        raise IllegalMove(status=status, trigger=trigger, possible=", ".join(triggers(status)) or "nothing") from None


def sources(trigger: str) -> tuple[Status, ...]:
    """Return the statuses that `trigger` may leave, for `WHERE status IN (…)`."""
    return tuple(status for status in Status if (status, trigger) in _MOVES)


def triggers(status: str) -> tuple[str, ...]:
    """Return what a person may do to a process of this status."""
    return tuple(trigger for trigger in PERSONAL if (status, trigger) in _MOVES)


def diagram() -> str:
    """Return the lifecycle as a Mermaid state diagram."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (source, trigger), to in _MOVES.items():
        arrows.setdefault((source, to), []).append(trigger)
    lines = [f"    {source} --> {to}: {', '.join(names)}" for (source, to), names in arrows.items()]
    ends = [f"    {status} --> [*]" for status in FINAL]
    return "\n".join(["stateDiagram-v2", "    [*] --> pending: start", "    [*] --> waiting: start", *lines, *ends])
