"""Bots: made, edited, disabled, and deleted while they have no job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.definition.registry import Registry
from process_manager.errors import BotChanged, FieldsError, NotFound, Occupied, UnknownProcess
from process_manager.governance import bot_parameters
from process_manager.message import Message
from process_manager.store import bots
from process_manager.store.bot_tables import BOT_NAME_LENGTH
from process_manager.store.filters import Kinds
from process_manager.store.tables import MESSAGE_LENGTH

_JSON: Final = ("parameter_schema", "default_parameters")
_LONGEST: Final = {"name": BOT_NAME_LENGTH, "description": MESSAGE_LENGTH}


@dataclass(frozen=True, slots=True)
class Bot:
    """A process that a front end starts, with what may be given for it.

    Attributes:
        id: By which its jobs know it.
        name: What people call it.
        description: What it does.
        process: The name of the process that a job of it is.
        parameter_schema: What may be given, by name.
        default_parameters: What a job has that is given nothing else.
        enabled: Whether jobs of it may be started.
        version: Raised by each edit.
        created_at: When it was made.
        created_by: Who made it.
        changed_at: When it was edited last.
    """

    id: int
    name: str
    description: str
    process: str
    parameter_schema: Mapping[str, Any]
    default_parameters: Mapping[str, Any]
    enabled: bool
    version: int
    created_at: datetime
    created_by: str
    changed_at: datetime

    @classmethod
    def of(cls, row: sa.RowMapping) -> Bot:
        """Return the bot of a row."""
        same = {name: row[name] for name in cls.__slots__ if name in row}
        read = {name: serialization.loads(row[name]) for name in _JSON}
        return cls(**{**same, **read, "enabled": row["disabled_at"] is None})


@dataclass(frozen=True, slots=True)
class NewBot:
    """A bot that is to be made; without a schema it has the one that its process class gives."""

    name: str
    process: str
    description: str = ""
    parameter_schema: Mapping[str, Any] | None = None
    default_parameters: Mapping[str, Any] | None = None
    enabled: bool = True


def get(connection: sa.Connection, bot_id: int, *, kinds: Kinds = None) -> Bot:
    """Return a bot of a process of these kinds; raise NotFound when there is none."""
    row = bots.one(connection, bot_id, kinds=kinds)
    if row is None:
        raise NotFound(problem=Message("There is no bot with id %(id)s.", id=bot_id))
    return Bot.of(row)


def page(connection: sa.Connection, *, after: int, limit: int, kinds: Kinds = None) -> list[Bot]:
    """Return the bots of processes of these kinds with a higher id, the lowest first, at most `limit`."""
    return [Bot.of(row) for row in bots.page(connection, after=after, limit=limit, kinds=kinds)]


def require(connection: sa.Connection, bot_id: int, *, seen: tuple[int, ...] | None = None) -> Bot:
    """Return a bot, locked until the commit.

    Raises:
        NotFound: There is none.
        BotChanged: Its version is none of those that were `seen`.
    """
    row = bots.one(connection, bot_id, locked=True)
    if row is None:
        raise NotFound(problem=Message("There is no bot with id %(id)s.", id=bot_id))
    bot = Bot.of(row)
    if seen is not None and bot.version not in seen:
        raise BotChanged(name=bot.name)
    return bot


def create(connection: sa.Connection, new: NewBot, registry: Registry, *, by: str, now: datetime) -> Bot:
    """Make a bot; raise Occupied when there is one of that name, FieldsError when something does not fit."""
    _require_said(name=new.name, description=new.description)
    schema, defaults = _fitting(registry, new.process, new.parameter_schema, new.default_parameters or {})
    row = {
        "name": new.name,
        "description": new.description,
        "process": new.process,
        "parameter_schema": serialization.dumps(schema),
        "default_parameters": serialization.dumps(defaults),
        "created_at": now,
        "created_by": by,
        "changed_at": now,
        "disabled_at": None if new.enabled else now,
    }
    _refuse_double(connection, new.name, other_than=None)
    try:
        with connection.begin_nested():
            made = bots.insert(connection, row)
    except sa.exc.IntegrityError:  # somebody else made one this very moment
        raise _occupied(new.name) from None
    return require(connection, made)


def change(connection: sa.Connection, bot: Bot, values: Mapping[str, Any], registry: Registry, *, now: datetime) -> Bot:
    """Change what is given of a bot; raise Occupied when another has its name, FieldsError where it does not fit."""
    _require_said(**{name: values[name] for name in ("name", "description") if name in values})
    columns = {name: values[name] for name in ("name", "description", "process") if name in values}
    if {"process", *_JSON} & values.keys():
        columns |= _refitted(bot, values, registry)
    if values.get("enabled", bot.enabled) != bot.enabled:
        columns["disabled_at"] = now if bot.enabled else None
    if "name" in values:
        _refuse_double(connection, values["name"], other_than=bot.id)
    try:
        with connection.begin_nested():
            bots.change(connection, bot.id, columns, now=now)
    except sa.exc.IntegrityError:  # somebody else gave it to one this very moment
        raise _occupied(str(values.get("name"))) from None
    return require(connection, bot.id)


def _refitted(bot: Bot, values: Mapping[str, Any], registry: Registry) -> dict[str, str]:
    """Return the columns of what may be given, once it fits the process that the bot has from now on."""
    process = values.get("process", bot.process)
    wanted = values.get("parameter_schema", bot.parameter_schema)
    schema, defaults = _fitting(registry, process, wanted, values.get("default_parameters", bot.default_parameters))
    return {"parameter_schema": serialization.dumps(schema), "default_parameters": serialization.dumps(defaults)}


def delete(connection: sa.Connection, bot: Bot) -> None:
    """Delete a bot; raise Occupied when jobs of it were started: they would belong to nothing."""
    if bots.has_jobs(connection, bot.id):
        problem = f"Bot {bot.name!r} has jobs, and their history stays."
        raise Occupied(problem=problem, hint="Disable it instead: then nobody starts another.")
    bots.delete(connection, bot.id)


def _fitting(
    registry: Registry, name: str, wanted: Mapping[str, Any] | None, defaults: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    try:
        process = registry.newest(name)
    except UnknownProcess as problem:
        raise FieldsError.of([("script_identifier", str(problem))]) from None
    if process.arguments is not None:
        raise FieldsError.of([("script_identifier", "it is a command, of which one is open at most")])
    schema = bot_parameters.derived(process) if wanted is None else wanted
    bot_parameters.require_fit(process, schema, defaults)
    return schema, defaults


def _require_said(**texts: str) -> None:
    """Raise FieldsError where a name or a description cannot be stored, or says nothing."""
    problems = [
        (name, f"it has more than {most} characters")
        for name, most in _LONGEST.items()
        if len(texts.get(name, "")) > most
    ]
    problems += [(name, "it holds a character that cannot be stored") for name, text in texts.items() if "\0" in text]
    if not texts.get("name", "any").strip():
        problems.append(("name", "it is empty"))
    if problems:
        raise FieldsError.of(problems)


def _refuse_double(connection: sa.Connection, name: str, *, other_than: int | None) -> None:
    if bots.named(connection, name) not in (None, other_than):
        raise _occupied(name)


def _occupied(name: str) -> Occupied:
    return Occupied(problem=f"There is a bot named {name!r} already.", hint="Give this one another name.")
