"""Mask what must never appear in a log or a message: secrets and personal numbers, found by key and by pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from process_manager import serialization
from process_manager.redaction.patterns import FORMS, NAMED
from process_manager.redaction.urls import MASK, safe_url, short_url
from process_manager.redaction.words import HINTS, PERSONAL, SECRET, SHORT

__all__ = ["LIMIT", "MASK", "redact", "redact_pair", "redact_text", "safe_url", "short_url"]

LIMIT: Final = 20_000  # characters of a text that are searched: a running pattern stops every other thread
_MARGIN: Final = 2_000  # characters around a cut that are searched but not shown, so that no half of a secret shows
_HINTS: Final = tuple({hint: None for hints in (HINTS, *(form.hints for form in FORMS)) for hint in hints})
_KEPT: Final = rf"\g<keep>{MASK}"

_KEY = re.compile(rf"{SECRET}|(?:^|[-_. ])(?:{SHORT}|sig)$|(?:^|[-_ ])(?:{PERSONAL})", re.IGNORECASE)

# A Danish CPR number starts with a day and a month; Norwegian and Polish ones have eleven digits, of which Norwegian
# D-numbers add 40 to the day and Polish ones 20 to 80 to the month: so every run of eleven counts as one.
# Beside a hexadecimal letter it is a part of a hash or a UUID, which is only useful whole.
_PERSONAL = re.compile(
    r"(?<![\da-f])(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[- ]?\d{4}|\d{6}[- ]?\d{5})(?![\da-f])"
)


def redact(value: object) -> object:
    """Return the value with every secret and personal number in it masked, at any depth."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return MASK if 0 <= value < 10**11 and _PERSONAL.fullmatch(str(value)) else value
    if isinstance(value, Mapping):
        return {redact(key): redact_pair(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(part) for part in value]
    return redact_text(str(value))


def redact_pair(key: str, value: object) -> object:
    """Return the value masked as a whole if its key names a secret or a person, else with its secrets masked."""
    return MASK if value is not None and _is_secret(key) else redact(value)


@lru_cache(maxsize=1000)
def _is_secret(key: str) -> bool:
    """Return whether the key names a secret or a person; cached, because every log line has the same few keys."""
    return _KEY.search(key, 0, LIMIT) is not None


def redact_text(text: str, limit: int = LIMIT) -> str:
    """Return the text with every secret and personal number masked; if longer than `limit`, its head and tail."""
    return _masked_within(text, limit, _masked)


def _masked_within(text: str, limit: int, mask: Callable[[str], str]) -> str:
    if len(text) <= limit:
        return mask(text)
    left = limit * 2 // 3
    right = len(text) - (limit - left)
    after, before = min(left + _MARGIN, len(text)), max(right - _MARGIN, 0)
    head = mask(text[:after])[: left - after]
    tail = mask(text[before:])[right - before :]
    return f"{head}{serialization.left_out(right - left)}{tail}"


def _masked(text: str) -> str:
    return _PERSONAL.sub(MASK, _without_secrets(text))


def _without_secrets(text: str) -> str:
    has = text.lower().__contains__
    if not any(map(has, _HINTS)):
        return text
    for pattern, hints in FORMS:
        if any(map(has, hints)):
            text = pattern.sub(_KEPT, text)
    if any(map(has, HINTS)):
        for pattern in NAMED:
            text = pattern.sub(_KEPT, text)
    return text
