"""`list`: which processes there are."""

from __future__ import annotations

from typing import Any

import click

from process_manager.cli import filters
from process_manager.cli.base_command import CliCommand, an_id, output_option
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell

_COLUMNS = ("id", "name", "version", "reference", "status", "step", "attempt", "due_at", "waiting_for", "message")
_SPARE = ("version", "attempt", "waiting_for", "due_at", "reference", "step", "name")


@click.command(cls=CliCommand, example="list --status failed --name fakturering --older-than 1h")
@filters.filter_options
@click.option("--count", is_flag=True, help="Only how many there are.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.option("--below", type=an_id, metavar="ID", help="Older than this one: the next page.")
@output_option
@click.pass_context
def list_processes(ctx: click.Context, /, limit: int, form: str, count: bool, **options: Any) -> None:
    """List processes, the newest first."""
    from process_manager import inspection

    session = ctx.ensure_object(Session)
    which = filters.asked(session, options)
    with session.opened() as database, database.read() as connection:
        if count:
            click.echo(inspection.count(connection, which, viewer=session.viewer))
            return
        found = inspection.page(connection, which, limit=limit + 1, viewer=session.viewer)
    shown = found[:limit]
    columns = _COLUMNS if form == "table" else inspection.Overview.__slots__
    write_rows([fields(each) for each in shown], Look(form, columns, session.zone, _SPARE))
    if len(found) > limit:
        tell(f"There are more: {filters.next_page(ctx, shown[-1].id)}")
