"""`resolve-process`: a person's word on a step that may or may not have happened."""

from __future__ import annotations

import click

from process_manager.cli import payload_input
from process_manager.cli.base_command import CliCommand, id_argument
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError


@click.command(cls=CliCommand, example="""resolve-process 7 --happened --reason "it is in SAP, 4711" """.rstrip())
@id_argument
@click.option("--happened", is_flag=True, help="The step is done: go on with the next one.")
@click.option("--did-not-happen", is_flag=True, help="Run the step, with a fresh budget of attempts.")
@click.option("--payload", metavar="JSON|@FILE", help="With --happened: what the step would have answered, an object.")
@click.option("--reason", required=True, help="How it was found out, for the history.")
@click.pass_obj
def resolve_process(session: Session, /, process_id: int, payload: str | None, reason: str, **flags: bool) -> None:
    """Say whether the step of an uncertain process happened.

    A step that may run only once ended without an answer, and nobody but a person can tell. The process goes on then.
    """
    from process_manager.governance.process_actions import Resolve

    happened = flags["happened"]
    if happened == flags["did_not_happen"]:
        raise click.UsageError("Give one of --happened and --did-not-happen.")
    if payload is not None and not happened:
        raise click.UsageError("--payload is what the step answered: it goes with --happened.")
    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say how it was found out: the history keeps it.")
    answered = None if payload is None else payload_input.payload(payload)
    if payload is not None and not isinstance(answered, dict):
        raise UsageError(problem="--payload is no JSON object. Write one such as '{\"invoice\": 7}'.")
    action = Resolve(process_id, happened=happened, registry=session.registry, payload=answered, reason=reason)
    with session.opened() as database:
        session.act(database, action)
    goes_on = "goes on after" if happened else "runs"
    tell(f"Process {process_id} {goes_on} its step. `process-manager show {process_id}` says where it stands.")
