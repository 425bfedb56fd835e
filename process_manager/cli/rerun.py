"""`rerun-process`: a closed process again, as a new one."""

from __future__ import annotations

import click

from process_manager.cli.base_command import CliCommand, id_argument
from process_manager.cli.given_files import file_option, taken
from process_manager.cli.session import Session
from process_manager.cli.start import print_process, whole_option


@click.command(cls=CliCommand, example="rerun-process 7")
@id_argument
@click.option("--reason", default="", help="Why, for the audit chain.")
@file_option
@whole_option
@click.pass_obj
def rerun_process(session: Session, process_id: int, reason: str, files: tuple[str, ...], form: str | None) -> None:
    """Run a closed process again, as a new one.

    The closed one stays as it is; the new one is linked to it, and its id is printed. It has the files of the closed
    one, but for those that --file gives anew.
    """
    from process_manager.governance.process_actions import Rerun

    with session.opened() as database, taken(session, database, files) as given:
        made = session.act(database, Rerun(process_id, registry=session.registry, files=given, reason=reason))
    print_process(session, made.id, form)
