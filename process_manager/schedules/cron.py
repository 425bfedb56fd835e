"""Cron texts: checked field by field, and the wall times that they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from cronsim import CronSim, CronSimError
from cronsim.cronsim import Field

from process_manager.errors import IllegalValue
from process_manager.message import Message

_NAMES: Final = (
    Message("second"),
    Message("minute"),
    Message("hour"),
    Message("day-of-month"),
    Message("month"),
    Message("day-of-week"),
)
_HINTS: Final = (
    "Write 0 to 59, several as 0,30 or 10-20, or */5.",
    "Write 0 to 59, several as 0,30 or 10-20, or */5.",
    "Write 0 to 23, several as 6,18 or 8-16, or */2.",
    "Write 1 to 31, L for the last day or LW for the last weekday of the month.",
    "Write 1 to 12 or jan to dec, several as 1,7 or jun-aug.",
    "Write sun to sat or 0 to 7, several as mon-fri or sat,sun, mon#1 for the first Monday, 5L for the last Friday.",
)
_HINT: Final = (
    "Write five fields: minute, hour, day-of-month, month, day-of-week, such as 0 6 * * mon-fri; of six the first is "
    "the second."
)


def fields(text: str) -> list[str]:
    """Return the six fields of a cron text, in capitals; raise IllegalValue that names the field and its text."""
    parts = text.split() if isinstance(text, str) else []
    if len(parts) not in (5, 6):
        raise IllegalValue(
            what="Cron",
            value=text,
            problem=Message("has %(number)s fields instead of five or six", number=len(parts)),
            hint=_HINT,
        )
    kinds = list(Field)[-len(parts) :]
    for place, (kind, part) in enumerate(zip(kinds, parts, strict=True), 1):
        _check(text, kind, part, place=place)
    whole = ["0", *parts] if len(parts) == 5 else parts
    return [part.upper() for part in whole]


def _check(text: str, kind: Field, part: str, *, place: int) -> None:
    for term in part.split(","):
        if not _is_understood(kind, term):
            raise IllegalValue(
                what="Cron",
                value=text,
                problem=Message(
                    "is wrong in field %(place)s, the %(field)s: %(term)s is not understood",
                    place=place,
                    field=_NAMES[kind],
                    term=repr(term),
                ),
                hint=_HINTS[kind],
            )


def _is_understood(kind: Field, term: str) -> bool:
    try:
        kind.parse(term.upper())
    except (CronSimError, AssertionError, TypeError, ValueError):  # it asserts what a part of a term must be
        return False
    return True


def times(parts: Sequence[str], after: datetime) -> Iterator[datetime]:
    """Yield the wall times that the fields name after one, in order, as far as the calendar goes."""
    try:
        yield from CronSim(" ".join(parts), after)
    except (CronSimError, OverflowError, RuntimeError):  # such a day is in no calendar, or the calendar ends
        return
