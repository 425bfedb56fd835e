"""The act on what the fleet shares: another number of seats, or of starts in a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from process_manager import operations
from process_manager.actor import Actor
from process_manager.governance.action import Action, Facts
from process_manager.operations import Act
from process_manager.store import limit_queries


@dataclass(frozen=True, slots=True)
class ChangeLimit(Action[bool]):
    """Set how many seats a limit has, or how many steps of a rate start in its period; None is as declared."""

    act: ClassVar[str] = "limit"

    name: str
    number: int | None

    @property
    def target(self) -> str | None:
        """The name of the limit."""
        return self.name

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return how many there are."""
        found = limit_queries.one(connection, self.name)
        return None if found is None else {"number": found.most, "declared": found.declared}

    def perform(self, connection: sa.Connection, actor: Actor) -> bool:
        """Do it in the caller's transaction, and return whether it was another number before."""
        return operations.change_limit(connection, self.name, self.number, Act(actor, self.reason))

    def changed(self, value: bool) -> bool:
        """Return whether it was another number before."""
        return value
