"""`processes`, `diagram`, `workers`: the process classes, what they look like, and which workers know them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.base_command import CliCommand, output_option
from process_manager.cli.completion import process_names
from process_manager.cli.output import Look, fields, write_rows
from process_manager.cli.session import Session, tell

if TYPE_CHECKING:
    from process_manager.definition.process import Process
    from process_manager.inspection import Version
    from process_manager.store.workers import Registered

_COLUMNS: Final = ("name", "version", "label", "known", "channel", "steps", "counts", "live", "workers", "note")
_SPARE: Final = ("label", "channel", "known", "workers", "steps", "live", "counts")
_OF_WORKERS: Final = ("name", "host", "pid", "since", "seen", "concurrency", "channels", "knows")
_SPARE_OF_WORKERS: Final = ("since", "pid", "concurrency", "host", "knows")


@click.command(cls=CliCommand, example="processes")
@output_option
@click.pass_obj
def processes(session: Session, form: str) -> None:
    """List process classes, and who can run them.

    Those known here and those of which the database has processes, with how many stand in each status, how many live,
    and which workers know that version.
    """
    from process_manager import clock, inspection

    registry = session.registry
    with session.looked_at() as database, database.read() as connection:
        alive = inspection.living(connection, now=clock.now(), within=session.settings.lease)
        found = inspection.versions(connection, registry, alive)
    rows = [_readable(each) if form == "table" else fields(each) for each in found]
    write_rows(rows, Look(form, _COLUMNS if form == "table" else inspection.Version.__slots__, spare=_SPARE))


def _readable(row: Version) -> dict[str, Any]:
    counts = ", ".join(f"{count} {status}" for status, count in row.counts.items())
    note = f"goes on with version {row.becomes}" if row.becomes else ""
    if row.waits_for:
        itself = f"version {row.version} of {row.name!r}"
        note = "; ".join(f"waits for {whom.replace(itself, 'it')}" for whom in row.waits_for)
    workers = len(row.workers) or None
    return {**fields(row), "steps": " → ".join(row.steps), "counts": counts, "workers": workers, "note": note}


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
    write_rows(rows, Look(form, _OF_WORKERS, session.zone, _SPARE_OF_WORKERS))
    if not rows and form == "table":
        tell("No worker is alive. `process-manager worker` starts one.")


def _worker(row: Registered, form: str) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in ("name", "host", "pid")}
    told |= {"since": row.started_at, "seen": row.seen_at, "concurrency": row.concurrency}
    if form == "table":
        knows = ", ".join(f"{name} {version}" for name, version, _steps in row.knows)
        return {**told, "channels": ", ".join(row.channels) or "all", "knows": knows}
    knows_all = [{"name": name, "version": version, "steps": list(steps)} for name, version, steps in row.knows]
    return {**told, "channels": list(row.channels), "knows": knows_all}


@click.command(cls=CliCommand, example="diagram fakturering")
@click.argument("name", required=False, shell_complete=process_names)
@click.pass_obj
def diagram(session: Session, name: str | None) -> None:
    """Draw the lifecycle, or a process, in Mermaid."""
    from process_manager import lifecycle

    click.echo(lifecycle.diagram() if name is None else _flowchart(session.registry.newest(name)))


def _flowchart(cls: type[Process]) -> str:
    nodes = [f's{number}["{step.name}"]' for number, step in enumerate(cls.plan, 1)]
    arrows = [
        f"    {one} -->|done| {other}" for one, other in zip(nodes, [*nodes[1:], "done([succeeded])"], strict=True)
    ]
    return "\n".join(["flowchart TD", f'    start(["{cls.name} {cls.version}"]) --> {nodes[0]}', *arrows])
