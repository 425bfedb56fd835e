"""`POST /processes/ID/ACT`: what one may do to a process that is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from pydantic import ConfigDict, Field, model_validator

from process_manager import inspection
from process_manager.governance.action import ProcessAction
from process_manager.governance.process_actions import Abandon, Cancel, MakeDue, Resolve, Restart, Reveal
from process_manager.inspection import History
from process_manager.web.api import examples
from process_manager.web.api.asking import Doer, Doing, Reading
from process_manager.web.api.processes import ShownProcess, shown
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.api.values import IdInPath, NeededText, Sent, Text

router = ApiRouter("processes")

DRY_RUN: Final = "Say whether it could be done, and change nothing."


class ActRequest(Sent):
    """Why something is done."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "SAP is open again"}]})

    reason: Text = Field("", description="Why, for the history and the audit chain.")
    dry_run: bool = Field(False, description=DRY_RUN)


class ReasonedRequest(Sent):
    """Why something is done that needs a reason."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "paid by hand"}]})

    reason: NeededText = Field(description="Why, for the history and the audit chain.")
    dry_run: bool = Field(False, description=DRY_RUN)


class AbandonRequest(ReasonedRequest):
    """A process that is to be given up."""

    children: Literal["abandon", "leave"] | None = Field(
        None, description="What becomes of its children that are open; needed if there are any."
    )


class RestartRequest(ActRequest):
    """A process that is to be due again."""

    from_step: Text | None = Field(None, description="Start at this earlier step; without it where it stands.")


class ResolveRequest(ReasonedRequest):
    """A person's word on a step that may or may not have happened."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"happened": True, "reason": "it is in SAP, 4711", "payload": {"sap": 4711}}]}
    )

    happened: bool = Field(description="Whether it did.")
    payload: dict[str, Any] | None = Field(None, description="What the step would have answered, if it happened.")

    @model_validator(mode="after")
    def _nothing_was_answered(self) -> ResolveRequest:
        if self.payload is not None and not self.happened:
            raise ValueError("payload is what the step answered: it goes with happened")
        return self


class RevealRequest(Sent):
    """Why what is marked has to be seen."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the citizen has called"}]})

    reason: NeededText = Field(description="Why, for the audit chain.")


@dataclass(frozen=True, slots=True)
class DoneAct:
    """What was done; its number on the audit chain is null for a dry run."""

    process_id: int
    act: str
    audit_number: int | None
    is_dry_run: bool


@dataclass(frozen=True, slots=True)
class RevealedProcess:
    """A process and its history with all that is marked."""

    process: ShownProcess
    history: list[History]


def act_answers(act: str) -> dict[str, Any]:
    """Return what the document says of the answers of an act."""
    return answers({**examples.ACT, "act": act}, 404, 409)


@router.post("/{process_id}/restart", summary="Make a process due again", **act_answers("restart"))
def restart(doer: Doing, process_id: IdInPath, body: RestartRequest) -> DoneAct:
    """Give it a fresh budget of attempts in a new round; the old one stays in the history."""
    action = Restart(process_id, registry=doer.registry, from_step=body.from_step, reason=body.reason)
    return done(doer, action, dry_run=body.dry_run)


@router.post("/{process_id}/run-now", summary="Let workers take a process at once", **act_answers("run-now"))
def run_now(doer: Doing, process_id: IdInPath, body: ActRequest) -> DoneAct:
    """Make due what waits for its moment; of an uncertain one, ask again whether its step happened."""
    action = MakeDue(process_id, registry=doer.registry, reason=body.reason)
    return done(doer, action, dry_run=body.dry_run)


@router.post("/{process_id}/cancel", summary="Ask a process to stop", **act_answers("cancel"))
def cancel(doer: Doing, process_id: IdInPath, body: ReasonedRequest) -> DoneAct:
    """Ask it to stop: one that is not running never starts, one that runs ends at its next safe point."""
    return done(doer, Cancel(process_id, reason=body.reason), dry_run=body.dry_run)


@router.post("/{process_id}/abandon", summary="Give a process up for good", **act_answers("abandon"))
def abandon(doer: Doing, process_id: IdInPath, body: AbandonRequest) -> DoneAct:
    """Give it up; a running step is told, and its answer changes nothing."""
    return done(doer, Abandon(process_id, reason=body.reason, children=body.children), dry_run=body.dry_run)


@router.post("/{process_id}/resolve", summary="Say whether a step in doubt happened", **act_answers("resolve"))
def resolve(doer: Doing, process_id: IdInPath, body: ResolveRequest) -> DoneAct:
    """Let an uncertain process go on: after the step if it happened, with the step if it did not."""
    action = Resolve(
        process_id,
        happened=body.happened,
        registry=doer.registry,
        payload=body.payload,
        reason=body.reason,
    )
    return done(doer, action, dry_run=body.dry_run)


REVEALED: Final = {"process": {**examples.PROCESS, "sentence": examples.SENTENCE}, "history": [examples.HISTORY]}


@router.post(
    "/{process_id}/reveal",
    summary="Show what is personal or secret in a process",
    **answers(REVEALED, 404),
)
def reveal(reader: Reading, doer: Doing, process_id: IdInPath, body: RevealRequest) -> RevealedProcess:
    """Show it once the audit chain says to whom, and why."""
    doer.act(Reveal(process_id, reason=body.reason))
    viewer = replace(reader.viewer, reveals=True)
    with reader.office.database.read() as connection:
        found = shown(connection, reader, process_id, viewer)
        return RevealedProcess(found, inspection.history(connection, process_id, viewer=viewer))


def done(doer: Doer, action: ProcessAction[Any], *, dry_run: bool) -> DoneAct:
    """Do something to a process, and return that it is done."""
    return DoneAct(action.id, action.act, doer.act(action, dry_run=dry_run).number, dry_run)
