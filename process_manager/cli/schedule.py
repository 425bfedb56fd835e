"""`schedule`: what starts by the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from process_manager.cli import payload_input
from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.completion import process_names
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    from process_manager.database import Database
    from process_manager.inspection.schedules import ScheduleView

F = TypeVar("F", bound=Callable[..., Any])

_LISTED: Final = ("name", "process", "rule", "zone", "standing", "next_at", "process_id", "told", "paused_by")
_COMING: Final = ("local", "notes", "at")

_name = click.argument("name")
_reason = click.option("--reason", default="", help="Why, for the audit chain.")
_SAID: Final = (
    click.option("--cron", metavar="TEXT", help="When, such as '0 6 * * mon-fri'."),
    click.option("--at", metavar="MOMENT", multiple=True, help="When, once: 2026-12-01T08:00; may be repeated."),
    click.option("--zone", help="The IANA name of the zone whose clock counts.  [default: the office's]"),
    click.option("--payload", metavar="JSON|@FILE", help="What each process starts with."),
    click.option(
        "--missed", default="last", show_default=True, help="Missed slots that are made up for: none, last, all."
    ),
    click.option("--overlap", default="start", show_default=True, help="Beside an open process: skip, queue or start."),
    click.option(
        "--jitter", metavar="DURATION", default="0s", show_default=True, help="Up to how much later it begins."
    ),
    click.option(
        "--working-days",
        default="any",
        show_default=True,
        help="On a weekend or holiday: any (nothing changes), next (the next working day), only (it falls away).",
    ),
    click.option("--holidays", default="", help="The calendar of holidays, such as DK+optional."),
)


def _said(function: F) -> F:
    """Return the command with the options that say when a schedule starts its process, and with what."""
    for option in reversed(_SAID):
        function = option(function)
    return function


@click.group(epilog="\b\nExample:\n  process-manager schedule list")
def schedule() -> None:
    """Say which processes start by the clock.

    Any worker that knows the process starts each slot, exactly once. A class may declare schedules, too.
    """


@schedule.command("list", cls=CliCommand, example="schedule list")
@output_option
@click.pass_obj
def list_schedules(session: Session, form: str) -> None:
    """List the schedules, with their next slot and what became of the last."""
    from process_manager import clock, inspection

    with session.opened() as database, database.read() as connection:
        found = inspection.schedules(connection, registry=session.registry, now=clock.now(), viewer=session.viewer)
    rows = [{name: getattr(each, name) for name in _LISTED} if form == "table" else fields(each) for each in found]
    write_rows(rows, Look(form, _LISTED, session.zone, ("paused_by", "process_id", "told")))


@schedule.command("next", cls=CliCommand, example="schedule next daily-import")
@_name
@click.option("--count", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many.")
@output_option
@click.pass_obj
def coming(session: Session, name: str, count: int, form: str) -> None:
    """Show its next slots on its own clock.

    With what the clock, the calendar of working days or a quiet window changes about each.
    """
    from process_manager import clock, inspection
    from process_manager.cli import context

    now = clock.now()
    with session.opened() as database:
        found = _seen(session, database, name)
    windows = context.windows(session)
    versions = [version for kind, version in windows if kind == found.process]
    quiet = {"quiet": windows[found.process, max(versions)]} if versions else {}
    slots = inspection.coming_slots(found, now=now, count=count, **quiet)
    rows = [{"local": each.local, "notes": "; ".join(each.notes), "at": each.at} for each in slots]
    if form != "table":
        rows = [fields(each) for each in slots]
    write_rows(rows, Look(form, _COMING, session.zone, ("at",)))
    if found.standing in ("paused", "unknown", "broken"):
        tell(f"It is {found.standing}: nothing is started before that ends.")


@schedule.command(cls=CliCommand, example="schedule add payroll pay-wages --cron '0 6 L * *' --working-days next")
@_name
@click.argument("process", shell_complete=process_names)
@_said
@_reason
@click.pass_obj
def add(  # noqa: PLR0913 - its options, by name
    session: Session,
    /,
    *,
    name: str,
    process: str,
    cron: str | None,
    at: tuple[str, ...],
    payload: str | None,
    jitter: str,
    reason: str,
    **said: Any,
) -> None:
    """Make a schedule.

    NAME is what people call it, PROCESS the name of the process that it starts. It begins from now; workers that run
    already see it within a second, and the first of all within five.
    """
    from process_manager import durations
    from process_manager.definition.schedule import typed
    from process_manager.governance.schedule_actions import AddSchedule
    from process_manager.operations.schedules import NewSchedule

    parameters = {} if payload is None else payload_input.payload(payload)
    wanted = typed(cron, at, parameters=parameters, jitter=durations.parse(jitter), **said)
    new = NewSchedule(name, process, wanted)
    with session.opened(makes=True) as database:
        zone = wanted.zone or session.settings.zone_name()
        session.act(database, AddSchedule(new, session.registry, zone, reason=reason))
        made = _seen(session, database, name)
    tell(f"Schedule {name!r} starts {process} by the clock of {made.zone}; `schedule next {name}` shows when.")


@schedule.command(cls=CliCommand, example="schedule run payroll")
@_name
@_reason
@click.pass_obj
def run(session: Session, name: str, reason: str) -> None:
    """Start its process now, besides its slots, and print the id."""
    from process_manager.governance.schedule_actions import RunSchedule

    with session.opened() as database:
        found = _seen(session, database, name)
        action = RunSchedule(name, found.process, registry=session.registry, reason=reason)
        click.echo(session.act(database, action).id)


@schedule.command(cls=CliCommand, example="schedule pause payroll --reason 'the bank is closed'")
@_name
@_reason
@click.pass_obj
def pause(session: Session, name: str, reason: str) -> None:
    """Let it start nothing until it is resumed."""
    from process_manager.governance.schedule_actions import PauseSchedule

    with session.opened() as database:
        found = _seen(session, database, name)
        session.act(database, PauseSchedule(name, found.process, reason=reason))
    tell(f"Schedule {name!r} is paused: it starts nothing until `process-manager schedule resume {name}`.")


@schedule.command(cls=CliCommand, example="schedule resume payroll")
@_name
@_reason
@click.pass_obj
def resume(session: Session, name: str, reason: str) -> None:
    """Let a paused one start from now on; what was missed is not made up for."""
    from process_manager.governance.schedule_actions import ResumeSchedule

    with session.opened() as database:
        found = _seen(session, database, name)
        session.act(database, ResumeSchedule(name, found.process, reason=reason))
    tell(f"Schedule {name!r} starts its process again, from now on.")


@schedule.command(cls=CliCommand, example="schedule remove payroll")
@_name
@_reason
@click.pass_obj
def remove(session: Session, name: str, reason: str) -> None:
    """Remove one that no class declares; what it has started stays."""
    from process_manager.governance.schedule_actions import RemoveSchedule

    with session.opened() as database:
        found = _seen(session, database, name)
        session.act(database, RemoveSchedule(name, found.process, session.registry, reason=reason))
    tell(f"Schedule {name!r} is removed.")


def _seen(session: Session, database: Database, name: str) -> ScheduleView:
    from process_manager import clock, inspection

    with database.read() as connection:
        return inspection.schedule(connection, name, registry=session.registry, now=clock.now(), viewer=session.viewer)
