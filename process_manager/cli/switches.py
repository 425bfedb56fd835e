"""`disable` and `enable`: a process, a command, a channel or everything."""

from __future__ import annotations

from difflib import get_close_matches

import click

from process_manager.cli.base_command import CliCommand
from process_manager.cli.completion import switch_keys
from process_manager.cli.moments import moment
from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError

_key = click.argument("key", required=False, shell_complete=switch_keys)


@click.command(cls=CliCommand, example='disable fakturering --reason "SAP is closed" --until 2026-11-30T08:00')
@_key
@click.option("--all", "everything", is_flag=True, help="Everything.")
@click.option("--reason", required=True, help="Why, for those who wonder.")
@click.option("--until", metavar="MOMENT", help="When it ends by itself, such as 2026-11-30T08:00.")
@click.pass_obj
def disable(session: Session, key: str | None, everything: bool, reason: str, until: str | None) -> None:
    """Let no step of it start, on any host.

    KEY is the name of a process, the key of a command with its argument, or a channel. What runs may finish. A file
    KEY.disabled in the locks folder, or all-commands.disabled, does the same for one host.
    """
    from process_manager.governance.fleet_actions import Disable

    wanted = _wanted(key, everything)
    if not reason.strip():
        raise UsageError(problem="--reason is empty. Say why: whoever wonders will read it.")
    end = None if until is None else moment(until, session.zone, what="--until", ends=True)
    with session.opened(makes=True) as database:
        session.act(database, Disable(wanted, until=end, reason=reason))
    tell(f"{_named(wanted)} is disabled: no step of it starts, seen by every worker within 5 seconds.")
    if not everything:
        _warn_of_nothing(session, wanted)


@click.command(cls=CliCommand, example="enable fakturering")
@_key
@click.option("--all", "everything", is_flag=True, help="Everything, as far as --all disabled it.")
@click.option("--reason", default="", help="Why, for the audit chain.")
@click.pass_obj
def enable(session: Session, key: str | None, everything: bool, reason: str) -> None:
    """Let steps of it start again.

    It takes the switch out of the database and removes the switch file of this host.
    """
    from process_manager.governance.fleet_actions import Enable, EnableHere
    from process_manager.operations.switches import refuse_nothing

    wanted = _wanted(key, everything)
    with session.opened() as database:
        places = session.act(database, Enable(wanted, reason=reason))
        try:  # the file goes once the other is gone for certain: a call that fails enables nothing unsaid
            here = EnableHere(wanted, session.settings.locks_folder, reason=reason)
            places = [*places, *session.act(database, here)]
        except UsageError:
            if places:
                tell(f"{_named(wanted)} is taken out of the database, and stays disabled on this host.")
            raise
    refuse_nothing(wanted, places)
    tell(f"{_named(wanted)} is enabled: taken out of {' and '.join(places)}.")


def _wanted(key: str | None, everything: bool) -> str:
    from process_manager.gates.switches import EVERYTHING

    if (key is None) != everything:
        raise click.UsageError("Give a KEY, or --all." if key is None else "Give a KEY or --all, not both.")
    return EVERYTHING if key is None else key


def _named(key: str) -> str:
    from process_manager.gates.switches import EVERYTHING

    return "Everything" if key == EVERYTHING else repr(key)


def _warn_of_nothing(session: Session, key: str) -> None:
    """Warn of a key that nothing here has: it may be another host's, or a slip of the finger."""
    from process_manager.definition.process import keys
    from process_manager.gates.switches import ENGINE, EVERYTHING

    try:
        known = {word for cls in session.registry for word in (cls.name, cls.channel, *keys(cls).values())}
    except UsageError:  # a broken process package is no reason not to disable something
        return
    if key not in {*known, EVERYTHING, ENGINE}:
        near = get_close_matches(key, sorted(known), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        tell(f"No process, command or channel that is known here has the key {key!r}.{hint}")
