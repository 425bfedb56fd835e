"""What a person does to processes: start, restart, abandon, run again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from process_manager.cli.command import Command, id_argument
from process_manager.cli.output import FORMS, Look, fields, write_one
from process_manager.cli.session import Session, person, tell
from process_manager.errors import IllegalValue, UsageError

_whole = click.option("-o", "--output", "form", type=click.Choice(FORMS), help="Write the whole process, not its id.")


@click.command(cls=Command, example="""start fakturering --reference 2026-11 --payload '{"dry": true}'""")
@click.argument("name")
@click.option("--payload", metavar="JSON|@FILE", help="A JSON object to start with, or @ and a file that holds it.")
@click.option("--reference", help="The office's own number of the case.")
@click.option("--dedup-key", help="A second start with this key returns the first process.")
@click.option("--order-key", help="Processes with one order key run strictly one after the other.")
@click.option("--at", metavar="MOMENT", help="Not before, such as 2026-11-30T08:00 or 2026-11-30T07:00Z.")
@click.option("--channel", help="Which workers take it.  [default: what its class says]")
@_whole
@click.pass_obj
def start(
    session: Session, /, name: str, payload: str | None, at: str | None, form: str | None, **options: str | None
) -> None:
    """Start a process and print its id."""
    from process_manager import operations

    given = None if payload is None else _payload(payload)
    moment = None if at is None else _moment(at, session.settings.zone)
    wanted = operations.Start(session.registry.newest(name), given, at=moment, **options)
    with session.opened() as database, database.begin() as connection:
        started = operations.start_many(connection, [wanted], by=person())[0]
    if not started.is_new:
        tell(f"Process {started.id} has this dedup key already; nothing was started.")
    _print_process(session, started.id, form)


def _payload(text: str) -> Any:
    """What the text or the file says, as JSON."""
    where, source = ("--payload", text) if not text.startswith("@") else (text[1:], _read(Path(text[1:])))
    try:
        return json.loads(source)
    except RecursionError:
        raise UsageError(problem=f"{where} is nested too deeply. Give a flatter object.") from None
    except ValueError as error:
        cure = "Write an object such as '{\"invoice\": 7}', or put it in a file and give @FILE."
        raise UsageError(problem=f"{where} is not JSON: {error}. {cure}") from None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(problem=f"--payload: {path} is not UTF-8. Save it as UTF-8.") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(problem=f"--payload: {path} cannot be read: {why}. Check the path behind the @.") from None


def _moment(text: str, zone: str | None) -> datetime:
    """The moment in UTC; one without an offset is local, in the zone of the settings or of this host."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None and zone is not None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        cure = "Write it as 2026-11-30T08:00, with an offset (+01:00 or Z) if it is not local."
        raise IllegalValue(what="--at", value=text, problem="is no moment", cure=cure) from None


def _print_process(session: Session, process_id: int, form: str | None) -> None:
    """Print what was committed before: a reader that went away must not undo it."""
    from process_manager import inspection

    if form is None:
        click.echo(process_id)
        return
    with session.opened() as database, database.read() as connection:
        found = inspection.get(connection, process_id)
    write_one(fields(found), Look(form, zone=session.settings.zone))


@click.command(cls=Command, example='restart-process 7 --reason "SAP is back"')
@id_argument
@click.option("--from-step", metavar="STEP", help="Start at this earlier step.  [default: where it stands]")
@click.option("--reason", default="", help="Why, for the history.")
@click.pass_obj
def restart_process(session: Session, process_id: int, from_step: str | None, reason: str) -> None:
    """Make a process due again.

    It gets a fresh budget of attempts in a new round; the old one stays in the history.
    """
    from process_manager import operations

    act = operations.Act(person(), reason)
    registry = session.registry
    with session.opened() as database, database.begin() as connection:
        operations.restart(connection, process_id, act, registry=registry, from_step=from_step)
    tell(f"Process {process_id} is due again. `process-manager work {process_id}` runs it now.")


@click.command(cls=Command, example='abandon-process 7 --reason "paid by hand"')
@id_argument
@click.option("--reason", required=True, help="Why, for the history.")
@click.pass_obj
def abandon_process(session: Session, process_id: int, reason: str) -> None:
    """Give a process up for good.

    A running step is told, and its answer changes nothing.
    """
    from process_manager import operations

    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why the process is given up: the history keeps it.")
    with session.opened() as database, database.begin() as connection:
        operations.abandon(connection, process_id, operations.Act(person(), reason))
    tell(f"Process {process_id} is abandoned.")


@click.command(cls=Command, example="rerun-process 7")
@id_argument
@_whole
@click.pass_obj
def rerun_process(session: Session, process_id: int, form: str | None) -> None:
    """Run a closed process again, as a new one.

    The closed one stays as it is; the new one is linked to it, and its id is printed.
    """
    from process_manager import operations

    registry = session.registry
    with session.opened() as database, database.begin() as connection:
        made = operations.rerun(connection, process_id, registry=registry, by=person())
    _print_process(session, made, form)
