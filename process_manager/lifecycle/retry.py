"""Retry policies: when a failed step runs again, and when a person is needed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from process_manager import durations
from process_manager.errors import IllegalValue


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long a step rests after a failed attempt, and when it is `failed`; `every` and its like make one.

    Attributes:
        text: The policy as the settings write it.
        attempts: After how many failed attempts the step is `failed`; None for no limit.
        max_age: How long after its first failed attempt of this round began it is `failed`; None for no limit.
        rest: The rest by the number of the attempt and a number from 0 up to 1; many threads call it.
    """

    text: str
    attempts: int | None
    max_age: timedelta | None
    rest: Callable[[int, float], timedelta] = field(compare=False, repr=False)

    def delay(self, attempt: int, *, age: timedelta, roll: float, after: timedelta | None = None) -> timedelta | None:
        """Return how long a step rests after a failed attempt.

        Args:
            attempt: The number of the attempt, from 1.
            age: How long ago the first failed attempt of this round began.
            roll: A number from 0 up to 1 that decides the jitter.
            after: The rest that the step asked for; None for what the policy says.

        Returns:
            The rest, or None when the policy is exhausted.
        """
        if self.attempts is not None and attempt >= self.attempts:
            return None
        rest = self.rest(attempt, roll) if after is None else after
        if self.max_age is not None and rest > self.max_age - age:
            return None
        return rest


def classic(*, attempts: int | None = 50, max_age: timedelta | None = None) -> RetryPolicy:
    """Rest 60 s × max(attempt - 3, 1): 60, 60, 60, 60, 120, 180 … seconds.

    Args:
        attempts: After how many failed attempts the step is `failed`; None for no limit.
        max_age: How long after its first failed attempt began it is `failed`; None for no limit.

    Returns:
        The policy.

    Raises:
        IllegalValue: `attempts` is less than 1.
    """
    return _policy("classic", attempts, max_age, lambda attempt, _roll: timedelta(seconds=60 * max(attempt - 3, 1)))


def every(
    *,
    seconds: float = 0,
    minutes: float = 0,
    hours: float = 0,
    attempts: int | None = 50,
    max_age: timedelta | None = None,
) -> RetryPolicy:
    """Rest the same time after each failed attempt: the sum of the first three arguments.

    Args:
        seconds: Seconds of the rest.
        minutes: Minutes of the rest.
        hours: Hours of the rest.
        attempts: After how many failed attempts the step is `failed`; None for no limit.
        max_age: How long after its first failed attempt began it is `failed`; None for no limit.

    Returns:
        The policy.

    Raises:
        IllegalValue: There is no rest, or `attempts` is less than 1.
    """
    rest = timedelta(seconds=seconds, minutes=minutes, hours=hours)
    if rest <= timedelta(0):
        raise IllegalValue(
            what="every", value=str(rest), problem="is no rest", hint="Give seconds=, minutes= or hours=."
        )
    return _policy(f"every {durations.format(rest)}", attempts, max_age, lambda _attempt, _roll: rest)


def exponential(
    *,
    first: timedelta = timedelta(seconds=1),
    cap: timedelta = timedelta(minutes=10),
    attempts: int | None = 50,
    max_age: timedelta | None = None,
) -> RetryPolicy:
    """Rest for a random time from zero to `first` × 2^(attempt - 1), never more than `cap` (full jitter).

    Args:
        first: The longest rest after the first failed attempt.
        cap: The longest rest after any.
        attempts: After how many failed attempts the step is `failed`; None for no limit.
        max_age: How long after its first failed attempt began it is `failed`; None for no limit.

    Returns:
        The policy.

    Raises:
        IllegalValue: `first` is zero or more than `cap`, or `attempts` is less than 1.
    """
    if not timedelta(0) < first <= cap:
        raise IllegalValue(
            what="exponential", value=f"{first}..{cap}", problem="does not grow", hint="Give 0 < first <= cap."
        )

    def rest(attempt: int, roll: float) -> timedelta:
        doublings = min(attempt - 1, 60)  # 2^60 seconds is past any cap, and past what a timedelta holds soon after
        ceiling = min(first.total_seconds() * 2.0**doublings, cap.total_seconds())
        return timedelta(seconds=roll * ceiling)

    return _policy(f"exponential {durations.format(first)}..{durations.format(cap)}", attempts, max_age, rest)


def never() -> RetryPolicy:
    """Make no second attempt: the first error needs a person.

    Returns:
        The policy.
    """
    return RetryPolicy("never", 1, None, lambda _attempt, _roll: timedelta(0))


def _policy(
    text: str, attempts: int | None, max_age: timedelta | None, rest: Callable[[int, float], timedelta]
) -> RetryPolicy:
    if attempts is not None and attempts < 1:
        raise IllegalValue(
            what="attempts", value=attempts, problem="is less than one", hint="Give 1 or more, or None for no limit."
        )
    limit = " xunlimited" if attempts is None else f" x{attempts}"
    age = "" if max_age is None else f" for {durations.format(max_age)}"
    return RetryPolicy(f"{text}{limit}{age}", attempts, max_age, rest)


_TEXT: Final = re.compile(
    r"(?:(?P<kind>classic|never)|every (?P<rest>\S+)|exponential (?P<first>[^.\s]+)\.\.(?P<cap>\S+))"
    r"(?: x(?P<attempts>\d+|unlimited))?(?: for (?P<max_age>\S+))?"
)


def parse(text: str) -> RetryPolicy:
    """Return the policy that a text such as `classic`, `every 1m x10` or `exponential 1s..10m x8 for 2d` names."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise IllegalValue(
            what="Retry policy",
            value=text,
            problem="is not known",
            hint="Write `classic`, `never`, `every 1m x10` or `exponential 1s..10m x8`, with ` for 2d` as maximum age.",
        )
    found = match.groupdict()
    if found["kind"] == "never":
        return never()
    attempts = _attempts(found["attempts"])
    max_age = durations.parse(found["max_age"]) if found["max_age"] else None
    if found["kind"] == "classic":
        return classic(attempts=attempts, max_age=max_age)
    if found["rest"]:
        return every(seconds=durations.parse(found["rest"]).total_seconds(), attempts=attempts, max_age=max_age)
    return exponential(
        first=durations.parse(found["first"]), cap=durations.parse(found["cap"]), attempts=attempts, max_age=max_age
    )


def _attempts(text: str | None) -> int | None:
    if text == "unlimited":
        return None
    return 50 if text is None else int(text)
