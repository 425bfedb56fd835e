"""Durations as people write them: `90s`, `5m`, `1h30m`."""

from __future__ import annotations

import re
from datetime import timedelta

from process_manager.errors import IllegalValue

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
_SHAPE = re.compile(r"(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m(?!s))?(?:([0-9]+)s)?(?:([0-9]+)ms)?")
_HINT = "Write a whole number and its unit (d, h, m, s or ms), such as 90s, 5m, 1h30m or 2d."


def parse(text: str) -> timedelta:
    """Return the duration that the text says.

    Raises:
        IllegalValue: The text is not a duration.
    """
    found = _SHAPE.fullmatch(text.strip())
    if found is None or not any(found.groups()):
        raise IllegalValue(what="Duration", value=text, problem="is not a duration", hint=_HINT)
    try:
        return sum((int(n) * unit for n, unit in zip(found.groups("0"), _UNITS.values(), strict=True)), timedelta())
    except (OverflowError, ValueError):  # Python parses no integer of more than 4,300 digits
        raise IllegalValue(what="Duration", value=text[:40], problem="is too long", hint=_HINT) from None


def format(duration: timedelta, *, parts: int = len(_UNITS)) -> str:
    """Return the duration in its largest units, exact to the millisecond; `parts` limits the number of units."""
    if duration < timedelta():
        return "-" + format(-duration, parts=parts)
    words, rest = [], duration
    for name, unit in _UNITS.items():
        count, rest = divmod(rest, unit)
        if count:
            words.append(f"{count}{name}")
    return "".join(words[:parts]) or "0s"
