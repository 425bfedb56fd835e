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
    from process_manager import operations
    from process_manager.definition import command
    from process_manager.operations import Act

    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why: the history keeps it.")
    registry, act = session.registry, Act(session.actor, reason)
    whole = command.find(registry, key, argument).key
    with session.opened() as database:
        freed = database.run(lambda connection: operations.unlock(connection, whole, act, registry=registry))
    tell(f"{whole!r} is free: process {freed} is due again.")
