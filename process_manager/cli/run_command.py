"""`run-command`, `unlock`, `status`: the commands of this installation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli import context
from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.completion import command_keys
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, person, tell
from process_manager.cli.start import print_process, whole_option
from process_manager.errors import UsageError

if TYPE_CHECKING:
    from process_manager.gates.gate import Gates
    from process_manager.inspection import CommandStatus

_COLUMNS: Final = ("key", "label", "state", "detail", "owner", "since", "last_execution", "errors")
_SPARE: Final = ("owner", "label", "since", "errors", "last_execution")
_OF_ERRORS: Final = ("key", "at", "process_id", "step", "message")
_key = click.argument("key", shell_complete=command_keys)
_argument = click.argument("argument", required=False)


@click.command(cls=CliCommand, example="run-command import-books service1")
@_key
@_argument
@whole_option
@click.pass_obj
def run_command(session: Session, key: str, argument: str | None, form: str | None) -> None:
    """Start a command and print the id of its process.

    KEY is the name of a process with `arguments`, followed by one of them, or both in one: import-books-service1. It
    ends with 5 when the command is disabled, with 6 when it is open already.
    """
    from process_manager import operations
    from process_manager.definition import command

    registry, folder = session.registry, session.settings.locks_folder
    whole = command.find(registry, key, argument).key  # before a database is made for nothing
    with session.opened(makes=True) as database:
        started = database.run(
            lambda it: operations.run_command(it, whole, registry=registry, locks_folder=folder, by=person())
        )
    print_process(session, started, form)


@click.command(cls=CliCommand, example='unlock import-books-service1 --reason "the host was rebooted"')
@_key
@_argument
@click.option("--reason", required=True, help="Why, for the history.")
@click.pass_obj
def unlock(session: Session, key: str, argument: str | None, reason: str) -> None:
    """Free a command whose worker is gone.

    Its process is due again at once; the next worker would free it, too. A living worker keeps what it holds.
    """
    from process_manager import operations
    from process_manager.definition import command
    from process_manager.operations import Act

    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why: the history keeps it.")
    registry, act = session.registry, Act(person(), reason)
    whole = command.find(registry, key, argument).key
    with session.opened() as database:
        freed = database.run(lambda connection: operations.unlock(connection, whole, act, registry=registry))
    tell(f"{whole!r} is free: process {freed} is due again.")


@click.command(cls=CliCommand, example="status")
@output_option
@click.pass_obj
def status(session: Session, form: str) -> None:
    """Show how the commands stand, and what holds everything.

    Idle, Working, Disabled, Locked or Error, with the errors of the last 72 hours. In a table, what is disabled, the
    quiet windows and the workers are told below.
    """
    from process_manager import clock, inspection
    from process_manager.definition import command

    now = clock.now()
    known = command.known(session.registry).values()
    with session.opened() as database, database.read() as connection:
        gates = context.gates(session, connection)
        found = inspection.statuses(connection, known, gates, now=now)
        alive = len(inspection.living(connection, now=now, within=session.settings.lease))
    look = Look(form, _COLUMNS, session.zone, _SPARE)
    write_rows([_told(each, form) for each in found], look)
    if form == "table":
        _write_errors(found, session)
        _tell_the_rest(session, gates, alive)


def _told(found: CommandStatus, form: str) -> dict[str, Any]:
    errors = len(found.errors) or None if form == "table" else [fields(fault) for fault in found.errors]
    return {**fields(found), "errors": errors}


def _write_errors(found: Sequence[CommandStatus], session: Session) -> None:
    faults = [{"key": each.key, **fields(fault)} for each in found for fault in each.errors]
    if faults:
        click.echo("\nErrors of the last 72 hours:")
        write_rows(faults, Look("table", _OF_ERRORS, session.zone, ("step", "at")))


def _tell_the_rest(session: Session, gates: Gates, alive: int) -> None:
    """Say in words what holds everything: switches, the next quiet window, the workers."""
    from process_manager import clock

    now = clock.now()
    for switch in gates.switches.values():
        tell(f"Disabled: {switch}")
    quiet = context.engine_windows(session)
    window = quiet.next_window(now)
    zone = f"Quiet windows ({quiet.zone.key}): {quiet}"
    if window is None:
        tell(f"{zone}.")
    else:
        begins = (
            "open now, until"
            if window.start <= now
            else f"next {window.start.astimezone(quiet.zone):%a %d %b %H:%M} to"
        )
        tell(f"{zone}; {begins} {window.end.astimezone(quiet.zone):%a %d %b %H:%M}.")
    tell(f"Workers alive: {alive or 'none'}.")
