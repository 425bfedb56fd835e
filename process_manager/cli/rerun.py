"""`rerun-process`: a closed process again, as a new one."""

from __future__ import annotations

import click

from process_manager.cli.base_command import CliCommand, id_argument
from process_manager.cli.session import Session
from process_manager.cli.start import print_process, whole_option


@click.command(cls=CliCommand, example="rerun-process 7")
@id_argument
@click.option("--reason", default="", help="Why, for the audit chain.")
@whole_option
@click.pass_obj
def rerun_process(session: Session, process_id: int, reason: str, form: str | None) -> None:
    """Run a closed process again, as a new one.

    The closed one stays as it is; the new one is linked to it, and its id is printed.
    """
    from process_manager.governance.process_actions import Rerun

    action = Rerun(process_id, registry=session.registry, reason=reason)
    with session.opened() as database:
        made = session.act(database, action)
    print_process(session, made, form)
