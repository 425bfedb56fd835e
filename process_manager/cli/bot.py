"""`bot`: processes that front ends start, each with what may be given for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from process_manager.cli import payload_input
from process_manager.cli.base_command import CliCommand, an_id, output_option
from process_manager.cli.completion import process_names
from process_manager.cli.output import Look, fields, write_one, write_rows
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError

if TYPE_CHECKING:
    from process_manager.governance.bots import Bot

F = TypeVar("F", bound=Callable[..., Any])

_LISTED: Final = ("id", "name", "process", "enabled", "version", "created_at", "created_by", "changed_at")
_SPARE: Final = ("created_by", "created_at", "version")
_MOST: Final = 1_000

_id = click.argument("bot_id", metavar="ID", type=an_id)
_reason = click.option("--reason", default="", help="Why, for the audit chain.")
_version = click.option(
    "--version", "version", type=click.IntRange(1), help="Only while this is its version, as `bot show` told it."
)
_SAID: Final = (
    click.option("--description", help="What it does."),
    click.option("--schema", metavar="JSON|@FILE", help="What may be given; without it what the class takes."),
    click.option("--defaults", metavar="JSON|@FILE", help="What a job has that is given nothing else."),
    click.option("--enabled/--disabled", "enabled", default=None, help="Whether jobs of it may be started."),
)


def _said(function: F) -> F:
    """Return the command with the options that say what a bot is."""
    for option in reversed(_SAID):
        function = option(function)
    return function


@click.group(epilog="\b\nExample:\n  process-manager bot list")
def bot() -> None:
    """Say which processes front ends may start, and with what.

    A job is a process that is started from a bot.
    """


@bot.command("list", cls=CliCommand, example="bot list")
@output_option
@click.pass_obj
def list_bots(session: Session, form: str) -> None:
    """List the bots, the oldest first."""
    from process_manager.governance import bots

    kinds = session.viewer.kinds
    found: list[Bot] = []
    with session.opened() as database, database.read() as connection:
        while more := bots.page(connection, after=found[-1].id if found else 0, limit=_MOST, kinds=kinds):
            found += more
    rows = [{name: getattr(each, name) for name in _LISTED} if form == "table" else fields(each) for each in found]
    write_rows(rows, Look(form, _LISTED, session.zone, _SPARE))


@bot.command(cls=CliCommand, example="bot show 3 -o json")
@_id
@output_option
@click.pass_obj
def show(session: Session, bot_id: int, form: str) -> None:
    """Show a bot, with what may be given for its jobs."""
    with session.opened() as database:
        found = _seen(session, database, bot_id)
    write_one(fields(found), Look(form, zone=session.zone))


@bot.command(cls=CliCommand, example="bot add 'Read the invoices' excel-reader --defaults '{\"year\": 2026}'")
@click.argument("name")
@click.argument("process", shell_complete=process_names)
@_said
@_reason
@click.pass_obj
def add(session: Session, /, name: str, process: str, reason: str, **said: Any) -> None:
    """Make a bot.

    NAME is what people call it, PROCESS the name of the class that a job of it is.
    """
    from process_manager import serialization
    from process_manager.governance.bot_actions import CreateBot
    from process_manager.governance.bots import NewBot

    new = NewBot(serialization.clean(name).strip(), process, **_values(said))
    with session.opened(makes=True) as database:
        made = session.act(database, CreateBot(new, session.registry, reason=reason))
    tell(f"Bot {made.id}, {made.name!r}, starts {made.process}{_unless(made)}.")


@bot.command(cls=CliCommand, example="bot edit 3 --disabled --reason 'SAP is closed'")
@_id
@click.option("--name", help="What people call it.")
@click.option("--process", shell_complete=process_names, help="The class that a job of it is.")
@_said
@_version
@_reason
@click.pass_obj
def edit(session: Session, /, bot_id: int, version: int | None, reason: str, **said: Any) -> None:
    """Change what is given of a bot; the rest stays as it is."""
    from process_manager.governance.bot_actions import EditBot

    values = _values(said)
    if not values:
        raise UsageError(problem="Nothing is to be changed. Give what is, such as --disabled.")
    with session.opened() as database:
        found = _seen(session, database, bot_id)
        action = EditBot(found.id, found.process, values, session.registry, seen=_one(version), reason=reason)
        edited = session.act(database, action)
    told = f"Bot {edited.id}, {edited.name!r}, is version {edited.version}, and starts {edited.process}"
    tell(f"{told}{_unless(edited)}.")


@bot.command(cls=CliCommand, example="bot remove 3")
@_id
@_version
@_reason
@click.pass_obj
def remove(session: Session, bot_id: int, version: int | None, reason: str) -> None:
    """Remove a bot that has no jobs.

    One that has some is disabled instead: their history stays.
    """
    from process_manager.governance.bot_actions import DeleteBot

    with session.opened() as database:
        found = _seen(session, database, bot_id)
        removed = session.act(database, DeleteBot(found.id, found.process, seen=_one(version), reason=reason))
    tell(f"Bot {removed.id}, {removed.name!r}, is removed.")


def _seen(session: Session, database: Any, bot_id: int) -> Bot:
    from process_manager.governance import bots

    with database.read() as connection:
        return bots.get(connection, bot_id, kinds=session.viewer.kinds)


def _values(said: dict[str, Any]) -> dict[str, Any]:
    """Return what is given, by the names that a bot has for it."""
    from process_manager import serialization

    given = {name: value for name, value in said.items() if value is not None}
    texts: dict[str, Any] = {
        name: serialization.clean(given[name]).strip() for name in ("name", "description") if name in given
    }
    objects = {
        column: _object(given.pop(name), f"--{name}")
        for name, column in (("schema", "parameter_schema"), ("defaults", "default_parameters"))
        if name in given
    }
    return {**given, **texts, **objects}


def _object(text: str, option: str) -> dict[str, Any]:
    found = payload_input.payload(text, option)
    if not isinstance(found, dict):
        raise UsageError(problem=f"{option} is no object. Write one such as '{{\"year\": 2026}}'.")
    return found


def _one(version: int | None) -> tuple[int, ...] | None:
    return None if version is None else (version,)


def _unless(found: Bot) -> str:
    return "" if found.enabled else ", though not while it is disabled"
