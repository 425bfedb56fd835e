"""Acts on what somebody signs in with: their own password, and where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import Actor
from process_manager.errors import UsageError
from process_manager.governance import users
from process_manager.governance.action import Facts
from process_manager.governance.user_actions import UserAction
from process_manager.governance.users import User
from process_manager.message import Message
from process_manager.store import sessions
from process_manager.store import users as stored


@dataclass(frozen=True, slots=True)
class OwnPassword(UserAction):
    """Give oneself another password; the hash of the one before must still be the one that was checked."""

    act: ClassVar[str] = "own-password"

    password_hash: str = field(repr=False)
    before: str = field(repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> User:
        """Do it in the caller's transaction, and return the user."""
        require_own(self.name, actor)
        row = stored.one(connection, users.looked_up(self.name), locked=True)
        if row is not None and row["password_hash"] != self.before:
            raise UsageError(problem=Message("The password was changed meanwhile. Nothing was changed; sign in again."))
        return users.set_password(connection, self.name, self.password_hash, now=clock.now())


@dataclass(frozen=True, slots=True)
class SignOut(UserAction):
    """Sign a user out wherever they are signed in."""

    act: ClassVar[str] = "user-sign-out"

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return in how many places the user is signed in."""
        return {"sessions": len(sessions.of_user(connection, users.looked_up(self.name)))}

    def perform(self, connection: sa.Connection, actor: Actor) -> User:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return the user."""
        found = users.get(connection, self.name, now=clock.now())
        sessions.delete_of(connection, found.name)
        return found


@dataclass(frozen=True, slots=True)
class OwnSignOut(SignOut):
    """Sign oneself out wherever one is signed in."""

    act: ClassVar[str] = "own-sign-out"

    def perform(self, connection: sa.Connection, actor: Actor) -> User:
        """Do it in the caller's transaction, and return the user."""
        require_own(self.name, actor)
        return SignOut.perform(self, connection, actor)


def require_own(name: str, actor: Actor) -> None:
    """Raise UsageError unless somebody does it to themselves."""
    if users.normal(name) != actor.name:
        raise UsageError(problem=Message("Only %(name)s may do that themselves.", name=name[:100]))
