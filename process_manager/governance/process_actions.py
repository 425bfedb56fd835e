"""Acts on one process that is there: restart, skip a step, edit the payload, resolve, abandon, rerun, reveal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

import sqlalchemy as sa

from process_manager import operations, serialization
from process_manager.actor import Actor
from process_manager.definition import markers
from process_manager.definition.registry import Registry
from process_manager.errors import ReasonRequired
from process_manager.governance.action import Facts, ProcessAction, Stand
from process_manager.governance.restart_limit import require_one_left
from process_manager.operations import Act, PayloadEdit, Started, refusals
from process_manager.operations.abandon import TheirChildren
from process_manager.operations.start import started_before
from process_manager.store.children import open_below

if TYPE_CHECKING:
    from process_manager.files import StoredFile

MOST_OF_A_VALUE: Final = 200
"""Characters of a changed value that the chain keeps."""


@dataclass(frozen=True, slots=True)
class Restart(ProcessAction[None]):
    """Make a process due again."""

    act: ClassVar[str] = "restart"

    _: KW_ONLY
    registry: Registry = field(repr=False)
    from_step: str | None = None

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction."""
        require_one_left(connection, self.id, registry=self.registry, actor=actor)
        act = Act(actor, self.reason)
        operations.restart(connection, self.id, act, registry=self.registry, from_step=self.from_step)


@dataclass(frozen=True, slots=True)
class SkipStep(ProcessAction[None]):
    """Leave out the step at which a process rests."""

    act: ClassVar[str] = "skip-step"

    _: KW_ONLY
    registry: Registry = field(repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction."""
        operations.skip_step(connection, self.id, Act(actor, self.reason), registry=self.registry)


@dataclass(frozen=True, slots=True)
class EditPayload(ProcessAction[PayloadEdit]):
    """Correct what a process carries."""

    act: ClassVar[str] = "edit-payload"

    _: KW_ONLY
    registry: Registry = field(repr=False)
    changes: Facts = field(repr=False)
    unset: tuple[str, ...] = ()
    seen: tuple[int, ...] | None = None

    def perform(self, connection: sa.Connection, actor: Actor) -> PayloadEdit:
        """Do it in the caller's transaction, and return the payload before and afterwards."""
        act = Act(actor, self.reason)
        return operations.edit_payload(
            connection,
            self.id,
            act,
            registry=self.registry,
            changes=self.changes,
            unset=self.unset,
            seen=self.seen,
        )

    def told(self, value: PayloadEdit) -> tuple[Facts, Facts]:
        """Return each difference by its path, with a mask in place of what is marked: the chain is never altered."""
        changes = value.changes(markers.masking((value.before, value.after), value.marked))
        return (
            {"payload": {each.path: _short(each.before) for each in changes}},
            {"payload": {each.path: _short(each.after) for each in changes}},
        )


def _short(value: str | None) -> str | None:
    """Return the beginning of a value, as JSON: the chain is kept for ever."""
    return None if value is None else serialization.clean(value, MOST_OF_A_VALUE)


@dataclass(frozen=True, slots=True)
class Abandon(ProcessAction[None]):
    """Give a process up for good."""

    act: ClassVar[str] = "abandon"

    _: KW_ONLY
    children: TheirChildren | None = None

    def along(self, connection: sa.Connection) -> Sequence[int]:
        """Return the open children that are given up with it, and theirs."""
        return open_below(connection, self.id) if self.children == "abandon" else ()

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction."""
        operations.abandon(connection, self.id, Act(actor, self.reason), children=self.children)


@dataclass(frozen=True, slots=True)
class Cancel(ProcessAction[None]):
    """Ask a process to stop."""

    act: ClassVar[str] = "cancel"

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction."""
        operations.cancel(connection, self.id, Act(actor, self.reason))

    def fits(self, stands: Stand) -> bool:
        """Return whether it is in the same round: what is to be stopped goes on while somebody says why."""
        return self.stood is None or stands.round == self.stood.round


@dataclass(frozen=True, slots=True)
class Resolve(ProcessAction[None]):
    """Say whether the step of an uncertain process happened."""

    act: ClassVar[str] = "resolve"

    _: KW_ONLY
    happened: bool
    registry: Registry = field(repr=False)
    payload: Facts | None = None

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction."""
        act = Act(actor, self.reason)
        operations.resolve(
            connection, self.id, act, happened=self.happened, registry=self.registry, payload=self.payload
        )

    def told(self, value: None) -> tuple[Facts, Facts]:  # noqa: ARG002 - it answers nothing
        """Return what was said of the step."""
        return {}, {"happened": self.happened}


@dataclass(frozen=True, slots=True)
class Rerun(ProcessAction[Started]):
    """Run a closed process again, as a new one; asked for twice with the same `once`, it is one."""

    act: ClassVar[str] = "rerun"

    _: KW_ONLY
    registry: Registry = field(repr=False)
    files: Sequence[StoredFile] = ()
    once: str | None = field(default=None, repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> Started:
        """Do it in the caller's transaction, and return the new process."""
        if self.once is not None:
            name = refusals.require(connection, self.id)["name"]
            if (before := started_before(connection, name, self.once)) is not None:
                return before
        new = operations.rerun(
            connection, self.id, registry=self.registry, actor=actor, files=self.files, dedup_key=self.once
        )
        return Started(new, is_new=True)

    def changed(self, value: Started) -> bool:
        """Return whether anything was started."""
        return value.is_new

    def told(self, value: Started) -> tuple[Facts, Facts]:
        """Return the id of the new process."""
        return {}, {"rerun_as": value.id}


@dataclass(frozen=True, slots=True)
class RunNow(ProcessAction[None]):
    """Let somebody run a process at once, whatever it waits for: its history tells what came of it."""

    act: ClassVar[str] = "run-now"

    _: KW_ONLY
    registry: Registry = field(repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> None:  # noqa: ARG002 - a worker runs it next
        """Raise unless a worker that is asked for it can take it."""
        operations.require_runnable(connection, self.id, self.registry)


@dataclass(frozen=True, slots=True)
class MakeDue(ProcessAction[None]):
    """Let workers take a process at once, whatever moment it waits for; of an uncertain one its step is asked again."""

    act: ClassVar[str] = "run-now"

    _: KW_ONLY
    registry: Registry = field(repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction."""
        operations.run_now(connection, self.id, Act(actor, self.reason), registry=self.registry)


@dataclass(frozen=True, slots=True)
class Reveal(ProcessAction[None]):
    """Let somebody see what is marked in a process: it changes nothing, and the chain keeps who saw it, and why."""

    act: ClassVar[str] = "reveal"

    def perform(self, connection: sa.Connection, actor: Actor) -> None:  # noqa: ARG002 - whoever reads does that next
        """Raise ReasonRequired where no reason is given, whatever the office's rules say."""
        if not self.reason.strip():
            raise ReasonRequired(what="reveal")
