"""The details of a process, and which step changed which of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from process_manager import serialization
from process_manager.inspection.step_history import History

MOST: Final = 5
"""Columns of steps: the newest of those that changed anything."""
_LONGEST: Final = 200

Change = Literal["same", "new", "changed"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A detail after a step: what it is, and what it was where the step changed it."""

    change: Change
    value: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """A field of the payload: its value at the start, None where there was none, and after each step."""

    name: str
    start: str | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Details:
    """The fields of a payload, and after which steps they are shown."""

    after: tuple[str, ...]
    rows: tuple[Detail, ...]


def payload_changes(start: Mapping[str, Any], told: Sequence[History]) -> Details:
    """Return the fields of a payload with what each step made of them.

    Args:
        start: What the process was started with.
        told: Its history, the oldest first.
    """
    changing = [each for each in told if each.payload][-MOST:]
    names = list(dict.fromkeys([*start, *(name for each in changing for name in each.payload or {})]))
    rows = tuple(_detail(name, start, changing) for name in names)
    return Details(tuple(each.step or each.outcome for each in changing), rows)


def _detail(name: str, start: Mapping[str, Any], changing: Sequence[History]) -> Detail:
    value = text(start[name]) if name in start else None
    first, cells = value, []
    for each in changing:
        added = each.payload or {}
        if name not in added or text(added[name]) == value:
            cells.append(Cell("same", value or ""))
            continue
        new = text(added[name])
        cells.append(Cell("new", new) if value is None else Cell("changed", new, value))
        value = new
    return Detail(name, first, tuple(cells))


def text(value: Any) -> str:
    """Return a value of a payload in one line: a text as it is, anything else as JSON."""
    shown = value if isinstance(value, str) else serialization.dumps(value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
