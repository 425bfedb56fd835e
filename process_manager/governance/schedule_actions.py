"""Acts on schedules: made, paused, resumed, run at once and removed."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, TypeVar

import sqlalchemy as sa

from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.governance.action import Action, Facts
from process_manager.operations import Act, Started, schedules
from process_manager.operations.schedules import NewSchedule
from process_manager.store import schedules as stored

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AddSchedule(Action[sa.RowMapping]):
    """Make a schedule."""

    act: ClassVar[str] = "schedule-add"

    new: NewSchedule = field(repr=False)
    registry: Registry = field(repr=False)
    zone: str

    @property
    def kind(self) -> str | None:
        """The name of its process."""
        return self.new.process

    @property
    def target(self) -> str | None:
        """Its name."""
        return self.new.name[:100]

    def perform(self, connection: sa.Connection, actor: Actor) -> sa.RowMapping:
        """Do it in the caller's transaction, and return its row."""
        return schedules.add_schedule(connection, self.new, registry=self.registry, zone=self.zone, actor=actor)

    def told(self, value: sa.RowMapping) -> tuple[Facts, Facts]:
        """Return what the schedule is."""
        return {}, schedules.told(value)


@dataclass(frozen=True, slots=True)
class ScheduleAction(Action[T]):
    """Something to be done to a schedule that is there.

    Attributes:
        name: The schedule.
        process: The name of its process.
    """

    name: str
    process: str

    @property
    def kind(self) -> str | None:
        """The name of its process."""
        return self.process

    @property
    def target(self) -> str | None:
        """The name of the schedule."""
        return self.name[:100]

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return how the schedule stands."""
        row = stored.one(connection, self.name, locked=True)
        return None if row is None else schedules.told(row)


@dataclass(frozen=True, slots=True)
class PauseSchedule(ScheduleAction[None]):
    """Let a schedule start nothing until it is resumed."""

    act: ClassVar[str] = "schedule-pause"

    def perform(self, connection: sa.Connection, actor: Actor) -> None:
        """Do it in the caller's transaction."""
        schedules.pause_schedule(connection, self.name, self.process, Act(actor, self.reason))


@dataclass(frozen=True, slots=True)
class ResumeSchedule(ScheduleAction[None]):
    """Let a paused schedule start from now on."""

    act: ClassVar[str] = "schedule-resume"

    def perform(self, connection: sa.Connection, actor: Actor) -> None:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction."""
        schedules.resume_schedule(connection, self.name, self.process)


@dataclass(frozen=True, slots=True)
class RemoveSchedule(ScheduleAction[None]):
    """Remove a schedule that no class declares."""

    act: ClassVar[str] = "schedule-remove"

    registry: Registry = field(repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> None:  # noqa: ARG002 - the chain says who
        """Do it in the caller's transaction."""
        schedules.remove_schedule(connection, self.name, self.process, registry=self.registry)


@dataclass(frozen=True, slots=True)
class RunSchedule(ScheduleAction[Started]):
    """Start what a schedule starts, now and besides its slots; a second time with the same `once`, nothing more."""

    act: ClassVar[str] = "schedule-run"

    _: KW_ONLY
    registry: Registry = field(repr=False)
    once: str | None = field(default=None, repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> Started:
        """Do it in the caller's transaction, and return the process."""
        return schedules.run_once(
            connection, self.name, self.process, registry=self.registry, actor=actor, dedup_key=self.once
        )

    def changed(self, value: Started) -> bool:
        """Return whether anything was started."""
        return value.is_new

    def told(self, value: Started) -> tuple[Facts, Facts]:
        """Return which process was started."""
        return {}, {"process": value.id}
