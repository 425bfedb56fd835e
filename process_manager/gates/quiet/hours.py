"""Hours of a day as its wall clock shows them: `23:50-24:00`, `22:00-06:00`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from process_manager.errors import IllegalValue

DAY: Final = timedelta(days=1)
_SHAPE: Final = re.compile(r"([0-9]{1,2}):([0-5][0-9])")
_HINT: Final = "Write start-end as 23:50-24:00, 22:00-06:00 over midnight, or 00:00-24:00 for the whole day."


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the wall clock from a day's midnight on; an end past 24 hours lies in the day after."""

    start: timedelta
    end: timedelta

    def __post_init__(self) -> None:
        if not timedelta() <= self.start < DAY:
            raise IllegalValue(what="Hours", value=str(self), problem="do not begin within a day", hint=_HINT)
        whole = (self.start, self.end) == (timedelta(), DAY)
        if not whole and not self.start < self.end < self.start + DAY:
            raise IllegalValue(what="Hours", value=str(self), problem="begin and end at one time", hint=_HINT)

    def __str__(self) -> str:
        return f"{_shown(self.start)}-{_shown(self.end if self.end <= DAY else self.end - DAY)}"


def _shown(time: timedelta) -> str:
    hours, rest = divmod(time, timedelta(hours=1))
    return f"{hours:02}:{rest // timedelta(minutes=1):02}"


WHOLE_DAY: Final = Hours(timedelta(), DAY)


def read(text: str) -> Hours:
    """Return the hours that a text names, the whole day when it is empty; raise IllegalValue."""
    if not text:
        return WHOLE_DAY
    first, _, last = text.partition("-")
    start, end = time_of_day(first, of=text), time_of_day(last, of=text)
    return Hours(start, end if end > start else end + DAY)


def time_of_day(text: str, *, of: str) -> timedelta:
    """Return how far a time such as `06:00`, up to `24:00`, is from midnight; raise IllegalValue."""
    found = _SHAPE.fullmatch(text)
    time = timedelta(hours=int(found[1]), minutes=int(found[2])) if found else None
    if time is None or time > DAY:
        raise IllegalValue(what="Hours", value=of, problem="are on no clock", hint=_HINT)
    return time
