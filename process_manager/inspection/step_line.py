"""The steps of a process in a line: what is done, where it stands, what is to come."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from process_manager.definition.process import Process
from process_manager.definition.registry import Registry
from process_manager.definition.step import PlannedStep
from process_manager.inspection.processes import Overview
from process_manager.inspection.step_history import History
from process_manager.lifecycle.status import Status

Place = Literal["done", "now", "todo"]


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a process.

    Attributes:
        number: Its number, from 1.
        name: Its name.
        place: Whether it is done, is the one at which the process stands, or is to come.
        text: What it said when it was done; before that, what its author says it does.
        newest: Its newest run; None before the first.
        attempts: After how many attempts it fails; None where there is no limit, or nobody knows it here.
        is_once: Whether it must not be repeated blindly.
    """

    number: int
    name: str
    place: Place
    text: str
    newest: History | None
    attempts: int | None
    is_once: bool

    @property
    def at(self) -> datetime | None:
        """When its newest run ended, or began where it still runs."""
        return None if self.newest is None else self.newest.finished_at or self.newest.started_at

    @property
    def took(self) -> timedelta | None:
        """How long its newest run took."""
        run = self.newest
        return None if run is None or run.finished_at is None else run.finished_at - run.started_at


def names_of(process: Overview, registry: Registry) -> tuple[str, ...]:
    """Return the names of a process's steps in order; none where its class is not known here."""
    cls = registry.get(process.name, process.version)
    return () if cls is None else cls.step_names


def step_line(process: Overview, told: Sequence[History], registry: Registry) -> tuple[StepLine, ...]:
    """Return the steps of a process: those of its class or, where that is not known here, those that were seen.

    Args:
        process: The process.
        told: Its history, the oldest first.
        registry: The classes that are known here.
    """
    cls = registry.get(process.name, process.version)
    seen = [*(each.step for each in told if each.step), *([process.step] if process.step else [])]
    names = list(dict.fromkeys(seen)) if cls is None else list(cls.step_names)
    planned = {} if cls is None else {each.name: each for each in cls.plan}
    newest = {each.step: each for each in told if each.by is None}
    return tuple(
        _line(number, name, process, names, newest, cls, planned.get(name))
        for number, name in enumerate(names, start=1)
    )


def _line(  # noqa: PLR0913, PLR0917 - what is known of one step, put together here and nowhere else
    number: int,
    name: str,
    process: Overview,
    names: Sequence[str],
    newest: Mapping[str | None, History],
    cls: type[Process] | None,
    planned: PlannedStep | None,
) -> StepLine:
    run = newest.get(name)
    is_done = _place(name, process, names)
    said = run.message if run is not None and is_done == "done" else ""
    policy = None if planned is None or cls is None else planned.retry or cls.retry
    return StepLine(
        number=number,
        name=name,
        place=is_done,
        text=said or purpose(planned),
        newest=run,
        attempts=None if policy is None else policy.attempts,
        is_once=planned is not None and planned.effect == "once",
    )


def _place(name: str, process: Overview, names: Sequence[str]) -> Place:
    if process.status == Status.SUCCEEDED or process.step is None:
        return "done"
    if name == process.step:
        return "now"
    here = names.index(process.step) if process.step in names else len(names)
    return "done" if names.index(name) < here else "todo"


def purpose(planned: PlannedStep | None) -> str:
    """Return the first line of what the author wrote about a step."""
    if planned is None or planned.call.__name__ == "<lambda>":
        return ""
    text = inspect.getdoc(planned.call) or ""
    return text.partition("\n")[0]
