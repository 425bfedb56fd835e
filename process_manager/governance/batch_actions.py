"""Acts on batches as values: start one, stop one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import Actor
from process_manager.errors import BatchEnded
from process_manager.governance import batches
from process_manager.governance.action import Action, Facts
from process_manager.governance.batches import BatchRequest
from process_manager.store import batches as store


@dataclass(frozen=True, slots=True)
class StartBatch(Action[int]):
    """Have something done to many processes, wave by wave; each act is checked and chained by itself then."""

    act: ClassVar[str] = "start-batch"

    request: BatchRequest
    name: str | None = None

    @property
    def kind(self) -> str | None:
        """The name of its processes; None where they have several."""
        return self.name

    @property
    def target(self) -> str | None:
        """What is done to how many."""
        return f"{self.request.act} {len(self.request.ids)}"

    def perform(self, connection: sa.Connection, actor: Actor) -> int:
        """Do it in the caller's transaction, and return the id of the batch."""
        request = batches.checked(self.request)
        return batches.start(connection, request, actor=actor, name=self.name, now=clock.now())

    def told(self, value: int) -> tuple[Facts, Facts]:
        """Return which batch it is, and by what its processes were found."""
        return {}, {"batch": value, "asked": self.request.asked, "one_first": self.request.one_first}


@dataclass(frozen=True, slots=True)
class StopBatch(Action[None]):
    """Do nothing more of a batch; a wave that is being done is finished."""

    act: ClassVar[str] = "stop-batch"

    id: int
    name: str | None = None

    @property
    def kind(self) -> str | None:
        """The name of its processes; None where they have several."""
        return self.name

    @property
    def target(self) -> str | None:
        """The batch."""
        return f"batch {self.id}"

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction; raise BatchEnded where nothing is left to stop."""
        batches.require(connection, self.id)
        if not store.end(connection, self.id, ending="asked", by=actor.name, now=clock.now()):
            raise BatchEnded(batch_id=self.id)
