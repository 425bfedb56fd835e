"""Acts on the audit chain itself: what is masked in it is revealed, and the chain keeps to whom and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from process_manager.actor import Actor
from process_manager.errors import ReasonRequired
from process_manager.governance.action import Action


@dataclass(frozen=True, slots=True)
class RevealChain(Action[None]):
    """Let somebody see all of the chain as it is, whatever of it is masked."""

    act: ClassVar[str] = "reveal"

    @property
    def target(self) -> str | None:
        """The chain."""
        return "audit chain"

    def perform(self, connection: sa.Connection, actor: Actor) -> None:  # noqa: ARG002 - whoever reads does that next
        """Raise ReasonRequired where no reason is given, whatever the office's rules say."""
        if not self.reason.strip():
            raise ReasonRequired(what="reveal")
