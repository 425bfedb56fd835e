"""Acts on users as values; only an admin may do them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.governance import users
from process_manager.governance.action import Action, Facts
from process_manager.governance.users import NewUser, User
from process_manager.store import users as stored


@dataclass(frozen=True, slots=True)
class UserAction(Action[User]):
    """Something to be done to a user."""

    name: str

    @property
    def target(self) -> str | None:
        """The name of the user."""
        return users.normal(self.name)

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return the role and the kinds of the user, and whether they may sign in; nothing of the password.

        The row stays locked: of two acts at once, the second sees what the first has made, and so does the chain.
        """
        row = stored.one(connection, users.looked_up(self.name), locked=True)
        if row is None:
            return None
        found = users.user_of(row, clock.now())
        kinds = None if found.kinds is None else sorted(found.kinds)
        shown = {"role": found.role.value, "kinds": kinds, "disabled": found.disabled_at is not None}
        return {**shown, "groups": sorted(found.groups)} if found.groups else shown


@dataclass(frozen=True, slots=True)
class AddUser(UserAction):
    """Add a user."""

    act: ClassVar[str] = "user-add"

    role: Role
    kinds: frozenset[str] | None
    password_hash: str = field(repr=False)
    groups: frozenset[str] = frozenset()

    def perform(self, connection: sa.Connection, actor: Actor) -> User:
        """Do it in the caller's transaction, and return the user."""
        new = NewUser(users.user_name(self.name), self.role, self.kinds, self.password_hash, self.groups)
        return users.add(connection, new, by=actor.name, now=clock.now())


@dataclass(frozen=True, slots=True)
class DisableUser(UserAction):
    """Let a user sign in no more."""

    act: ClassVar[str] = "user-disable"

    def perform(self, connection: sa.Connection, actor: Actor) -> User:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return the user."""
        return users.disable(connection, self.name, now=clock.now())


@dataclass(frozen=True, slots=True)
class EnableUser(UserAction):
    """Let a user sign in again."""

    act: ClassVar[str] = "user-enable"

    def perform(self, connection: sa.Connection, actor: Actor) -> User:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return the user."""
        return users.enable(connection, self.name, now=clock.now())


@dataclass(frozen=True, slots=True)
class SetRole(UserAction):
    """Give a user another role."""

    act: ClassVar[str] = "user-role"

    role: Role

    def perform(self, connection: sa.Connection, actor: Actor) -> User:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return the user."""
        return users.set_role(connection, self.name, self.role, now=clock.now())


@dataclass(frozen=True, slots=True)
class SetKinds(UserAction):
    """Let a user see other kinds of processes; None for all."""

    act: ClassVar[str] = "user-kinds"

    kinds: frozenset[str] | None

    def perform(self, connection: sa.Connection, actor: Actor) -> User:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return the user."""
        return users.set_kinds(connection, self.name, self.kinds, now=clock.now())


@dataclass(frozen=True, slots=True)
class SetGroups(UserAction):
    """Let a user answer the tasks of other groups."""

    act: ClassVar[str] = "user-groups"

    groups: frozenset[str]

    def perform(self, connection: sa.Connection, actor: Actor) -> User:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return the user."""
        return users.set_groups(connection, self.name, self.groups, now=clock.now())


@dataclass(frozen=True, slots=True)
class SetPassword(UserAction):
    """Give a user another password."""

    act: ClassVar[str] = "user-password"

    password_hash: str = field(repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> User:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return the user."""
        return users.set_password(connection, self.name, self.password_hash, now=clock.now())
