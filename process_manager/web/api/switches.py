"""`/switches`: a process, a command, a channel or everything, disabled and enabled again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Path
from pydantic import ConfigDict, Field

from process_manager import inspection
from process_manager.gates.switches import EVERYTHING, Switch
from process_manager.governance.fleet_actions import Disable, Enable
from process_manager.operations.switches import look, refuse_nothing
from process_manager.web.api import examples
from process_manager.web.api.asking import Doing, Reading
from process_manager.web.api.process_acts import ActRequest, ReasonedRequest
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import Moment

router = ApiRouter("switches")

SwitchKey = Annotated[
    str,
    Path(
        max_length=200,
        description=f"The name of a process, the key of a command, a channel, or {EVERYTHING} for everything.",
    ),
]


class DisableRequest(ReasonedRequest):
    """Why something is disabled, and until when."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "SAP is closed", "until": "2099-11-30T12:00:00+01:00"}]}
    )

    until: Moment | None = Field(None, description="When it ends by itself; without it when somebody enables it.")


@dataclass(frozen=True, slots=True)
class SwitchList:
    """What is disabled now."""

    items: list[Switch]


@dataclass(frozen=True, slots=True)
class SwitchAct:
    """What was done to a switch.

    Attributes:
        key: The switch.
        act: What was done.
        audit_number: The number of its row on the audit chain; None for a dry run.
        is_dry_run: Whether nothing was changed.
        still_disabled: Whether a file on the host of the web server disables it nevertheless, on that host.
    """

    key: str
    act: str
    audit_number: int | None
    is_dry_run: bool
    still_disabled: bool


EXAMPLE: Final = {
    "key": "fakturering",
    "act": "disable",
    "audit_number": 90210,
    "is_dry_run": False,
    "still_disabled": True,
}


@router.get("", summary="List what is disabled", **answers({"items": [examples.SWITCH]}))
def list_switches(reader: Reading) -> SwitchList:
    """Return the switches that hold now: those of the fleet, and the files of the host of the web server."""
    office = reader.office
    with office.database.read() as connection:
        gates = look(connection, office.settings.locks_folder)
    return SwitchList(inspection.thrown_switches(gates, office.registry, viewer=reader.viewer))


@router.post("/{key}/disable", summary="Let no step start of what has this key", **answers(EXAMPLE))
def disable(doer: Doing, key: SwitchKey, body: DisableRequest) -> SwitchAct:
    """Disable it on every host; what runs may finish. A switch that was there is replaced."""
    done = doer.act(Disable(key, until=body.until, reason=body.reason), dry_run=body.dry_run)
    return SwitchAct(key, "disable", done.number, body.dry_run, still_disabled=not body.dry_run)


ENABLED: Final = {**EXAMPLE, "act": "enable", "still_disabled": False}


@router.post("/{key}/enable", summary="Let steps start again of what has this key", **answers(ENABLED, 404))
def enable(doer: Doing, key: SwitchKey, body: ActRequest) -> SwitchAct:
    """Take the switch out of the database. A switch file is removed on the host that has it."""
    done = doer.act(Enable(key, reason=body.reason), dry_run=body.dry_run)
    refuse_nothing(key, done.value)
    with doer.office.database.read() as connection:
        left = look(connection, doer.office.settings.locks_folder)
    return SwitchAct(key, "enable", done.number, body.dry_run, still_disabled=key in left.switches)
