"""Who asks, as far as it decides what is answered: which processes they may see, and which values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from process_manager.definition import markers
from process_manager.definition.markers import Marks
from process_manager.definition.process import Process
from process_manager.definition.registry import Registry

MarksOf = Callable[[str, int], Marks | None]
"""What is marked in the processes of a name and version: None for nothing, `markers.UNKNOWN` where nobody can tell."""


def imported(name: str, version: int) -> Marks | None:
    """Return what is marked in a class that this program has imported.

    Args:
        name: The name of the process.
        version: Its version.

    Returns:
        Its marks, None when it has none, and `markers.UNKNOWN` when there is no such class here.
    """
    found = [cls for cls in _below(Process) if cls.plan and (cls.name, cls.version) == (name, version)]
    return markers.together([cls.marks for cls in found]) if found else markers.UNKNOWN


def _below(cls: type[Process]) -> list[type[Process]]:
    found = []
    for each in cls.__subclasses__():
        found += [each, *_below(each)]
    return found


def marks_in(registry: Registry) -> MarksOf:
    """Return the lookup of marks in a registry: what it does not know is closed.

    Args:
        registry: The classes that are known.

    Returns:
        The lookup, for `Viewer.marks`.
    """

    def marks(name: str, version: int) -> Marks | None:
        cls = registry.get(name, version)
        return markers.UNKNOWN if cls is None else cls.marks

    return marks


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks.

    Attributes:
        kinds: The names of the processes that they may see; None for all.
        marks: What is marked in the processes of a name and version.
        reveals: Whether marked values are shown: only for an act that is recorded with its reason.
    """

    kinds: frozenset[str] | None = None
    marks: MarksOf = imported
    reveals: bool = False


CONSOLE: Final = Viewer()
"""Sees processes of every name, and of the classes imported here all but what is marked; of others no values."""
