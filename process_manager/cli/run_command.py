"""`run-command`: start a command of this installation."""

from __future__ import annotations

import click

from process_manager.cli.base_command import CliCommand
from process_manager.cli.completion import command_keys
from process_manager.cli.session import Session
from process_manager.cli.start import print_process, whole_option

key_argument = click.argument("key", shell_complete=command_keys)
argument_argument = click.argument("argument", required=False)


@click.command(cls=CliCommand, example="run-command import-books service1")
@key_argument
@argument_argument
@whole_option
@click.pass_obj
def run_command(session: Session, key: str, argument: str | None, form: str | None) -> None:
    """Start a command and print the id of its process.

    KEY is the name of a process with `arguments`, followed by one of them, or both in one: import-books-service1. It
    ends with 5 when the command is disabled, with 6 when it is open already.
    """
    from process_manager.definition import command
    from process_manager.governance.start_actions import RunCommand

    registry, folder = session.registry, session.settings.locks_folder
    which = command.find(registry, key, argument)  # before a database is made for nothing
    action = RunCommand(which.process.name, which.key, registry=registry, locks_folder=folder)
    with session.opened(makes=True) as database:
        started = session.act(database, action)
    print_process(session, started, form)
