"""Acts on bots, and the start of a job of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import Actor
from process_manager.definition.registry import Registry
from process_manager.governance import bots, jobs, permissions
from process_manager.governance.action import Action, Facts, ProcessAction
from process_manager.governance.bots import Bot, NewBot
from process_manager.operations import Started
from process_manager.store import bots as stored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from process_manager.files import StoredFile


@dataclass(frozen=True, slots=True)
class CreateBot(Action[Bot]):
    """Make a bot."""

    act: ClassVar[str] = "bot-create"

    new: NewBot
    registry: Registry = field(repr=False)

    @property
    def kind(self) -> str | None:
        """The name of its process."""
        return self.new.process

    @property
    def target(self) -> str | None:
        """Its name."""
        return self.new.name

    def perform(self, connection: sa.Connection, actor: Actor) -> Bot:
        """Do it in the caller's transaction, and return the bot."""
        return bots.create(connection, self.new, self.registry, by=actor.name, now=clock.now())

    def told(self, value: Bot) -> tuple[Facts, Facts]:
        """Return what the bot is."""
        return {}, _told(value)


@dataclass(frozen=True, slots=True)
class BotAction(Action[Bot]):
    """Something to be done to a bot that is there; `name` is that of its process."""

    bot_id: int
    name: str

    _: KW_ONLY
    seen: tuple[int, ...] | None = None

    @property
    def kind(self) -> str | None:
        """The name of its process."""
        return self.name

    @property
    def target(self) -> str | None:
        """The id of the bot."""
        return f"bot {self.bot_id}"

    def state(self, connection: sa.Connection) -> Facts | None:
        """Return how the bot stands."""
        row = stored.one(connection, self.bot_id, locked=True)
        return None if row is None else _told(Bot.of(row))


@dataclass(frozen=True, slots=True)
class EditBot(BotAction):
    """Change what a bot says."""

    act: ClassVar[str] = "bot-edit"

    values: Mapping[str, Any]
    registry: Registry = field(repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> Bot:
        """Do it in the caller's transaction, and return the bot; its process before and afterwards are both asked."""
        bot = bots.require(connection, self.bot_id, seen=self.seen)
        for kind in (bot.process, self.values.get("process", bot.process)):
            permissions.require(actor, self.act, kind)
        return bots.change(connection, bot, self.values, self.registry, now=clock.now())


@dataclass(frozen=True, slots=True)
class DeleteBot(BotAction):
    """Delete a bot that has no jobs."""

    act: ClassVar[str] = "bot-delete"

    def perform(self, connection: sa.Connection, actor: Actor) -> Bot:
        """Do it in the caller's transaction, and return what it was."""
        bot = bots.require(connection, self.bot_id, seen=self.seen)
        permissions.require(actor, self.act, bot.process)
        bots.delete(connection, bot)
        return bot


def _told(bot: Bot) -> Facts:
    return {"name": bot.name, "process": bot.process, "enabled": bot.enabled, "version": bot.version}


@dataclass(frozen=True, slots=True)
class StartJob(Action[Started]):
    """Start a job of a bot; `name` is that of its process."""

    act: ClassVar[str] = "start"
    is_chained: ClassVar[bool] = False

    bot_id: int
    name: str

    _: KW_ONLY
    registry: Registry = field(repr=False)
    given: Mapping[str, Any] = field(repr=False)
    dedup_key: str | None = None
    reference: str | None = None
    at: datetime | None = None
    files: Sequence[StoredFile] = ()

    @property
    def kind(self) -> str | None:
        """The name of its process."""
        return self.name

    def perform(self, connection: sa.Connection, actor: Actor) -> Started:
        """Do it in the caller's transaction, and return the process."""
        wanted = jobs.NewJob(self.given, self.dedup_key, self.reference, self.at, tuple(self.files))
        return jobs.start(connection, self.bot_id, wanted, self.registry, actor=actor)


@dataclass(frozen=True, slots=True)
class RerunJob(ProcessAction[Started]):
    """Start a job anew, with other parameters, files or at another moment if so asked; the old one stays as it was.

    A second time with the same `once`, it answers the job that it made at first.
    """

    act: ClassVar[str] = "rerun"

    _: KW_ONLY
    registry: Registry = field(repr=False)
    given: Mapping[str, Any] | None = field(default=None, repr=False)
    at: datetime | None = None
    files: Sequence[StoredFile] = ()
    kept: frozenset[str] = frozenset()
    once: str | None = field(default=None, repr=False)

    def perform(self, connection: sa.Connection, actor: Actor) -> Started:
        """Do it in the caller's transaction, and return the new job."""
        wanted = jobs.NewJob(self.given, self.once, at=self.at, files=tuple(self.files), kept=self.kept)
        return jobs.rerun(connection, self.id, wanted, self.registry, actor=actor)

    def changed(self, value: Started) -> bool:
        """Return whether anything was started."""
        return value.is_new

    def told(self, value: Started) -> tuple[Facts, Facts]:
        """Return the id of the new job."""
        return {}, {"rerun_as": value.id}
