"""The lanes of a class: where its processes stand in them, which are skipped, and how long a lane pauses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from process_manager import durations
from process_manager.definition.step import full_name
from process_manager.errors import IllegalValue, UsageError
from process_manager.lifecycle import search_terms
from process_manager.lifecycle.lane_rules import DIGITS, LaneRules, stored
from process_manager.redaction import MASK

LONGEST: Final = timedelta(days=1)
"""The longest spacing."""


def declared(cls: Any) -> LaneRules:
    """Return what a class declares of its lanes, where it declares any of it.

    Raises:
        UsageError: It is none of what may be declared; the error names class and attribute.
    """
    position, skips = cls.order_position, cls.superseded
    if position is not None and not callable(position) and not _is_path(position):
        raise _refused(cls, "order_position", f'{position!r} is no field and no function. Write "pos" or "message.pos"')
    if skips not in (None, "skip"):
        raise _refused(cls, "superseded", f"{skips!r} is not known. Write 'skip', or leave it out")
    if skips is not None and position is None:
        raise _refused(cls, "superseded", "needs positions that say which one is newer. Write order_position, too")
    return LaneRules(position is not None, skips is not None, _spacing(cls) // timedelta(milliseconds=1))


def _is_path(given: object) -> bool:
    return isinstance(given, str) and all(part and part == part.strip() for part in given.split("."))


def _spacing(cls: Any) -> timedelta:
    given: object = cls.spacing
    if given is None:
        return timedelta()
    try:
        found = durations.parse(given) if isinstance(given, str) else timedelta()
    except IllegalValue as problem:
        raise UsageError(problem=f"class {full_name(cls)}: spacing: {problem}") from problem
    if not timedelta() < found <= LONGEST:
        raise _refused(cls, "spacing", f'{given!r} is no duration up to a day. Write spacing = "500ms"')
    return found


def _refused(cls: Any, option: str, problem: str) -> UsageError:
    return UsageError(problem=f"class {full_name(cls)}: {option} {problem}.")


def position(cls: Any, payload: Mapping[str, Any]) -> str | None:
    """Return the position of a new process in its lane, as it is stored; None where its class has none.

    Raises:
        IllegalValue: What the class finds in the payload is no position.
    """
    where: Any = cls.order_position
    if where is None:
        return None
    found = where(payload) if callable(where) else search_terms.value_at(payload, tuple(where.split(".")))
    if (told := stored(found)) is not None:
        return told
    is_marked = cls.marks is not None
    raise IllegalValue(
        what=f"The order_position of {cls.name!r}:",
        value=MASK if is_marked else _short(found),
        problem=f"is no whole number from 0 with at most {DIGITS} digits",
        hint="Give one in the payload, or start it without an order key.",
    )


def _short(found: object) -> object:
    return found[:50] if isinstance(found, str) else found
