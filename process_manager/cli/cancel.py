"""`cancel`: ask a process to stop."""

from __future__ import annotations

import click

from process_manager.cli.base_command import CliCommand, id_argument
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError


@click.command(cls=CliCommand, example='cancel 7 --reason "the list was the wrong one"')
@id_argument
@click.option("--reason", required=True, help="Why, for the history.")
@click.pass_obj
def cancel(session: Session, /, process_id: int, reason: str) -> None:
    """Ask a process to stop.

    One that is due or waits never runs. One that runs stops when its step is at a safe point; what the step did stays
    in the history, and nothing runs after it. `abandon-process` gives it up at once.
    """
    from process_manager.governance.process_actions import Cancel

    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why the process is to stop: the history keeps it.")
    with session.opened() as database:
        session.act(database, Cancel(process_id, reason=reason))
    tell(f"Process {process_id} is asked to stop: `process-manager show {process_id}` tells when it has.")
