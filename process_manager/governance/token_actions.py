"""Acts on tokens as values; only an admin may do them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import Actor
from process_manager.governance import tokens
from process_manager.governance.action import Action, Facts
from process_manager.governance.tokens import NewToken, Token


@dataclass(frozen=True, slots=True)
class AddToken(Action[Token]):
    """Add a token."""

    act: ClassVar[str] = "token-add"

    new: NewToken = field(repr=False)

    @property
    def target(self) -> str | None:
        """The program that gets it."""
        return self.new.name

    def perform(self, connection: sa.Connection, actor: Actor) -> Token:
        """Do it in the caller's transaction, and return the token."""
        return tokens.add(connection, self.new, by=actor.name, now=clock.now())

    def told(self, value: Token) -> tuple[Facts, Facts]:
        """Return which token it is, and what it may do."""
        return {}, _facts(value)


@dataclass(frozen=True, slots=True)
class RevokeToken(Action[Token]):
    """Make a token worth nothing."""

    act: ClassVar[str] = "token-revoke"

    id: int

    @property
    def target(self) -> str | None:
        """The id of the token."""
        return f"token {self.id}"

    def perform(self, connection: sa.Connection, actor: Actor) -> Token:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction, and return the token."""
        return tokens.revoke(connection, self.id, now=clock.now())

    def told(self, value: Token) -> tuple[Facts, Facts]:
        """Return which token it was, and what it could do."""
        return _facts(value), {"revoked": True}


def _facts(token: Token) -> Facts:
    return {
        "token": token.id,
        "name": token.name,
        "scopes": tokens.listed_scopes(token.scopes),
        "expires_at": token.expires_at.isoformat(),
        **({"groups": sorted(token.groups)} if token.groups else {}),
    }
