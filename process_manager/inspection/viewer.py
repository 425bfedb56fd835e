"""Who asks, as far as it decides what is answered: which processes they may see, and which values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from process_manager.definition import markers
from process_manager.definition.markers import Marks
from process_manager.definition.process import Process

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
    return _marks(_below(Process), name, version)


def marks_in(registry: Iterable[type[Process]]) -> MarksOf:
    """Return the lookup of marks in a registry: what it does not know is closed.

    Args:
        registry: The classes that are known.

    Returns:
        The lookup, for `Viewer.marks`.
    """
    classes = list(registry)
    return lambda name, version: _marks(classes, name, version)


def _below(cls: type[Process]) -> Iterator[type[Process]]:
    for each in cls.__subclasses__():
        if each.plan:
            yield each
        yield from _below(each)


def _marks(classes: Iterable[type[Process]], name: str, version: int) -> Marks | None:
    """Return the marks of a class and of the older versions whose processes it takes over."""
    named = [cls for cls in classes if cls.name == name]
    own = [cls for cls in named if cls.version == version]
    if not own:
        return markers.UNKNOWN
    older = [cls for cls in named if cls.version < version] if any(cls.upgrades for cls in own) else []
    return markers.together(cls.marks for cls in [*own, *older])


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
