"""What a person asks of processes: which there are, where one stands, what happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from process_manager.cli.command import Command, an_id, id_argument, output_option
from process_manager.cli.output import Look, fields, write_one, write_rows
from process_manager.cli.session import Session, tell
from process_manager.lifecycle import Status

if TYPE_CHECKING:
    from process_manager.inspection import History

_IN_LIST = ("id", "name", "version", "reference", "status", "step", "attempt", "due_at", "waiting_for", "message")
_IN_HISTORY = ("seq", "round", "step", "attempt", "outcome", "message", "started_at", "seconds", "worker", "by")


@click.command(cls=Command, example="list --status failed --name fakturering")
@click.option("--status", multiple=True, type=click.Choice([str(status) for status in Status]), help="May be repeated.")
@click.option("--name", help="Of this process class.")
@click.option("--reference", help="With this number of the office.")
@click.option("--channel", help="Of this channel.")
@click.option("--order-key", help="Of this lane.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="At most so many.")
@click.option("--below", type=an_id, metavar="ID", help="Older than this one: the next page.")
@output_option
@click.pass_obj
def list_processes(session: Session, /, limit: int, form: str, **filters: Any) -> None:
    """List processes, the newest first."""
    from process_manager import inspection

    which = inspection.Filter(**filters)
    with session.opened() as database, database.read() as connection:
        found = inspection.page(connection, which, limit=limit)
    columns = _IN_LIST if form == "table" else inspection.Overview.__slots__
    write_rows([fields(each) for each in found], Look(form, columns, session.settings.zone))
    if len(found) == limit and form == "table":
        tell(f"There may be more: --below {found[-1].id} shows the next.")


@click.command(cls=Command, example="show 7")
@id_argument
@output_option
@click.pass_obj
def show(session: Session, process_id: int, form: str) -> None:
    """Show where a process stands."""
    from process_manager import inspection

    with session.opened() as database, database.read() as connection:
        found = inspection.get(connection, process_id)
    write_one(fields(found), Look(form, zone=session.settings.zone))


@click.command(cls=Command, example="history 7 --step queue -o json")
@id_argument
@click.option("--step", help="Of this step only.")
@output_option
@click.pass_obj
def history(session: Session, process_id: int, step: str | None, form: str) -> None:
    """Show each run of a step, and what people did."""
    from process_manager import inspection

    with session.opened() as database, database.read() as connection:
        found = inspection.history(connection, process_id, step=step)
    columns = _IN_HISTORY if form == "table" else (*inspection.History.__slots__, "seconds")
    write_rows([_told(each) for each in found], Look(form, columns, session.settings.zone))


def _told(row: History) -> dict[str, Any]:
    """The row, with the seconds it took."""
    ended = row.finished_at
    return {**fields(row), "seconds": None if ended is None else (ended - row.started_at).total_seconds()}
