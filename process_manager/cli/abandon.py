"""`abandon-process`: give processes up for good."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import click

from process_manager.cli import bulk
from process_manager.cli.base_command import CliCommand
from process_manager.cli.bulk import Bulk
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError


@click.command(cls=CliCommand, example='abandon-process 7 --reason "paid by hand"')
@bulk.options
@click.option("--reason", required=True, help="Why, for the history.")
@click.option(
    "--children",
    type=click.Choice(["abandon", "leave"]),
    help="What becomes of children that are open; needed if there are any.",
)
@click.pass_obj
def abandon_process(
    session: Session, /, reason: str, children: Literal["abandon", "leave"] | None, **options: Any
) -> None:
    """Give processes up for good.

    A running step is told, and its answer changes nothing. Of many, up to a hundred are given up in one transaction.
    """
    from process_manager.governance.process_actions import Abandon

    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why the process is given up: the history keeps it.")
    wanted = Bulk("abandon", "abandoned", partial(Abandon, reason=reason, children=children), **options)
    bulk.do(session, wanted)
    if wanted.is_one:
        tell(f"Process {wanted.ids[0]} is abandoned.")
