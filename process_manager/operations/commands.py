"""Commands: processes started by a key, at most one of a key open at a time."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import CODE, Actor
from process_manager.database import joined_transactions
from process_manager.definition import command
from process_manager.definition.command import Command
from process_manager.definition.registry import Registry
from process_manager.errors import NotFound, SwitchedOff
from process_manager.gates.gate import GateSubject
from process_manager.lifecycle import interruption, stopping
from process_manager.operations.act import Act, record_act
from process_manager.operations.refusals import held, refused
from process_manager.operations.request import Start
from process_manager.operations.start import start_command
from process_manager.operations.switches import look
from process_manager.store import claiming, commands, stop_requests


def run_command(  # noqa: PLR0913 - all but two by name: where the key is looked up, and where switches lie
    connection: sa.Connection,
    key: str,
    *,
    registry: Registry,
    argument: str | None = None,
    locks_folder: Path | None = None,
    actor: Actor = CODE,
) -> int:
    """Start the process that runs a command, unless one is open or the command is switched off.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        key: The key of the command, such as `import-books-service1`, or its name where an argument is given.
        registry: The classes that are known here.
        argument: The argument of the command, such as `service1`.
        locks_folder: The folder of this host's switch files; None to ask only the switches of the fleet.
        actor: Who asks for it, for the history.

    Returns:
        The id of the process.

    Raises:
        NotFound: There is no such command; the error names the one that was probably meant.
        SwitchedOff: The command, its process, its channel or everything is disabled.
        HeldByAnother: A process of this command is open.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    which = command.find(registry, key, argument)
    place = GateSubject(which.process.name, which.process.channel, which.key)
    switch = look(connection, locks_folder).thrown(place, clock.now())
    if switch is not None:
        hint = f"`process-manager enable {switch.key}` enables it."
        raise SwitchedOff(what=f"Command {which.key!r}", why=str(switch), hint=hint)
    payload = {"argument": which.argument} if which.argument else {}
    return start_command(connection, Start(which.process, payload, command_key=which.key), actor=actor)


def unlock(connection: sa.Connection, key: str, act: Act, *, registry: Registry, argument: str | None = None) -> int:
    """Free a command whose worker is gone before its lease is: its process is due again at once.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        key: The key of the command, such as `import-books-service1`, or its name where an argument is given.
        act: Who asks for it, and why.
        registry: The classes that are known here.
        argument: The argument of the command, such as `service1`.

    Returns:
        The id of the process that was freed.

    Raises:
        NotFound: There is no such command, or it is idle.
        Refused: No worker holds it; the error says what ends that.
        HeldByAnother: A worker that is alive holds it.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    which = command.find(registry, key, argument)
    joined_transactions.require(connection)
    now = clock.now()
    row = commands.open_process(connection, which.key)
    claim = claiming.held(connection, row["id"]) if row is not None else None
    if row is None or claim is None:
        raise _nothing_to_free(which, row)
    if row["lease_ends_at"] > now:
        raise held(claim.id, f"{claim.worker}, which is alive")
    freed = interruption.freed(claim, now, act.entry("unlock", claim.step, now))
    request = stop_requests.of(connection, [claim.id]).get(claim.id)
    record_act(connection, row, freed if request is None else stopping.stopped(freed, request))
    stop_requests.forget(connection, [] if request is None else [claim.id])
    return claim.id


def _nothing_to_free(which: Command, row: sa.RowMapping | None) -> Exception:
    if row is None:
        return NotFound(problem=f"The command {which.key!r} is idle, so there is nothing to unlock.")
    return refused(row, "no worker holds it, so there is nothing to unlock")
