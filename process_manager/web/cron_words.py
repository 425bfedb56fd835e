"""Cron texts in plain words: those that most schedules have; of any other the text alone is shown."""

from __future__ import annotations

import re
from typing import Final

from process_manager.message import Message, joined

WEEKDAYS: Final = (
    Message("Sunday"),
    Message("Monday"),
    Message("Tuesday"),
    Message("Wednesday"),
    Message("Thursday"),
    Message("Friday"),
    Message("Saturday"),
)
_NUMBERS: Final = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_WHICH: Final = (Message("1st"), Message("2nd"), Message("3rd"), Message("4th"), Message("5th"))
_LAST_DAYS: Final = {
    "l": Message("the last day of each month"),
    "lw": Message("the last weekday of each month"),
}
_MOST_HOURS: Final = 4
"""A row of more times of day is not read."""


def in_words(text: str, working_days: str = "any") -> str | None:
    """Return a cron text in words, such as `Monday to Friday at 06:00`; None where there are no plain ones."""
    fields = text.lower().split()
    if len(fields) != 5 or fields[3] != "*":
        return None
    times, days = _times(fields[0], fields[1]), _days(fields[2], fields[4])
    if times is None or days is None:
        return None
    if fields[1].isdecimal() or "," in fields[1]:
        return _kept(Message("%(days)s %(times)s", days=days, times=times), working_days)
    return _kept(Message("%(times)s, %(days)s", days=days, times=times), working_days)


def _kept(rule: Message, working_days: str) -> Message:
    """Return the words with what becomes of days that are no working days."""
    if working_days == "next":
        return Message("%(rule)s, or the next working day", rule=rule)
    return Message("%(rule)s, on working days only", rule=rule) if working_days == "only" else rule


def _times(minute: str, hour: str) -> str | None:
    every = re.fullmatch(r"\*/(\d+)", minute)
    if every is not None:
        return _each_minutes(int(every[1]), hour)
    if not minute.isdecimal():
        return None
    if hour == "*":
        return Message("at %(minute)s past every hour", minute=f"{int(minute):02}")
    if found := re.fullmatch(r"(\d+)-(\d+)(?:/(\d+))?", hour):
        return _each_hours(int(minute), *(int(each or 1) for each in found.groups()))
    hours = hour.split(",")
    if len(hours) > _MOST_HOURS or not all(each.isdecimal() for each in hours):
        return None
    return Message("at %(times)s", times=joined(_clock(int(each), int(minute)) for each in hours))


def _each_minutes(number: int, hour: str) -> str | None:
    if hour == "*":
        return Message("every %(number)s minutes", number=number)
    found = re.fullmatch(r"(\d+)-(\d+)", hour)
    if found is None:
        return None
    last = _clock(int(found[2]), (59 // number) * number)
    first = _clock(int(found[1]), 0)
    return Message("every %(number)s minutes from %(first)s to %(last)s", number=number, first=first, last=last)


def _each_hours(minute: int, first: int, last: int, step: int) -> str:
    begins, ends = _clock(first, minute), _clock(first + (last - first) // step * step, minute)
    if step == 1:
        return Message("every hour from %(first)s to %(last)s", first=begins, last=ends)
    return Message("every %(number)s hours from %(first)s to %(last)s", number=step, first=begins, last=ends)


def _clock(hour: int, minute: int) -> str:
    return Message("%(hour)s:%(minute)s", hour=f"{hour:02}", minute=f"{minute:02}")


def _days(day: str, weekday: str) -> str | None:
    if weekday == "*":
        return _of_month(day)
    return _of_week(weekday) if day == "*" else None


def _of_month(day: str) -> str | None:
    if day == "*":
        return Message("every day")
    if day in _LAST_DAYS:
        return _LAST_DAYS[day]
    return Message("day %(number)s of each month", number=int(day)) if day.isdecimal() else None


def _of_week(text: str) -> str | None:
    if found := re.fullmatch(r"(\w+)#([1-5])", text):
        which = _weekday(found[1])
        nth = _WHICH[int(found[2]) - 1]
        return None if which is None else Message("the %(nth)s %(weekday)s of each month", nth=nth, weekday=which)
    if found := re.fullmatch(r"(\d|[a-z]{3})l", text):
        which = _weekday(found[1])
        return None if which is None else Message("the last %(weekday)s of each month", weekday=which)
    if found := re.fullmatch(r"(\w+)-(\w+)", text):
        first, last = _weekday(found[1]), _weekday(found[2])
        return None if first is None or last is None else Message("%(first)s to %(last)s", first=first, last=last)
    names = [_weekday(each) for each in text.split(",")]
    return None if None in names else joined(name for name in names if name is not None)


def _weekday(text: str) -> str | None:
    number = int(text) if text.isdecimal() else _NUMBERS.get(text)
    return WEEKDAYS[number % 7] if number is not None and number <= 7 else None
