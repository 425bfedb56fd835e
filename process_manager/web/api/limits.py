"""`/limits`: what the fleet shares, who has it, and another number of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Path
from pydantic import ConfigDict, Field

from process_manager import inspection
from process_manager.governance.limit_actions import ChangeLimit
from process_manager.inspection import SharedLimit
from process_manager.web.api.asking import Doing, Reading
from process_manager.web.api.process_acts import ActRequest
from process_manager.web.api.router import ApiRouter, answers

router = ApiRouter("limits")

LIMIT: Final = {
    "name": "sap-seats",
    "kind": "limit",
    "most": 3,
    "declared": 3,
    "per": None,
    "taken": 1,
    "holders": [
        {
            "process_id": 7,
            "name": "fakturering",
            "step": "post",
            "since": "2026-11-30T08:00:00Z",
            "worker": "office-1:812:3fb2",
        }
    ],
    "resting": 12,
    "next_at": None,
    "changed_at": None,
    "changed_by": None,
}
CHANGED: Final = {"limit": "sap-seats", "act": "limit", "audit_number": 90210, "is_dry_run": False, "changed": True}


class LimitRequest(ActRequest):
    """How many seats there are, or how many steps start in a period."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"number": 5, "reason": "two more licences"}]})

    number: int | None = Field(
        ge=0, le=10_000, description="How many; 0 lets nothing start, null is what the code declares."
    )


@dataclass(frozen=True, slots=True)
class LimitList:
    """The limits and rates, by name."""

    items: list[SharedLimit]


@dataclass(frozen=True, slots=True)
class LimitAct:
    """What was done to a limit; `changed` says whether it was another number before."""

    limit: str
    act: str
    audit_number: int | None
    is_dry_run: bool
    changed: bool


LimitName = Annotated[str, Path(max_length=100, description="The name of the limit or rate.")]


@router.get("", summary="List what the fleet shares", **answers({"items": [LIMIT]}))
def list_limits(reader: Reading) -> LimitList:
    """Return each limit and rate with who has its seats and how many wait."""
    with reader.office.database.read() as connection:
        return LimitList(inspection.shared_limits(connection, viewer=reader.viewer))


@router.post("/{name}", summary="Change how many seats or starts there are", **answers(CHANGED, 404))
def change_limit(doer: Doing, name: LimitName, body: LimitRequest) -> LimitAct:
    """Set the number for every worker, from its next look on. What runs goes on."""
    done = doer.act(ChangeLimit(name, body.number, reason=body.reason), dry_run=body.dry_run)
    return LimitAct(name, "limit", done.number, body.dry_run, changed=done.value)
