"""All that the pages show from which processes are started: the kinds, and of one what its steps will do."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from process_manager.definition.process import Process
from process_manager.inspection.processes import Filter, Overview, page
from process_manager.inspection.step_line import purpose
from process_manager.inspection.viewer import CONSOLE, Viewer

RECENT: Final = 5


@dataclass(frozen=True, slots=True)
class StartableKind:
    """A kind of process that may be started.

    Attributes:
        name: Its name.
        version: The version that is started.
        label: What people call it.
        about: What it does, in its author's words.
        steps: How many steps it has.
    """

    name: str
    version: int
    label: str
    about: str
    steps: int


@dataclass(frozen=True, slots=True)
class ComingStep:
    """A step that a new process will run: its name, what it does, and whether it must not be repeated."""

    name: str
    text: str
    is_once: bool


@dataclass(frozen=True, slots=True)
class StartPage:
    """What the page shows beside the form.

    Attributes:
        kind: What is started.
        steps: What will happen.
        recent: What was started last of its kind, the newest first.
    """

    kind: StartableKind
    steps: tuple[ComingStep, ...]
    recent: tuple[Overview, ...]


def startable_kinds(registry: Iterable[type[Process]]) -> list[StartableKind]:
    """Return the newest version of each kind that is started by name; commands are run, and not started.

    Args:
        registry: The classes that are known here.

    Returns:
        The kinds, by name.
    """
    newest = {cls.name: cls for cls in registry if cls.plan}  # in the order of their versions
    return [kind_of(cls) for cls in newest.values() if cls.arguments is None]


def kind_of(cls: type[Process]) -> StartableKind:
    """Return what is told of a class."""
    written = (cls.__doc__ or "") if "__doc__" in cls.__dict__ else ""
    about = inspect.cleandoc(written).partition("\n\n")[0].replace("\n", " ")
    return StartableKind(cls.name, cls.version, cls.label or cls.name, about, len(cls.plan))


def start_page(connection: sa.Connection, cls: type[Process], *, viewer: Viewer = CONSOLE) -> StartPage:
    """Return what the page of a kind shows beside its form.

    Args:
        connection: A connection in any transaction.
        cls: The class that is started.
        viewer: Who asks.

    Returns:
        Its steps, and what was started last.
    """
    steps = tuple(ComingStep(each.name, purpose(each), each.effect == "once") for each in cls.plan)
    recent = page(connection, Filter(name=cls.name), limit=RECENT, viewer=viewer)
    return StartPage(kind_of(cls), steps, tuple(recent))
