"""Acts on the fleet: on what holds processes back, on commands whose worker is gone, and on workers."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ClassVar, TypeVar

import sqlalchemy as sa

from process_manager import operations
from process_manager.actor import Actor
from process_manager.definition import command
from process_manager.definition.registry import Registry
from process_manager.governance.action import Action, Facts
from process_manager.operations import Act
from process_manager.store import switches, workers
from process_manager.store.column_types import moment_text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unlock(Action[int]):
    """Free a command whose worker is gone."""

    act: ClassVar[str] = "unlock"

    name: str
    key: str
    registry: Registry = field(repr=False)

    @property
    def kind(self) -> str | None:
        """The name of its process."""
        return self.name

    @property
    def target(self) -> str | None:
        """The key of the command."""
        return self.key

    def perform(self, connection: sa.Connection, actor: Actor) -> int:
        """Do it in the caller's transaction, and return the id of its process."""
        which = command.of(self.registry, self.name, self.key)  # else who may free one kind could free any
        return operations.unlock(connection, which.key, Act(actor, self.reason), registry=self.registry)

    def told(self, value: int) -> tuple[Facts, Facts]:
        """Return which process was freed."""
        return {}, {"process": value}


@dataclass(frozen=True, slots=True)
class SwitchAction(Action[T]):
    """Something to be done to the switch of a process, a command, a channel or everything."""

    key: str

    @property
    def kind(self) -> str | None:
        """The key: who sees some kinds only may switch these alone."""
        return self.key

    @property
    def target(self) -> str | None:
        """The key of the switch."""
        return self.key

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return how the switch stands in the database."""
        found = next((each for each in switches.thrown(connection) if each.key == self.key), None)
        return None if found is None else {"reason": found.reason, "by": found.by, "until": moment_text(found.until)}


@dataclass(frozen=True, slots=True)
class Disable(SwitchAction[None]):
    """Let no step start of what has a key."""

    act: ClassVar[str] = "disable"

    _: KW_ONLY
    until: datetime | None = None

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction."""
        operations.disable(connection, self.key, Act(actor, self.reason), until=self.until)


@dataclass(frozen=True, slots=True)
class Enable(SwitchAction[list[str]]):
    """Let steps start again of what has a key."""

    act: ClassVar[str] = "enable"

    def perform(self, connection: sa.Connection, actor: Actor) -> list[str]:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return where the switch was."""
        return operations.enable(connection, self.key)

    def changed(self, value: list[str]) -> bool:
        """Return whether it was disabled."""
        return bool(value)


@dataclass(frozen=True, slots=True)
class EnableHere(SwitchAction[list[str]]):
    """Remove this host's switch file of a key."""

    act: ClassVar[str] = "enable"

    folder: Path
    _removed: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> list[str]:  # noqa: ARG002 - it is a file
        """Remove the file, and return where it was.

        A rollback does not bring it back: run again, the act tells of what it removed before.
        """
        self._removed.extend(operations.enable_here(self.folder, self.key))
        return list(self._removed)

    def changed(self, value: list[str]) -> bool:
        """Return whether there was such a file."""
        return bool(value)

    def told(self, value: list[str]) -> tuple[Facts, Facts]:
        """Return the file that was removed."""
        return {}, {"removed": value}


@dataclass(frozen=True, slots=True)
class Drain(Action[bool]):
    """Let a worker end."""

    act: ClassVar[str] = "drain"

    name: str

    @property
    def target(self) -> str | None:
        """The name of the worker."""
        return self.name

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return since when it is to end."""
        found = workers.of_name(connection, self.name)
        return None if found is None else {"drain_asked_at": moment_text(found.drain_asked_at)}

    def perform(self, connection: sa.Connection, actor: Actor) -> bool:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return whether it was not asked before."""
        return operations.drain(connection, self.name)

    def changed(self, value: bool) -> bool:
        """Return whether it was not asked before."""
        return value
