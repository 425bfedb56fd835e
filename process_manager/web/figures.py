"""Figures as people read them: in groups of three, and with the decimal sign of their language."""

from __future__ import annotations

from typing import Final

from babel import Locale
from babel.numbers import get_decimal_symbol

SPACE: Final = "\N{NARROW NO-BREAK SPACE}"


def grouped(number: int) -> str:
    """Return a count in groups that no language misreads: 1 412."""
    return f"{number:,}".replace(",", SPACE)


def decimal(number: float, places: int, language: str) -> str:
    """Return a number with so many decimal places: 99.0 in English, 99,0 in Danish."""
    return f"{number:,.{places}f}".replace(",", SPACE).replace(".", get_decimal_symbol(Locale.parse(language)))
