"""`history`: what happened to a process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from process_manager.cli.base_command import CliCommand, id_argument, output_option
from process_manager.cli.output import Look, as_json, fields, in_words, one_line, shortened, write_rows
from process_manager.cli.reveal import reveal_options, viewer
from process_manager.cli.session import Session
from process_manager.plurals import counted

if TYPE_CHECKING:
    from process_manager.inspection import History

_COLUMNS = ("seq", "round", "step", "attempt", "outcome", "message", "started_at", "took", "who", "more")
_SPARE = ("round", "took", "more", "attempt", "who", "started_at", "step")


@click.command(cls=CliCommand, example="history 7 --step queue --full")
@id_argument
@click.option("--step", help="Of this step only.")
@click.option("--full", is_flag=True, help="Unfold exchanges, log lines, payloads and tracebacks in the table.")
@reveal_options
@output_option
@click.pass_obj
def history(  # noqa: PLR0913, PLR0917 - its options
    session: Session, process_id: int, step: str | None, full: bool, reveals: str | None, form: str
) -> None:
    """Show each run of a step, and what people did.

    What its class marks as personal or secret shows as ***, unless it is revealed for a reason.
    """
    from process_manager import inspection

    with session.opened() as database:
        who = viewer(session, database, process_id, reveals)
        with database.read() as connection:
            found = inspection.history(connection, process_id, step=step, viewer=who)
    zone = session.zone
    if form == "table":
        _write_table([_readable(each) for each in found], found if full else (), zone)
        return
    write_rows([_told(each) for each in found], Look(form, (*inspection.History.__slots__, "seconds"), zone))


def _told(row: History) -> dict[str, Any]:
    """Return the row, with the seconds it took."""
    ended = row.finished_at
    return {**fields(row), "seconds": None if ended is None else (ended - row.started_at).total_seconds()}


def _readable(row: History) -> dict[str, Any]:
    from process_manager import durations

    took = None if row.finished_at is None else durations.format(row.finished_at - row.started_at, parts=2)
    folded = [
        counted(len(row.exchanges), "exchange") if row.exchanges else "",
        counted(len(row.logs), "log line") if row.logs else "",
        "payload" if row.payload else "",
        "traceback" if row.error else "",
    ]
    if row.outcome == "started" and row.progress:
        folded.insert(0, in_words(row.progress))
    said = row.message if row.event is None else f"(woken by {row.event}) {row.message}"
    facts = {"took": took, "who": row.by or row.worker, "more": ", ".join(part for part in folded if part)}
    return {**fields(row), **facts, "message": said}


def _write_table(rows: list[dict[str, Any]], unfolded: tuple[()] | list[History], zone: str | None) -> None:
    write_rows(rows, Look("table", _COLUMNS, zone, _SPARE))
    for row in unfolded:
        lines = list(_unfolded(row))
        if lines:
            click.echo(f"\n{row.seq} {row.step or ''} {row.outcome}".rstrip())
        for line in lines:
            click.echo(f"  {shortened(one_line(line))}")


def _unfolded(row: History) -> Iterator[str]:
    """Yield what a history row carries besides its message, in lines."""
    for exchange in row.exchanges:
        yield f"exchange with {exchange.get('system')}"
        yield from (f"  {part}: {as_json(exchange[part])}" for part in ("request", "response") if part in exchange)
    yield from (f"log {as_json(_without_moment(line))}" for line in row.logs)
    if row.payload:
        yield f"payload {as_json(row.payload)}"
    yield from (row.error or "").splitlines()


def _without_moment(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "at"}
