"""`drain`: end one worker, wherever it runs."""

from __future__ import annotations

import click

from process_manager.cli.base_command import CliCommand
from process_manager.cli.session import Session, tell


@click.command(cls=CliCommand, example='drain office-1:812:3fb2 --reason "the host is patched"')
@click.argument("worker")
@click.option("--reason", default="", help="Why, for the audit chain.")
@click.pass_obj
def drain(session: Session, worker: str, reason: str) -> None:
    """Let a worker end, wherever it runs.

    It takes nothing more, lets running steps finish within its grace period, gives back the rest without using an
    attempt, and ends as after a SIGTERM. WORKER is its name, as `workers` lists it.
    """
    from process_manager.governance.fleet_actions import Drain

    with session.opened() as database:
        is_new = session.act(database, Drain(worker, reason=reason))
    lease = round(session.settings.lease.total_seconds() / 3)
    if is_new:
        tell(f"{worker!r} takes nothing more and ends: it sees that within a third of its lease ({lease} s here).")
    else:
        tell(f"{worker!r} was asked before, and ends.")
