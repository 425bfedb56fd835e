"""`work` and `worker`: one time-boxed run, or until somebody stops it."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import click

from process_manager.cli import context
from process_manager.cli.base_command import CliCommand, an_id
from process_manager.cli.session import Session, tell
from process_manager.errors import HeldByAnother, SwitchedOff
from process_manager.plurals import counted

if TYPE_CHECKING:
    from process_manager.database import Database
    from process_manager.definition.registry import Registry
    from process_manager.worker.plan import Plan
    from process_manager.worker.stats import RunStats

MOST_REASONS: Final = 3
"""Of what holds processes, as one line may name it."""

_channels = click.option(
    "--channel", "channels", multiple=True, help="Take processes of this channel only; may be repeated."
)
_concurrency = click.option("--concurrency", type=click.IntRange(1, 500), help="How many steps run at once.")
_time_box = click.option("--time-box", metavar="DURATION", help="How long steps may start, such as 90s or 5m.")


@click.command(cls=CliCommand, example="work --time-box 10m")
@click.argument("process_id", metavar="[ID]", type=an_id, required=False)
@_channels
@_concurrency
@_time_box
@click.pass_obj
def work(
    session: Session,
    process_id: int | None,
    channels: Sequence[str],
    concurrency: int | None,
    time_box: str | None,
) -> None:
    """Run what is due and end, or one process.

    For cron and Task Scheduler: no step starts after the time box, what runs may finish, and it ends with 0 whenever
    its loop ran; with 5 if nothing ran and all that was due was switched off or in a quiet window. With ID it
    runs that one process, whatever its retry_after says, and ends with 1 if a person is needed then.
    """
    if process_id is not None and channels:
        raise click.UsageError("ID and --channel do not go together: the id says which process.")
    settings = session.load(concurrency=concurrency, time_box=time_box)
    plan = _plan(session, channels, settings.time_box, until_empty=True)
    with session.opened(makes=process_id is None) as database:
        if process_id is not None:
            _work_on(session, database, plan, process_id)
        elif _summarise(session, database, plan):
            raise click.exceptions.Exit(SwitchedOff.exit_code)


@click.command(cls=CliCommand, example="worker --channel default --concurrency 4")
@_channels
@_concurrency
@_time_box
@click.option("--until-empty", is_flag=True, help="End when nothing is due.")
@click.pass_obj
def worker(
    session: Session, channels: Sequence[str], concurrency: int | None, time_box: str | None, until_empty: bool
) -> None:
    """Run what is due until stopped.

    A signal (SIGTERM, Ctrl-C, Ctrl-Break, a closed terminal) lets running steps finish within the grace period; a
    second one ends at once.
    """
    settings = session.load(concurrency=concurrency, time_box=time_box)
    plan = _plan(session, channels, None if time_box is None else settings.time_box, until_empty=until_empty)
    with session.opened(makes=True) as database:
        _summarise(session, database, plan)


def _plan(session: Session, channels: Sequence[str], time_box: timedelta | None, *, until_empty: bool) -> Plan:
    from process_manager.lifecycle import retry
    from process_manager.worker.plan import Plan

    settings = session.settings
    return Plan(
        registry=_registry(session),
        settings=settings,
        retry=retry.parse(settings.retry),
        channels=tuple(channels),
        time_box=time_box,
        until_empty=until_empty,
    )


def _registry(session: Session) -> Registry:
    """Return the process classes. A log that a module sets up while it is imported gives way to the one here."""
    from process_manager import logs

    settings = session.settings
    set_up = partial(
        logs.configure, config=settings.logging_config, level=settings.log_level, style=settings.log_format
    )
    set_up()
    registry = session.registry
    set_up()
    return registry


def _run(database: Database, plan: Plan) -> RunStats:
    from process_manager.cli.interrupts import stopping
    from process_manager.worker.loop import Worker

    run = Worker(database, plan)
    gc.freeze()  # what is loaded by now stays: the collector need not look through it again and again
    with stopping(run.stop, grace=plan.settings.grace):
        return run.run()


def _summarise(session: Session, database: Database, plan: Plan) -> bool:
    """Run, tell what the run did, and answer whether something was due, and all of it closed the whole time."""
    stats = _run(database, plan)
    if stats.left:
        tell("Stopped while the database took no writes. What was held is due again when its lease ends.")
    if stats.outcomes:
        tell(f"{_counted('step run', stats.outcomes)}. {_counted('process', stats.statuses)}.")
    _exit_if_kept_out(stats)
    if stats.outcomes or stats.left:
        return stats.closed
    closed = _closed_by(session, database, plan.channels, is_held=stats.closed)
    if stats.closed:
        tell(f"Something is due, but nothing was started, because {closed or 'it was held until this moment'}.")
    else:
        _tell_of_nothing(session, database, plan, closed)
    return stats.closed


def _exit_if_kept_out(stats: RunStats) -> None:
    """Say what a transaction of another program kept from being recorded: a run that owes an answer did not go well."""
    if not stats.kept_out:
        return
    tell(
        f"{counted(stats.kept_out, 'answer')} of a step could not be recorded: another program's transaction held what"
        " that needs until the end. When the lease ends, a step that may be repeated runs again under the same key;"
        " one that may run only once is asked for by its verify, or by a person."
    )
    raise click.exceptions.Exit(HeldByAnother.exit_code)


def _tell_of_nothing(session: Session, database: Database, plan: Plan, closed: str) -> None:
    """Say why nothing ran: it is closed, or this host does not know what is due, or nothing is."""
    from process_manager import clock, inspection

    with database.read() as connection:
        whom = inspection.unknown_here(connection, session.registry.runnable(), plan.channels, now=clock.now())
    if closed:
        tell(f"Nothing was due that may start now, because {closed}.")
    else:
        tell("Nothing was due that this host knows." if whom else "Nothing was due.")
    if whom:
        more = f" and {len(whom) - MOST_REASONS} more" if len(whom) > MOST_REASONS else ""
        tell(f"What is due waits for {', '.join(whom[:MOST_REASONS])}{more}.")


def _closed_by(session: Session, database: Database, channels: Sequence[str], *, is_held: bool) -> str:
    """Return the switches and windows that hold what this worker could run, each once; nothing when all is open."""
    from process_manager import clock
    from process_manager.gates.gate import GateSubject

    now, windows = clock.now(), context.windows(session)
    with database.read() as connection:
        gates = context.gates(session, connection)
    closed = [gates.closed(GateSubject(name), quiet, now) for (name, _version), quiet in windows.items()]
    those = _keys(session.registry, channels or (gates.switches if is_held else ()))
    narrower = [switch.told(session.zone) for key, switch in gates.switches.items() if key in those]
    reasons = list(dict.fromkeys([*(each.reason(session.zone) for each in closed if each is not None), *narrower]))
    more = [f"and {len(reasons) - MOST_REASONS} more"] if len(reasons) > MOST_REASONS else []
    return "; ".join([*reasons[:MOST_REASONS], *more])


def _keys(registry: Registry, channels: Iterable[str]) -> set[str]:
    """Return the switches that may hold a part of a process: commands, and these channels or those of the classes.

    A start may name any channel, so where something is held every switch may be that of its channel.
    """
    from process_manager.definition.process import keys

    commands = {key for cls in registry for key in keys(cls).values()}
    return commands | (set(channels) or {cls.channel for cls in registry})


def _counted(what: str, counts: Counter[str]) -> str:
    parts = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return counted(counts.total(), what) + (f": {parts}" if parts else "")


def _work_on(session: Session, database: Database, plan: Plan, process_id: int) -> None:
    """Run one process to its next rest; Exit with 1 if a person is needed then."""
    from dataclasses import replace

    from process_manager import inspection, operations
    from process_manager.governance.process_actions import RunNow
    from process_manager.lifecycle.status import NEEDS_A_PERSON, stands

    session.act(database, RunNow(process_id, registry=plan.registry))
    stats = _run(database, replace(plan, only=process_id))
    with database.read() as connection:
        if not stats.outcomes:  # somebody was quicker: say who
            operations.require_runnable(connection, process_id, plan.registry)
        found = inspection.get(connection, process_id, viewer=session.viewer)
    tell(f"Process {process_id} {stands(found.status)}: {found.message or 'no step of it ran'}")
    if found.status in NEEDS_A_PERSON:
        raise click.exceptions.Exit(1)
