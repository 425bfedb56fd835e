"""What a list shows of a field: short, and with the decimal sign of its reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from process_manager import serialization
from process_manager.web.figures import decimal

LONGEST: Final = 60
"""Characters of a value in a list."""


def cell_text(language: str) -> Callable[[object], str]:
    """Return what makes the text of a value in this language."""
    return lambda value: _text(value, language)


def _text(value: object, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return decimal(value, 2, language)
    text = value if isinstance(value, str) else serialization.dumps(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
