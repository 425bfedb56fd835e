"""`run-now`: let workers take a process at once."""

from __future__ import annotations

import click

from process_manager.cli.base_command import CliCommand, id_argument
from process_manager.cli.session import Session, tell


@click.command(cls=CliCommand, example="run-now 7")
@id_argument
@click.option("--reason", default="", help="Why, for the history.")
@click.pass_obj
def run_now(session: Session, /, process_id: int, reason: str) -> None:
    """Let workers take a process at once.

    One that waits for its moment is due now; of an uncertain one the `verify` of its step is asked again, and it goes
    on by the answer. Its round and its attempts stay as they are. Switches and quiet windows still hold; `work` runs
    it in this terminal.
    """
    from process_manager.governance.process_actions import MakeDue

    with session.opened() as database:
        session.act(database, MakeDue(process_id, registry=session.registry, reason=reason))
    tell(f"Process {process_id} is due now: `process-manager show {process_id}` says where it stands.")
