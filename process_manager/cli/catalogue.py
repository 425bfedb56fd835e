"""Which process classes there are, and what they look like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from process_manager.cli.command import Command, output_option
from process_manager.cli.output import Look, write_rows
from process_manager.cli.session import Session

if TYPE_CHECKING:
    from process_manager.process import Process
    from process_manager.registry import Registry

_COLUMNS: Final = ("name", "version", "known", "channel", "steps", "counts")


@click.command(cls=Command, example="processes")
@output_option
@click.pass_obj
def processes(session: Session, form: str) -> None:
    """List process classes and their counts.

    Those known here and those of which the database has processes, with how many stand in each status.
    """
    from process_manager import inspection

    registry = session.registry
    with session.opened() as database, database.read() as connection:
        counts = inspection.counts(connection)
    pairs = sorted({*registry.pairs(), *counts})
    rows = [_row(registry, name, version, counts.get((name, version), {})) for name, version in pairs]
    write_rows([_readable(row) for row in rows] if form == "table" else rows, Look(form, _COLUMNS))


def _row(registry: Registry, name: str, version: int, counts: Mapping[str, int]) -> dict[str, Any]:
    cls = registry.get(name, version)
    return {
        "name": name,
        "version": version,
        "known": cls is not None,
        "channel": cls.channel if cls else None,
        "steps": [step.name for step in cls.plan] if cls else [],
        "counts": dict(counts),
    }


def _readable(row: Mapping[str, Any]) -> dict[str, Any]:
    counts = ", ".join(f"{count} {status}" for status, count in row["counts"].items())
    return {**row, "steps": " → ".join(row["steps"]), "counts": counts}


@click.command(cls=Command, example="diagram fakturering")
@click.argument("name", required=False)
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
