"""Days and months as people write them, in the order and with the names of their language."""

from __future__ import annotations

from datetime import date
from typing import Final

from babel.dates import format_date, format_skeleton

_ORDER: Final = {"en": "en_GB"}
"""Whose order of day and month a language has, where it has several."""


def day(day: date, today: date, language: str) -> str:
    """Return a day without its weekday, with the year only where it is another: 2 March."""
    return _said("MMMMd" if day.year == today.year else "yMMMMd", day, language)


def month(day: date, language: str) -> str:
    """Return the month of a day: November 2026."""
    return _said("yMMMM", day, language)


def month_alone(day: date, language: str) -> str:
    """Return the month of a day without its year: November."""
    return format_date(day, "LLLL", locale=_ORDER.get(language, language))


def weekday(day: date, language: str) -> str:
    """Return a day of a month by its weekday: Mon 2."""
    name = format_date(day, "EEE", locale=_ORDER.get(language, language))
    return f"{name.rstrip('.')} {day.day}"


def short(day: date, language: str) -> str:
    """Return a day with weekday and month: Fri 27 Nov."""
    return _said("MMMEd", day, language)


def _said(skeleton: str, day: date, language: str) -> str:
    return format_skeleton(skeleton, day, locale=_ORDER.get(language, language))
