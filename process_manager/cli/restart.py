"""`restart-process`: make processes due again."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from process_manager.cli import bulk
from process_manager.cli.base_command import CliCommand
from process_manager.cli.bulk import Bulk
from process_manager.cli.session import Session, tell


@click.command(
    cls=CliCommand, example='restart-process --where "status=failed name=fakturering" --reason "SAP is back"'
)
@bulk.options
@click.option("--from-step", metavar="STEP", help="Start at this earlier step.  [default: where it stands]")
@click.option("--reason", default="", help="Why, for the history.")
@click.pass_obj
def restart_process(session: Session, /, from_step: str | None, reason: str, **options: Any) -> None:
    """Make processes due again.

    Each gets a fresh budget of attempts in a new round; the old one stays in the history. Of many, up to a hundred are
    done in one transaction. --where without a status means those that need a person: failed and quarantined.
    """
    from process_manager.governance.process_actions import Restart

    action = partial(Restart, registry=session.registry, from_step=from_step, reason=reason)
    wanted = Bulk("restart", "restarted", action, **options)
    bulk.do(session, wanted)
    if wanted.is_one:
        tell(f"Process {wanted.ids[0]} is due again. `process-manager work {wanted.ids[0]}` runs it now.")
