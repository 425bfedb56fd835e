"""Acts on saved views of the list of processes: one's own, and those that an admin saves for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import Actor
from process_manager.errors import UsageError
from process_manager.governance.action import Action, Facts
from process_manager.message import Message
from process_manager.store import saved_views
from process_manager.store.tables import NAME_LENGTH

MOST_VIEWS: Final = 30
"""More do not fit above a list."""


@dataclass(frozen=True, slots=True)
class OwnView(Action[None]):
    """Save a view under a name for oneself; without an address, delete it."""

    act: ClassVar[str] = "own-view"
    is_chained: ClassVar[bool] = False  # it is nobody else's

    name: str
    address: str | None

    @property
    def target(self) -> str | None:
        """The name of the view."""
        return self.name

    def owner(self, actor: Actor) -> str:
        """Return who sees it."""
        return actor.name[:NAME_LENGTH]

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction."""
        owner = self.owner(actor)
        if self.address is None:
            saved_views.delete(connection, owner, self.name)
            return
        if not self.name.strip() or len(self.name) > NAME_LENGTH:
            raise UsageError(
                problem=Message("A view has a name of 1 to %(most)s characters. Nothing was saved.", most=NAME_LENGTH)
            )
        if len([each for each in saved_views.of(connection, owner) if each["owner"] == owner]) >= MOST_VIEWS:
            raise UsageError(
                problem=Message(
                    "There are %(most)s views already. Nothing was saved; delete one first.", most=MOST_VIEWS
                )
            )
        row = {"owner": owner, "name": self.name, "address": self.address, "created_by": actor.name}
        if not saved_views.insert(connection, {**row, "created_at": clock.now()}):
            raise UsageError(problem=Message("There is a view of this name. Nothing was saved; choose another name."))


@dataclass(frozen=True, slots=True)
class SharedView(OwnView):
    """Save a view under a name for everybody; without an address, delete it."""

    act: ClassVar[str] = "shared-view"
    is_chained: ClassVar[bool] = True

    def owner(self, actor: Actor) -> str:  # noqa: ARG002 - it is nobody's own
        """Return who sees it."""
        return saved_views.EVERYBODY

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return the address that it leads to."""
        found = saved_views.one(connection, saved_views.EVERYBODY, self.name)
        return None if found is None else {"address": found["address"]}
