"""`report`: how some days went: what ended on each, how long it took, what each step did, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.completion import process_names
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session

if TYPE_CHECKING:
    from process_manager.inspection.report_period import ReportDays

F = TypeVar("F", bound=Callable[..., Any])

_OF_CAUSES: Final = ("number", "stopped", "name", "step", "said", "first", "last")


def _options(command: F) -> F:
    """Add the options of every report."""
    for option in (
        output_option,
        click.option("--name", shell_complete=process_names, help="Only processes of this class."),
        click.option("--to", "last", metavar="DAY", help="The last day, which is one of them."),
        click.option("--from", "first", metavar="DAY", help="The first day, such as 2026-11-01."),
        click.option("--month", metavar="MONTH", help="A month, such as 2026-11; this one by default."),
    ):
        command = option(command)
    return command


@click.group(epilog="\b\nExample:\n  process-manager report per-day --month 2026-11")
def report() -> None:
    """Say how a month went, or other days."""


@report.command("per-day", cls=CliCommand, example="report per-day --from 2026-11-23 --to 2026-11-29")
@_options
@click.pass_obj
def per_day(session: Session, /, name: str | None, form: str, **days: str | None) -> None:
    """Count what ended on each day.

    And how many of these needed a person before they ended; `stopped` are those that stopped and still need one.
    """
    from process_manager import inspection

    period = _period(session, days)
    with session.opened() as database, database.read() as connection:
        found = inspection.report_days(connection, period, name=name, viewer=session.viewer)
    _write(session, form, ({"day": each.day, "finished": each.finished, **fields(each)} for each in found.days))


@report.command(cls=CliCommand, example="report durations --name fakturering")
@_options
@click.pass_obj
def durations(session: Session, /, name: str | None, form: str, **days: str | None) -> None:
    """Say how long it took from start to end.

    Half of the processes took no longer than the median, 95 of 100 no longer than p95. The last row is all days
    together. Of very many processes some are looked at; `number` says how many.
    """
    from process_manager import inspection

    period = _period(session, days)
    with session.opened() as database, database.read() as connection:
        found = inspection.report_durations(connection, period, name=name, viewer=session.viewer)
    _write(session, form, (fields(each) for each in (*found.days, found.total) if each.number))


@report.command(cls=CliCommand, example="report steps --month 2026-11 --excel")
@_options
@click.pass_obj
def steps(session: Session, /, name: str | None, form: str, **days: str | None) -> None:
    """Say what each step did.

    How often it ran, with what outcome, and how long it took, of the processes that ended on these days.
    """
    from process_manager import inspection

    period = _period(session, days)
    with session.opened() as database, database.read() as connection:
        found = inspection.report_steps(connection, period, registry=session.registry, name=name, viewer=session.viewer)
    _write(session, form, (fields(each) for each in found))


@report.command("causes", cls=CliCommand, example="report causes --month 2026-11")
@_options
@click.pass_obj
def causes(session: Session, /, name: str | None, form: str, **days: str | None) -> None:
    """Say what went wrong, by cause.

    One line for all errors of one step with the same words; `stopped` still need a person.
    """
    from process_manager import inspection

    period = _period(session, days)
    with session.opened() as database, database.read() as connection:
        found = inspection.report_errors(connection, period, name=name, viewer=session.viewer)
    _write(session, form, ({column: getattr(each, column) for column in _OF_CAUSES} for each in found))


def _period(session: Session, days: dict[str, str | None]) -> ReportDays:
    """Return the days that the options name; raise UsageError where they name none."""
    from process_manager import clock
    from process_manager.inspection import report_period

    today, month = report_period.today(clock.now(), session.zone), days["month"]
    if month is not None and (days["first"] or days["last"]):
        raise click.UsageError("Give --month, or --from and --to, not both.")
    if days["first"] is None and days["last"] is None:
        first = today if month is None else _day("--month", f"{month}-01", month)
        return report_period.month(first, session.zone)
    last = today if days["last"] is None else _day("--to", days["last"])
    first = last.replace(day=1) if days["first"] is None else _day("--from", days["first"])
    return report_period.period(first, last, session.zone)


def _day(option: str, text: str, typed: str | None = None) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        like = "2026-11-27" if typed is None else "2026-11"
        raise click.BadParameter(f"{(typed or text)[:40]!r} is none. Write it as {like}.", param_hint=option) from None


def _write(session: Session, form: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write the rows; programs get durations in seconds."""
    told = [{name: _plain(value, form) for name, value in row.items()} for row in rows]
    write_rows(told, Look(form, list(told[0]) if told else ("day",), session.zone))


def _plain(value: Any, form: str) -> Any:
    if isinstance(value, timedelta):
        from process_manager.inspection import moments

        seconds = round(value.total_seconds(), 3)
        return str(moments.lasting(value)) if form == "table" else seconds
    if isinstance(value, float):
        return round(value, 2)
    return value.isoformat() if type(value) is date else value
