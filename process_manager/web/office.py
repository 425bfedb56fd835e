"""What a running web server works with: settings, database and process classes, opened once for all requests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self, TypeVar

import sqlalchemy as sa

from process_manager import clock, governance, inspection
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition import quiet_windows
from process_manager.definition.registry import Registry
from process_manager.errors import SecondPersonNeeded, SettingsError
from process_manager.governance import Policies, permissions
from process_manager.governance.action import Action
from process_manager.inspection import Surroundings, Viewer, marks_in
from process_manager.inspection.viewer import MarksOf
from process_manager.operations import switches
from process_manager.settings import Settings
from process_manager.web.shared_answers import SharedAnswers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Office:
    """What the pages and the API work with.

    Attributes:
        settings: The settings in force.
        database: The engine's database.
        registry: The process classes.
        policies: The office's rules about acts.
        marks: What is personal or secret in processes.
        zone: The zone in which people read moments; None where the host's has no name.
        shared: Answers that cost much, made once for all who ask.
    """

    settings: Settings
    database: Database
    registry: Registry
    policies: Policies
    marks: MarksOf
    zone: str | None
    shared: SharedAnswers = field(default_factory=SharedAnswers)

    @classmethod
    def of(cls, settings: Settings, database: Database, registry: Registry) -> Self:
        """Return the office of these settings."""
        policies = Policies.parse(settings.reasons_required or "")
        return cls(settings, database, registry, policies, marks_in(registry), _zone(settings))

    def viewer(self, actor: Actor) -> Viewer:
        """Return who asks, as far as it decides what is answered."""
        return Viewer(permissions.readable(actor), self.marks)

    def known_to(self, actor: Actor) -> Registry:
        """Return the process classes that are there for somebody: what they may not see is not known at all."""
        return self.registry.among(permissions.visible(actor))

    def around(self, connection: sa.Connection, viewer: Viewer, *, silent_for: timedelta | None = None) -> Surroundings:
        """Return what surrounds every process now, with the workers that were seen so long ago at most."""
        gates = switches.look(connection, self.settings.locks_folder)
        quiet = quiet_windows.windows(self.registry, self.settings)
        alive = self.settings.lease
        found = inspection.look_around(
            connection, gates, quiet, now=clock.now(), alive=alive, silent_for=silent_for, viewer=viewer
        )
        return replace(found, here=self.registry.runnable(), zone=self.zone)

    def act(self, actor: Actor, action: Action[T]) -> T:
        """Do what somebody asks for, and return its answer; raise SecondPersonNeeded where nothing is done yet."""
        answer = governance.acting(self.database, actor, action, policies=self.policies)
        self.shared.forget()  # whoever acted sees at once what came of it
        if isinstance(answer, governance.Requested):
            raise SecondPersonNeeded(number=answer.number)
        return answer.value


def _zone(settings: Settings) -> str | None:
    try:
        return settings.zone_name()
    except SettingsError:
        return None
