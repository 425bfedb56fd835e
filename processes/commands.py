"""The commands that this package adds to `process-manager`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, write_rows
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    from processes.fakturering.stuck_report import StuckRow

_COLUMNS = ("id", "status", "age", "since", "process_id", "vejman_id", "permit")


@click.group()
def fakturering() -> None:
    """Look after the invoice dispatch."""


@fakturering.command(cls=CliCommand, example="fakturering stuck --older-than 2h -o csv")
@click.option("--older-than", default="1h", show_default=True, metavar="DURATION", help="Such as 90s, 5m or 1h30m.")
@output_option
@click.pass_obj
def stuck(session: Session, older_than: str, form: str) -> None:
    """List the invoice rows that rest in Claimed or TilFakturering."""
    from process_manager import clock, durations
    from processes.fakturering import invoice_table
    from processes.fakturering.stuck_report import stuck_rows

    least = durations.parse(older_than)
    invoices = invoice_table.database(session.settings)
    with session.opened() as database:
        found = stuck_rows(invoices, database, older_than=least, now=clock.now())
        rows = [_told(row) for row in found]
    columns = _COLUMNS if form == "table" else (*_COLUMNS, "seconds")
    if rows or form != "table":
        write_rows(rows, Look(form, columns, session.zone))
    else:
        tell("No invoice row rests that long.")


def _told(row: StuckRow) -> dict[str, object]:
    from process_manager import durations

    age = None if row.age is None else durations.format(row.age, parts=2)
    seconds = None if row.age is None else row.age.total_seconds()
    facts = {"id": row.id, "status": row.status, "age": age, "since": row.since, "process_id": row.process_id}
    return {**facts, "vejman_id": row.vejman_id, "permit": row.permit, "seconds": seconds}


@click.command(cls=CliCommand, example="demo --crash")
@click.option("--rows", type=click.IntRange(0, 100_000), default=300, show_default=True, help="How many invoice rows.")
@click.option("--web", is_flag=True, help="Show the pages instead, on three weeks of an invented office.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port of the pages; without it 8000, or a free one.")
@click.option("--crash", is_flag=True, help="Kill a worker in the middle, and show the recovery.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    show_default="demo; demo-crash for --crash, demo-web for --web",
    help="Where its databases lie.",
)
def demo(rows: int, crash: bool, folder: Path | None, web: bool, port: int | None) -> None:
    """Show the invoice dispatch at work.

    On databases of its own, whatever the settings say. Asked again, there is nothing to do; a crash can be shown again
    and again, for its databases in demo-crash are made anew each time. With --web a worker runs beside the pages, and
    a link signs you in.
    """
    if web:
        from processes.demo import pages

        if crash:
            raise click.UsageError("--web and --crash do not go together.")
        pages.run(folder, port=port)
        return
    if port is not None:
        raise click.UsageError("--port is for --web.")
    from processes.demo import story

    if not story.run(folder, rows=rows, crash=crash):
        raise click.exceptions.Exit(1)


commands = (demo, fakturering)
