"""`quiet`: the next quiet windows."""

from __future__ import annotations

from typing import Final

import click

from process_manager.cli import context
from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell

_COLUMNS: Final = ("of", "start", "end", "rule", "held", "at_end")


@click.command(cls=CliCommand, example="quiet --days 14")
@click.option("--days", type=click.IntRange(1, 731), default=7, show_default=True, help="How far to look ahead.")
@output_option
@click.pass_obj
def quiet(session: Session, days: int, form: str) -> None:
    """Show the coming quiet windows, in which no step starts.

    For each, what it would hold: the processes whose moment falls into it, and those whose moment is its end, where
    most of them were moved, out of it.
    """
    from process_manager import clock, inspection

    engine, own = context.engine_windows(session), context.windows(session)
    with session.looked_at() as database, database.read() as connection:
        found = inspection.coming_windows(connection, engine, own, now=clock.now(), days=days)
    columns = _COLUMNS if form == "table" else inspection.ComingWindow.__slots__
    write_rows([fields(each) for each in found], Look(form, columns, engine.zone.key, ("at_end", "held")))
    if form == "table":
        origin = "" if session.settings.zone else ", the host's own"
        tell(f"The windows of the engine are {engine}, in {engine.zone.key}{origin}.")
