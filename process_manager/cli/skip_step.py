"""`skip-step`: leave out the step at which a process rests."""

from __future__ import annotations

import click

from process_manager.cli.base_command import CliCommand, id_argument
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError


@click.command(cls=CliCommand, example='skip-step 7 --reason "the letter was sent by hand"')
@id_argument
@click.option("--reason", required=True, help="Why, for the history.")
@click.pass_obj
def skip_step(session: Session, /, process_id: int, reason: str) -> None:
    """Leave out the step at which a process rests.

    It goes on with the next one, in a new round. The step that is left out is not done: after the last one the process
    ends as skipped, and a later start at it has its old idempotency key. Where a step may have happened,
    resolve-process says whether it did.
    """
    from process_manager.governance.process_actions import SkipStep

    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why the step is left out: the history keeps it.")
    action = SkipStep(process_id, registry=session.registry, reason=reason)
    with session.opened() as database:
        session.act(database, action)
    tell(f"Process {process_id} goes on without that step. `process-manager show {process_id}` says where it stands.")
