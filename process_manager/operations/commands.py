"""Commands: processes started by a key, at most one of a key open at a time."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import joined_transactions
from process_manager.definition.command import Command
from process_manager.errors import NotFound, SwitchedOff
from process_manager.gates.gate import Gates, GateSubject
from process_manager.lifecycle import interruption
from process_manager.operations.act import Act
from process_manager.operations.refusals import changed, held, refused
from process_manager.operations.request import Start
from process_manager.operations.start import start_command
from process_manager.store import claiming, commands, recording


def run(connection: sa.Connection, which: Command, gates: Gates, *, by: str) -> int:
    """The id of the process that runs the command. SwitchedOff when it is disabled, HeldByAnother when it is open."""
    place = GateSubject(which.process.name, which.process.channel, which.key)
    switch = gates.thrown(place, clock.now())
    if switch is not None:
        raise SwitchedOff(what=which.key, why=str(switch), cure=f"`process-manager enable {switch.key}` enables it.")
    payload = {"argument": which.argument} if which.argument else {}
    return start_command(connection, Start(which.process, payload, command_key=which.key), by=by)


def unlock(connection: sa.Connection, which: Command, act: Act) -> int:
    """The id of the process that was freed from a worker that is gone; Refused or HeldByAnother when none is."""
    joined_transactions.require(connection)
    now = clock.now()
    row = commands.open_process(connection, which.key)
    claim = claiming.held(connection, row["id"]) if row is not None else None
    if row is None or claim is None:
        raise _nothing_to_free(which, row)
    if row["lease_ends_at"] > now:
        raise held(claim.id, f"{claim.worker}, which is alive")
    if not recording.record(connection, [interruption.freed(claim, now, act.entry("unlock", claim.step, now))]):
        raise changed(row)
    return claim.id


def _nothing_to_free(which: Command, row: sa.RowMapping | None) -> Exception:
    if row is None:
        return NotFound(problem=f"The command {which.key!r} is idle, so there is nothing to unlock.")
    return refused(row, "no worker holds it, so there is nothing to unlock")
