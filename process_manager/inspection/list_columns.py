"""The columns of a list that the class of its processes declares: fields of what they carry, as the viewer sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from process_manager.definition.registry import Registry
from process_manager.lifecycle.search_terms import Path, value_at

Columns = tuple[Path, ...]


def columns_of(names: Iterable[str], registry: Registry) -> Columns:
    """Return the columns of these processes: those of their newest class, where they are of one kind.

    Args:
        names: The names of the processes.
        registry: The classes that are known here.
    """
    kinds = set(names)
    found = [cls for cls in registry if kinds == {cls.name}]
    return found[-1].presentation.columns if found else ()


def headings(columns: Columns) -> tuple[str, ...]:
    """Return what stands above the columns: the last names of their paths, as words."""
    return tuple(column[-1].replace("_", " ") for column in columns)


def cells(payload: Mapping[str, Any], columns: Columns) -> Sequence[object]:
    """Return the values of a process in the columns; what is marked is masked already, and stands there masked."""
    return [value_at(payload, column) for column in columns]
