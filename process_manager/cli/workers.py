"""`workers`: which workers are alive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.output import Look, write_rows
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    from process_manager.store.workers import Registered

_COLUMNS: Final = ("name", "host", "pid", "since", "seen", "concurrency", "channels", "draining", "knows")
_SPARE: Final = ("draining", "since", "pid", "concurrency", "host", "knows")


@click.command(cls=CliCommand, example="workers")
@output_option
@click.pass_obj
def workers(session: Session, form: str) -> None:
    """List the workers that are alive.

    A worker says so every third of its lease; one that was not seen for a whole lease is gone.
    """
    from process_manager import clock, inspection

    with session.opened() as database, database.read() as connection:
        found = inspection.living(connection, now=clock.now(), within=session.settings.lease)
    rows = [_worker(each, form) for each in found]
    write_rows(rows, Look(form, _COLUMNS, session.zone, _SPARE))
    if not rows and form == "table":
        tell("No worker is alive. `process-manager worker` starts one.")


def _worker(row: Registered, form: str) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("name", "host", "pid")}
    told |= {
        "draining": row.drain_asked_at,
        "since": row.started_at,
        "seen": row.seen_at,
        "concurrency": row.concurrency,
    }
    if form == "table":
        knows = ", ".join(f"{name} {version}" for name, version, _steps in row.knows)
        return {**told, "channels": ", ".join(row.channels) or "all", "knows": knows}
    knows_all = [{"name": name, "version": version, "steps": list(steps)} for name, version, steps in row.knows]
    return {**told, "channels": list(row.channels), "knows": knows_all}
