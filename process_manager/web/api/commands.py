"""`/commands`: processes that are started by a key, at most one of a key open at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Path, Response

from process_manager import clock, inspection
from process_manager.definition import command
from process_manager.governance.fleet_actions import Unlock
from process_manager.governance.start_actions import RunCommand
from process_manager.inspection import CommandStatus
from process_manager.operations import switches
from process_manager.web.api import examples
from process_manager.web.api.asking import Doing, Reading
from process_manager.web.api.process_acts import ActRequest, ReasonedRequest
from process_manager.web.api.router import PREFIX, ApiRouter, answers

router = ApiRouter("commands")

Key = Annotated[str, Path(max_length=200, description="The key of the command, such as import-books-service1.")]


@dataclass(frozen=True, slots=True)
class CommandList:
    """The commands of this installation, by key."""

    items: list[CommandStatus]


@dataclass(frozen=True, slots=True)
class CommandAct:
    """What was done to a command, and to which process; a dry run of a start makes none."""

    key: str
    act: str
    process_id: int | None
    audit_number: int | None
    is_dry_run: bool


EXAMPLE: Final = {
    "key": "import-books-service1",
    "act": "run-command",
    "process_id": 4712,
    "audit_number": None,
    "is_dry_run": False,
}


@router.get("", summary="List commands and how each stands", **answers({"items": [examples.COMMAND]}))
def list_commands(reader: Reading) -> CommandList:
    """Return each command: Idle, Working, Disabled, Locked or Error, with its errors of the last 72 hours."""
    office = reader.office
    known = command.known(office.registry).values()
    with office.database.read() as connection:
        gates = switches.look(connection, office.settings.locks_folder)
        return CommandList(
            inspection.statuses(connection, known, gates, now=clock.now(), viewer=reader.viewer, zone=None)
        )


@router.post("/{key}/run", summary="Start a command", **answers(EXAMPLE, 404, 409, status=201))
def run_command(doer: Doing, key: Key, body: ActRequest, response: Response) -> CommandAct:
    """Start the process that runs it, unless one is open already or it is disabled."""
    registry, folder = doer.registry, doer.office.settings.locks_folder
    which = command.find(doer.registry, key)
    action = RunCommand(which.process.name, which.key, registry=registry, locks_folder=folder, reason=body.reason)
    done = doer.act(action, dry_run=body.dry_run)
    if body.dry_run:
        response.status_code = 200
        return CommandAct(which.key, action.act, None, None, True)
    response.headers["Location"] = f"{PREFIX}processes/{done.value}"
    return CommandAct(which.key, action.act, done.value, done.number, False)


UNLOCKED: Final = {**EXAMPLE, "act": "unlock", "audit_number": 90210}


@router.post("/{key}/unlock", summary="Free a command whose worker is gone", **answers(UNLOCKED, 404, 409))
def unlock(doer: Doing, key: Key, body: ReasonedRequest) -> CommandAct:
    """Make its process due again at once; a living worker keeps what it holds."""
    which = command.find(doer.registry, key)
    action = Unlock(which.process.name, which.key, registry=doer.registry, reason=body.reason)
    done = doer.act(action, dry_run=body.dry_run)
    return CommandAct(which.key, action.act, done.value, done.number, body.dry_run)
