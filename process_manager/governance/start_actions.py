"""Acts that start processes: their own rows tell of them, and of a bulk one line on the chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import sqlalchemy as sa

from process_manager import operations
from process_manager.actor import Actor
from process_manager.definition import command
from process_manager.definition.registry import Registry
from process_manager.errors import UsageError
from process_manager.governance.action import Action, Facts
from process_manager.operations import Start, Started


@dataclass(frozen=True, slots=True)
class StartOne(Action[Started]):
    """Start a process."""

    act: ClassVar[str] = "start"
    is_chained: ClassVar[bool] = False

    wanted: Start

    @property
    def kind(self) -> str | None:
        """The name of the process."""
        return self.wanted.process.name

    def perform(self, connection: sa.Connection, actor: Actor) -> Started:
        """Do it in the caller's transaction."""
        return operations.start_many(connection, [self.wanted], actor=actor)[0]


@dataclass(frozen=True, slots=True)
class StartEach(Action[list[Started | UsageError]]):
    """Start those of one kind that fit: a part of a bulk, of which `StartedInBulk` tells as a whole."""

    act: ClassVar[str] = "start-many"
    is_chained: ClassVar[bool] = False

    name: str
    wanted: Sequence[Start]

    @property
    def kind(self) -> str | None:
        """The name of the processes."""
        return self.name

    def perform(self, connection: sa.Connection, actor: Actor) -> list[Started | UsageError]:
        """Do it in the caller's transaction; raise UsageError when one is of another kind than was asked for."""
        if others := sorted({each.process.name for each in self.wanted} - {self.name}):
            told = ", ".join(map(repr, others))
            raise UsageError(
                problem=f"These starts of {self.name!r} are of {told}, too. Give each kind a bulk of its own."
            )
        return operations.start_each(connection, self.wanted, actor=actor)


@dataclass(frozen=True, slots=True)
class StartedInBulk(Action[None]):
    """Tell of a bulk of starts: one line for all of them."""

    act: ClassVar[str] = "start-many"

    name: str
    counts: Mapping[str, int]
    sha256: str  # of what was read of the file

    @property
    def kind(self) -> str | None:
        """The name of the processes."""
        return self.name

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do nothing: it is done."""

    def told(self, value: None) -> tuple[Facts, Facts]:  # noqa: ARG002 - it answers nothing
        """Return how many came to what, and the hash of what was read."""
        return {}, {**self.counts, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class RunCommand(Action[int]):
    """Start the process that runs a command."""

    act: ClassVar[str] = "run-command"
    is_chained: ClassVar[bool] = False

    name: str
    key: str
    registry: Registry = field(repr=False)
    locks_folder: Path | None = None

    @property
    def kind(self) -> str | None:
        """The name of its process."""
        return self.name

    def perform(self, connection: sa.Connection, actor: Actor) -> int:
        """Do it in the caller's transaction, and return the id of its process."""
        which = command.of(self.registry, self.name, self.key)  # else who may run one kind could run any
        return operations.run_command(
            connection, which.key, registry=self.registry, locks_folder=self.locks_folder, actor=actor
        )
