"""Acts on events: signalling one, and withdrawing it."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, TypeVar

import sqlalchemy as sa

from process_manager import operations
from process_manager.actor import Actor
from process_manager.governance.action import Action, Facts
from process_manager.operations import Signalled
from process_manager.store import event_queries
from process_manager.store.column_types import moment_text

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EventAction(Action[T]):
    """Something to be done to an event."""

    event: str

    @property
    def target(self) -> str | None:
        """The event."""
        return self.event

    def chains(self, actor: Actor) -> bool:
        """Return whether the chain tells of it: what a program signals is told by the event itself."""
        return actor.is_person

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return how the event stands."""
        found = event_queries.one(connection, self.event)
        return None if found is None else {"number": found.number, "stated_at": moment_text(found.stated_at)}


@dataclass(frozen=True, slots=True)
class SignalEvent(EventAction[Signalled]):
    """State an event; the chain keeps no payload."""

    act: ClassVar[str] = "signal"

    _: KW_ONLY
    payload: Facts | None = field(default=None, repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> Signalled:
        """Do it in the caller's transaction, and return what became of it."""
        return operations.signal(connection, self.event, payload=self.payload, actor=actor)

    def changed(self, value: Signalled) -> bool:
        """Return whether it did not stand already."""
        return value.is_new

    def told(self, value: Signalled) -> tuple[Facts, Facts]:
        """Return how many processes it woke at once."""
        return {}, {"woken": len(value.woken)}


@dataclass(frozen=True, slots=True)
class WithdrawEvent(EventAction[bool]):
    """Let an event stand no longer."""

    act: ClassVar[str] = "withdraw"

    def perform(self, connection: sa.Connection, actor: Actor) -> bool:
        """Do it in the caller's transaction, and return whether it stood."""
        return operations.withdraw(connection, self.event, actor=actor)

    def changed(self, value: bool) -> bool:
        """Return whether it stood."""
        return value
