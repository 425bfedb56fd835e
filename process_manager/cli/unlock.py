"""`unlock`: free a command whose worker is gone."""

from __future__ import annotations

import click

from process_manager.cli.base_command import CliCommand
from process_manager.cli.run_command import argument_argument, key_argument
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError


@click.command(cls=CliCommand, example='unlock import-books-service1 --reason "the host was rebooted"')
@key_argument
@argument_argument
@click.option("--reason", required=True, help="Why, for the history.")
@click.pass_obj
def unlock(session: Session, key: str, argument: str | None, reason: str) -> None:
    """Free a command whose worker is gone.

    Its process is due again at once; the next worker would free it, too. A living worker keeps what it holds.
    """
    from process_manager.definition import command
    from process_manager.governance.fleet_actions import Unlock

    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why: the history keeps it.")
    registry = session.registry
    which = command.find(registry, key, argument)
    action = Unlock(which.process.name, which.key, registry=registry, reason=reason)
    with session.opened() as database:
        freed = session.act(database, action)
    tell(f"{which.key!r} is free: process {freed} is due again.")
