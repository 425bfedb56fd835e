"""`POST /processes`: a new process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Response
from pydantic import ConfigDict, Field

from process_manager.governance.start_actions import StartOne
from process_manager.operations import Start
from process_manager.web.api.asking import Doing
from process_manager.web.api.file_body import FileRoute, Files, also_a_form
from process_manager.web.api.own_key import IdempotencyKey, dedup_key
from process_manager.web.api.router import PREFIX, ApiRouter, answers
from process_manager.web.api.values import Moment, Sent, Text

router = ApiRouter("processes", route_class=FileRoute)


class StartRequest(Sent):
    """A process that is to be started."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "fakturering", "payload": {"invoice": 117}, "reference": "2026-117"}]}
    )

    name: Text = Field(description="The name of the process class; the newest version is started.")
    payload: dict[str, Any] = Field(default_factory=dict, description="What it starts with: the class's parameters.")
    reference: Text | None = Field(None, description="The office's own number of the case.")
    dedup_key: Text | None = Field(
        None, description="The office's own key: a second start with it, by whomever, answers the first process."
    )
    order_key: Text | None = Field(None, description="Processes with one order key run one after the other.")
    at: Moment | None = Field(None, description="Not before this moment.")
    channel: Text | None = Field(None, description="Which workers take it; without it what its class says.")
    reason: Text = Field("", description="Why, where the office asks for a reason.")
    dry_run: bool = Field(False, description="Say what would become of it, and start nothing.")


@dataclass(frozen=True, slots=True)
class StartedProcess:
    """A process that was started, or that had the key before; without an id where nothing was started."""

    id: int | None
    is_new: bool
    is_dry_run: bool


@router.post(
    "",
    summary="Start a process",
    openapi_extra=also_a_form(name="fakturering", payload='{"invoice": 117}', reference="2026-117"),
    **answers({"id": 4711, "is_new": True, "is_dry_run": False}, 404, 409, 413, status=201),
)
def start_process(
    doer: Doing,
    body: StartRequest,
    files: Files,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> StartedProcess:
    """Start a process: 201, or 200 with the process that was there, where the key belongs to one.

    Files come with a form: each as a part with a file name, everything else as fields with these names.
    """
    wanted = Start(
        doer.registry.newest(body.name),
        body.payload,
        reference=body.reference,
        dedup_key=dedup_key(doer.actor, body.dedup_key, idempotency_key),
        order_key=body.order_key,
        at=body.at,
        channel=body.channel,
        files=files,
    )
    started = doer.act(StartOne(wanted, reason=body.reason), dry_run=body.dry_run).value
    if body.dry_run or not started.is_new:
        response.status_code = 200
    if body.dry_run and started.is_new:
        return StartedProcess(None, True, True)
    response.headers["Location"] = f"{PREFIX}processes/{started.id}"
    return StartedProcess(started.id, started.is_new, body.dry_run)
