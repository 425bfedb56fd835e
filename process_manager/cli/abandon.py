"""`abandon-process`: give processes up for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from process_manager.cli import bulk
from process_manager.cli.base_command import CliCommand
from process_manager.cli.bulk import Bulk
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError

if TYPE_CHECKING:
    import sqlalchemy as sa


@click.command(cls=CliCommand, example='abandon-process 7 --reason "paid by hand"')
@bulk.options
@click.option("--reason", required=True, help="Why, for the history.")
@click.pass_obj
def abandon_process(session: Session, /, reason: str, **options: Any) -> None:
    """Give processes up for good.

    A running step is told, and its answer changes nothing. Of many, each is given up in a transaction of its own.
    """
    from process_manager import operations

    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why the process is given up: the history keeps it.")
    who = operations.Act(session.actor, reason)

    def act(connection: sa.Connection, process_id: int) -> None:
        operations.abandon(connection, process_id, who)

    wanted = Bulk("abandon", "abandoned", act, **options)
    bulk.do(session, wanted)
    if wanted.is_one:
        tell(f"Process {wanted.ids[0]} is abandoned.")
