"""An act as a value: what is to be done to what, and why; `acting` does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Generic, TypeVar

import sqlalchemy as sa

from process_manager.actor import Actor

T = TypeVar("T")
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Action(Generic[T]):
    """Something to be done, by its name in the table of acts and roles.

    A subclass says what it concerns, does it, and tells what became different beyond what its target shows.
    """

    act: ClassVar[str]
    is_chained: ClassVar[bool] = True  # not what makes something new: its own row tells of it

    _: KW_ONLY
    reason: str = ""

    @property
    def process_id(self) -> int | None:
        """Which process it concerns; None for something else."""
        return None

    @property
    def kind(self) -> str | None:
        """The name of the process that it concerns, where no id says so."""
        return None

    @property
    def target(self) -> str | None:
        """What else it concerns, such as the key of a switch."""
        return None

    def chains(self, actor: Actor) -> bool:  # noqa: ARG002 - for those that depend on who acts
        """Return whether the audit chain tells of it."""
        return self.is_chained

    def state(self, connection: sa.Connection) -> Facts | None:  # noqa: ARG002 - for those that have no process
        """Return how its target stands, where that is no process."""
        return None

    def along(self, connection: sa.Connection) -> Sequence[int]:  # noqa: ARG002 - for those that act on no other
        """Return the other processes to which it does the same."""
        return ()

    def perform(self, connection: sa.Connection, actor: Actor) -> T:
        """Do it in the caller's transaction."""
        raise NotImplementedError

    def changed(self, value: T) -> bool:  # noqa: ARG002 - nearly all do something, or raise
        """Return whether anything was done; the chain does not tell of nothing."""
        return True

    def told(self, value: T) -> tuple[Facts, Facts]:  # noqa: ARG002 - for those that have nothing to add
        """Return what the chain shall know besides, before and after."""
        return {}, {}


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a process stood when somebody looked at it."""

    round: int
    status: str
    step: str | None


@dataclass(frozen=True, slots=True)
class ProcessAction(Action[T]):
    """Something to be done to one process; with `stood`, only as long as it stands there still."""

    id: int
    _: KW_ONLY
    stood: Stand | None = None

    @property
    def process_id(self) -> int | None:
        """Which process it concerns."""
        return self.id

    def fits(self, stands: Stand) -> bool:
        """Return whether a process that stands so is still as whoever acts on it has seen it."""
        return self.stood is None or stands == self.stood
