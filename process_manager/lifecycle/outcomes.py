"""What a step may answer: a closed set of frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any, ClassVar, Literal

from process_manager import serialization
from process_manager.errors import IllegalValue


@dataclass(frozen=True, slots=True)
class Done:
    """The step is done: the next one follows, or the later one that `goto` names.

    Attributes:
        message: What a person is to read.
        payload: What is merged into the payload of the process, as JSON can carry it; the last value wins.
        goto: The name of a later step to go on with; None for the next.
    """

    message: str = ""
    payload: Mapping[str, Any] | None = None
    goto: str | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """There is nothing to do by design: the process ends, `skipped`.

    Attributes:
        message: What a person is to read.
    """

    message: str


@dataclass(frozen=True, slots=True)
class Wait:
    """The process rests until a moment, an event or its children, and the step runs again then; no attempt is used.

    One of a moment, a duration, an event and children is required. A moment beside an event or children is their
    deadline: the step runs again when either comes, and `run.event` or `run.children` says which.

    Attributes:
        message: What a person is to read; of a wait for an event that says nothing, which event that is.
        until: The moment, with its time zone.
        after: How long to rest from now.
        event: The event, such as `paid:123`. One that stands and has not woken this step yet has the step run at once.
        children: "all" until no child is open any more, "any" until one has settled that had not when this step was
            woken last. Those that need a person are settled, too.
    """

    asks: ClassVar[bool] = False  # whether a person is asked: `Ask`, which only who asks imports

    message: str = ""
    until: datetime | None = None
    after: timedelta | None = None
    event: str | None = None
    children: Literal["all", "any"] | None = None

    @property
    def waits_for_others(self) -> bool:
        """Whether it waits for an event, children or a person, and not for a moment alone."""
        return self.asks or self.event is not None or self.children is not None

    def __post_init__(self) -> None:
        has_both = self.until is not None and self.after is not None
        if has_both or (self.until, self.after, self.event, self.children) == (None, None, None, None):
            raise IllegalValue(
                what="Wait",
                value=self.message,
                problem="names two moments" if has_both else "names neither a moment nor an event",
                hint="Give one of until= and after=, or event=.",
            )
        _check_pause(self, self.until, self.after)
        if self.event is not None:
            self._check_event(self.event)
        if self.children is not None:
            self._check_children(self.children)

    def _check_event(self, event: str) -> None:
        from process_manager.lifecycle.events import checked_key  # which a worker that uses none does not load

        told = f"Waits for {checked_key(event)}."
        if not self.message:
            object.__setattr__(self, "message", told)

    def _check_children(self, children: object) -> None:
        if children not in ("all", "any"):
            raise IllegalValue(
                what="Wait(children=…)", value=children, problem="is neither", hint='Give "all" or "any".'
            )
        if self.event is not None:
            raise IllegalValue(
                what="Wait",
                value=self.message,
                problem="names an event and children",
                hint="Wait for one of them; the other can be waited for by a later step.",
            )
        if not self.message:
            told = "Waits for all of its children." if children == "all" else "Waits for the next of its children."
            object.__setattr__(self, "message", told)


@dataclass(frozen=True, slots=True)
class Retry:
    """A system error: the step runs again later; it is `failed` when the policy is exhausted.

    Attributes:
        message: What a person is to read.
        after: How long to rest; None for what the policy says.
    """

    message: str
    after: timedelta | None = None

    def __post_init__(self) -> None:
        _check_pause(self, None, self.after)


@dataclass(frozen=True, slots=True)
class Reject:
    """A business error: the remaining steps are cancelled and the process ends, `rejected`.

    Attributes:
        message: What a person is to read.
        code: A short name of the reason, to list by.
    """

    message: str
    code: str | None = None


Outcome = Done | Skip | Wait | Retry | Reject
OUTCOMES = (Done, Skip, Wait, Retry, Reject)


@dataclass(frozen=True, slots=True)
class NoOutcome:
    """What a step answered that is none of these: as it showed itself, and whether its code runs only when asked."""

    shown: str
    is_later: bool = False


def no_outcome(answer: object) -> NoOutcome:
    """Return in words what a step answered instead of an outcome, and give up what would have run later."""
    if isinstance(answer, GeneratorType | CoroutineType):
        answer.close()  # Python would complain of what nobody awaited
    if isinstance(answer, GeneratorType | CoroutineType | AsyncGeneratorType):
        return NoOutcome(serialization.kind(answer), is_later=True)
    return NoOutcome(serialization.clean(serialization.safe_text(answer, repr), 200))


def _check_pause(outcome: Wait | Retry, until: datetime | None, after: timedelta | None) -> None:
    kind = type(outcome).__name__
    if until is not None and not _is_moment(until):
        raise IllegalValue(
            what=f"{kind}(until=…)",
            value=until,
            problem="is not a moment with a time zone",
            hint="Use an aware datetime.",
        )
    if after is not None and (not isinstance(after, timedelta) or after < timedelta(0)):
        raise IllegalValue(
            what=f"{kind}(after=…)", value=after, problem="is not a duration of zero or more", hint="Use a timedelta."
        )


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, datetime) and value.utcoffset() is not None and value.astimezone(UTC) is not None
    except OverflowError:  # within a few hours of the first or the last year
        return False
