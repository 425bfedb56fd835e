"""`status`: how the commands of this installation stand, and what holds everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli import context
from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    from process_manager.gates.gate import Gates
    from process_manager.inspection import CommandStatus

_COLUMNS: Final = ("key", "label", "state", "detail", "owner", "since", "last_execution", "errors")
_SPARE: Final = ("owner", "label", "since", "errors", "last_execution")
_OF_ERRORS: Final = ("key", "at", "process_id", "step", "message")


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
        zone = session.zone if form == "table" else None  # for programs every moment is in UTC
        found = inspection.statuses(connection, known, gates, now=now, viewer=session.viewer, zone=zone)
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
        tell(f"{switch.told(session.zone)}.")
    quiet = context.engine_windows(session)
    window = quiet.next_window(now)
    zone = f"Quiet windows ({quiet.zone.key}): {quiet}"
    if window is None:
        tell(f"{zone}.")
    else:
        begins = (
            "it is quiet now, until"
            if window.start <= now
            else f"next {window.start.astimezone(quiet.zone):%a %d %b %H:%M} to"
        )
        tell(f"{zone}; {begins} {window.end.astimezone(quiet.zone):%a %d %b %H:%M}.")
    tell(f"Workers alive: {alive or 'none'}.")
