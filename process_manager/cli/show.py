"""`show`: where a process stands, and what happens next."""

from __future__ import annotations

import click

from process_manager.cli.base_command import CliCommand, id_argument, output_option
from process_manager.cli.output import Look, fields, write_one
from process_manager.cli.reveal import reveal_options, viewer
from process_manager.cli.session import Session


@click.command(cls=CliCommand, example="show 7")
@id_argument
@reveal_options
@output_option
@click.pass_obj
def show(session: Session, process_id: int, reveals: str | None, form: str) -> None:
    """Show where a process stands, and what happens next.

    What its class marks as personal or secret shows as ***, unless it is revealed for a reason.
    """
    from process_manager import inspection
    from process_manager.cli.context import around

    zone = session.zone if form == "table" else None  # for programs every moment is in UTC
    with session.opened() as database:
        who = viewer(session, database, process_id, reveals)
        with database.read() as connection:
            found = inspection.get(connection, process_id, viewer=who)
            told = inspection.explain(found, around(session, connection, zone=zone))
    facts = fields(found)
    if form == "table":
        del facts["seq"]  # for programs that edit it, and the history counts in it
    write_one({**facts, "next": told}, Look(form, zone=session.zone))
