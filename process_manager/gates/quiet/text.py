"""Quiet windows as people write them: `23:50-24:00; sat,sun; holidays DK+optional; month-end 18:00-24:00`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Final

from process_manager.errors import IllegalValue
from process_manager.gates.quiet import days, hours
from process_manager.gates.quiet.rules import DayRule, Rule, Span
from process_manager.gates.quiet.windows import Quiet, of

DEFAULT: Final = "23:50-24:00"
"""The last 10 minutes of the day."""

_HINT: Final = (
    "Write 23:50-24:00, sat,sun or mon-fri 12:00-12:30, holidays DK, month-end 18:00-24:00, year-end, "
    "2026-12-24 12:00-24:00 or 2026-12-24 12:00..2026-12-27 06:00, several with ; between them, or none."
)


def parse(text: str | Iterable[str], zone: str) -> Quiet:
    """Return the quiet windows of a text or a list of texts in a zone; raise IllegalValue that names the part."""
    return of(rules_of(text), zone)


def rules_of(text: str | Iterable[str]) -> tuple[Rule, ...]:
    """Return the rules of a text or a list of texts, before any zone; raise IllegalValue that names the part."""
    whole = text if isinstance(text, str) else ";".join(text)
    parts = [part.strip() for part in whole.split(";") if part.strip()]
    if not parts:
        raise IllegalValue(what="Quiet windows", value=whole, problem="say nothing", hint=_HINT)
    return () if [part.lower() for part in parts] == ["none"] else tuple(map(_rule, parts))


def _rule(part: str) -> Rule:
    text = re.sub(r"\s*(,|\.\.|\+)\s*|\s+(-)\s+", r"\1\2", part.strip().lower().replace("–", "-"))
    if ".." in text:
        return _span(text)
    words = text.split()
    shown = words.pop() if words and ":" in words[-1] else ""
    return DayRule(_days(part, words), hours.read(shown))


def _days(part: str, words: list[str]) -> days.Days:
    match words:
        case []:
            return days.EVERY_DAY
        case ["holidays", names]:
            return days.holidays(*names.split("+"))
        case ["month-end" | "year-end" as end, *count] if not count or re.fullmatch(r"-[0-9]{1,4}", " ".join(count)):
            return days.LastDays("month" if end == "month-end" else "year", -int(count[0]) if count else 1)
        case [word] if re.fullmatch("[0-9-]+", word):
            return days.on_date(word)
        case [word] if word.startswith(days.WEEKDAYS):
            return days.weekdays(word)
    raise IllegalValue(what="Quiet window", value=part, problem="is not understood", hint=_HINT)


def _span(text: str) -> Span:
    """Return the span of a text: an end without a time of day is the end of that day."""
    start, _, end = text.partition("..")
    return Span(_moment(start, "00:00"), _moment(end, "24:00"))


def _moment(text: str, usual: str) -> datetime:
    day, _, shown = text.partition(" ")
    named = days.on_date(day)
    if named.year is None:
        raise IllegalValue(
            what="Date", value=text, problem="has no year", hint="Write 2026-12-24 12:00..2026-12-27 06:00."
        )
    midnight = datetime.combine(date(named.year, named.month, named.day), time())
    return midnight + hours.time_of_day(shown or usual, of=text)
