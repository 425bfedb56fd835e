"""The days a quiet window falls on: weekdays, dates, holidays, the last days of a month or year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from process_manager.errors import IllegalValue
from process_manager.gates.quiet import calendar

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DATE: Final = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")
_LEAP_YEAR: Final = 2000  # 02-29 is a date, though not of every year


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of the week: 0 is Monday."""

    numbers: frozenset[int]

    def has(self, day: date) -> bool:
        return day.weekday() in self.numbers

    def __str__(self) -> str:
        first, last, length = min(self.numbers), max(self.numbers), len(self.numbers)
        if length == 7:
            return ""
        if length > 2 and last - first == length - 1:
            return f"{WEEKDAYS[first]}-{WEEKDAYS[last]}"
        return ",".join(WEEKDAYS[number] for number in sorted(self.numbers))


EVERY_DAY: Final = Weekdays(frozenset(range(7)))


@dataclass(frozen=True, slots=True)
class OnDate:
    """One date, or the same date of each year when `year` is None."""

    month: int
    day: int
    year: int | None = None

    def has(self, day: date) -> bool:
        return (day.month, day.day) == (self.month, self.day) and self.year in (None, day.year)

    def __str__(self) -> str:
        year = "" if self.year is None else f"{self.year:04}-"
        return f"{year}{self.month:02}-{self.day:02}"


@dataclass(frozen=True, slots=True)
class Holidays:
    """The holidays of a country in some categories, and dates of the office's own that count as such."""

    country: str
    categories: tuple[str, ...] = ("public",)
    own: tuple[OnDate, ...] = ()

    def has(self, day: date) -> bool:
        if day in calendar.holidays_of(self.country, self.categories, day.year):
            return True
        return any(own.has(day) for own in self.own)

    def __str__(self) -> str:
        return "+".join([f"holidays {self.country}", *self.categories[1:], *map(str, self.own)])


@dataclass(frozen=True, slots=True)
class LastDays:
    """The last days, from 1 to 28 of them, of each month or year."""

    of: Literal["month", "year"]
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= 28:
            raise IllegalValue(
                what="Last days",
                value=self.count,
                problem="are not 1 to 28",
                hint=f"Write {self.of}-end for the last day, {self.of}-end -2 for the last two.",
            )

    def has(self, day: date) -> bool:
        after = day + timedelta(days=self.count)
        return after.year != day.year or (self.of == "month" and after.month != day.month)

    def __str__(self) -> str:
        return f"{self.of}-end" if self.count == 1 else f"{self.of}-end -{self.count}"


Days = Weekdays | OnDate | Holidays | LastDays


def weekdays(text: str) -> Weekdays:
    """Return the weekdays of a text such as `sat,sun` or `mon-fri`; `fri-mon` goes over the weekend."""
    return Weekdays(frozenset(number for word in text.split(",") for number in _between(text, word)))


def _between(text: str, word: str) -> list[int]:
    first, _, last = word.partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS or word.endswith("-"):
        raise IllegalValue(
            what="Weekdays",
            value=text,
            problem=f"has {word!r}, which is no day of the week",
            hint="Write some of mon, tue, wed, thu, fri, sat, sun, such as sat,sun or mon-fri 12:00-12:30.",
        )
    begin = WEEKDAYS.index(first)
    length = (WEEKDAYS.index(last or first) - begin) % 7 + 1
    return [(begin + number) % 7 for number in range(length)]


def on_date(text: str) -> OnDate:
    """Return the date of a text such as `2026-12-24`, or of each year such as `12-24`."""
    found = _DATE.fullmatch(text)
    try:
        if found is not None:
            year, month, day = (None if part is None else int(part) for part in found.groups())
            date(year if year is not None else _LEAP_YEAR, month or 0, day or 0)
            return OnDate(month or 0, day or 0, year)
    except ValueError:
        pass
    raise IllegalValue(
        what="Date",
        value=text,
        problem="is in no calendar",
        hint="Write 2026-12-24, or 12-24 for that day of each year, and hours after it: 2026-12-24 12:00-24:00.",
    )


def holidays(country: str, *more: str) -> Holidays:
    """Return the holidays of a country; `more` adds categories (`optional`) and own dates (`12-24`, `2026-05-15`)."""
    own = tuple(on_date(word) for word in more if word[:1].isdigit())
    extra = dict.fromkeys(word.lower() for word in more if not word[:1].isdigit())
    categories = ("public", *(word for word in extra if word != "public"))
    calendar.check(country.upper(), categories)
    return Holidays(country.upper(), categories, own)
