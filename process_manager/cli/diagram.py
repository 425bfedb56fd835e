"""`diagram`: the lifecycle, or a process, in Mermaid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from process_manager.cli.base_command import CliCommand
from process_manager.cli.completion import process_names
from process_manager.cli.session import Session

if TYPE_CHECKING:
    from process_manager.definition.process import Process


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
