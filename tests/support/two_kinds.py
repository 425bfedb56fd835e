"""Two kinds of processes, and a command of each: who asks may see those of one only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from rig import NOON, start, work

from process_manager import Done, Process, Retry, StepRun
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.operations import run_command
from process_manager.store import workers
from process_manager.store.workers import Registered

LATER = NOON + timedelta(hours=3)


class Ours(Process):
    """Of a kind that is seen."""

    STEPS = {"a": "work"}

    def work(self, run: StepRun) -> Any:
        return Done("it went well")


class OursRun(Ours):
    """A command that is seen."""

    arguments = ()

    def work(self, run: StepRun) -> Any:
        return Retry("it failed")


class Secret(Ours):
    """Of a kind that is not seen: its name is in all that it has."""


class SecretRun(OursRun):
    """A command that is not seen."""


REGISTRY = Registry((Ours, OursRun, Secret, SecretRun))


class Place:
    """A database with processes of both kinds, theirs before and between ours."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.theirs: list[int] = []
        self.ours: list[int] = []
        for cls, run, kept in ((Secret, SecretRun, self.theirs), (Ours, OursRun, self.ours)):
            kept += [self.start(cls), self.run(run)]
        work(database, *REGISTRY)
        for cls, kept in ((Secret, self.theirs), (Ours, self.ours)) * 2:
            kept += [self.start(cls, order_key="lane"), self.start(cls, at=LATER)]
        with database.begin() as connection:
            for name, classes in (("both", (Ours, Secret)), ("secret", (Secret,))):
                knows = tuple((cls.name, 1, ("a",)) for cls in classes)
                workers.register(connection, Registered(name, name, 1, NOON, NOON, 1, (), knows))

    def start(self, cls: type[Process], **options: Any) -> int:
        """A process that is started."""
        return start(self.database, cls, {"of": cls.name}, reference=f"{cls.name}-1", **options)

    def run(self, cls: type[Process]) -> int:
        """A run of a command."""
        return self.database.run(lambda connection: run_command(connection, cls.name, registry=REGISTRY))

    def ask(self, question: Callable[..., Any], *given: Any, **options: Any) -> Any:
        """What a question answers."""
        with self.database.read() as connection:
            return question(connection, *given, **options)
