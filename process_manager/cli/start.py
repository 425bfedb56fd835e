"""`start`: a new process."""

from __future__ import annotations

import click

from process_manager.cli import payload_input
from process_manager.cli.base_command import CliCommand, output_options
from process_manager.cli.completion import process_names
from process_manager.cli.given_files import file_option, taken
from process_manager.cli.moments import moment as typed_moment
from process_manager.cli.output import Look, fields, write_one
from process_manager.cli.session import Session, tell

whole_option = output_options("Write the whole process, not its id.")


@click.command(cls=CliCommand, example="""start fakturering --reference 2026-11 --payload '{"dry": true}'""")
@click.argument("name", shell_complete=process_names)
@click.option(
    "--payload", metavar="JSON|@FILE", help="A JSON object to start with, or @ and a file that holds it; @- is stdin."
)
@click.option("--reference", help="The office's own number of the case.")
@click.option("--dedup-key", help="A second start with this key returns the first process.")
@click.option("--order-key", help="Processes with one order key run strictly one after the other.")
@click.option("--at", metavar="MOMENT", help="Not before, such as 2026-11-30T08:00 or 2026-11-30T07:00Z.")
@click.option("--channel", help="Which workers take it.  [default: what its class says]")
@file_option
@whole_option
@click.pass_obj
def start(  # noqa: PLR0913 - its options, by name
    session: Session,
    /,
    *,
    name: str,
    payload: str | None,
    at: str | None,
    form: str | None,
    files: tuple[str, ...],
    **options: str | None,
) -> None:
    """Start a process and print its id."""
    from process_manager import operations
    from process_manager.governance.start_actions import StartOne

    facts = None if payload is None else payload_input.payload(payload)
    moment = None if at is None else typed_moment(at, session.zone, what="--at")
    process = session.registry.newest(name)
    with session.opened(makes=True) as database, taken(session, database, files) as given:
        wanted = operations.Start(process, facts, at=moment, files=given, **options)
        started = session.act(database, StartOne(wanted))
    if not started.is_new:
        tell(f"Process {started.id} has this dedup key already; nothing was started.")
    print_process(session, started.id, form)


def print_process(session: Session, process_id: int, form: str | None) -> None:
    """Print what was committed before: a reader that went away must not undo it."""
    from process_manager import inspection

    if form is None:
        click.echo(process_id)
        return
    with session.opened() as database, database.read() as connection:
        found = inspection.get(connection, process_id, viewer=session.viewer)
    write_one(fields(found), Look(form, zone=session.zone))
