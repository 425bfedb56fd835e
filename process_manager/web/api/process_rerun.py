"""`POST /processes/ID/rerun`: a closed process again, as a new one."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from process_manager.governance.process_actions import Rerun
from process_manager.web.api import examples, own_key
from process_manager.web.api.asking import Doing
from process_manager.web.api.file_body import FileRoute, Files, also_a_form
from process_manager.web.api.own_key import IdempotencyKey
from process_manager.web.api.process_acts import ActRequest, DoneAct
from process_manager.web.api.router import PREFIX, ApiRouter, answers
from process_manager.web.api.values import IdInPath

router = ApiRouter("processes", route_class=FileRoute)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneRerun(DoneAct):
    """A closed process that runs again, as a new one; a dry run makes none."""

    new_id: int | None


@router.post(
    "/{process_id}/rerun",
    summary="Run a closed process again, as a new one",
    openapi_extra=also_a_form(reason="SAP is open again"),
    **answers({**examples.ACT, "act": "rerun", "new_id": 4810}, 404, 409, 413, status=201),
)
def rerun(  # noqa: PLR0913, PLR0917 - the parts of the request
    doer: Doing,
    process_id: IdInPath,
    body: ActRequest,
    files: Files,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> DoneRerun:
    """Start a new process with the same parameters and files on the newest version, linked to the closed one.

    Files that are sent take the place of those of the same names.
    """
    once = own_key.of_act(doer.actor, f"rerun {process_id}", idempotency_key)
    action = Rerun(process_id, registry=doer.registry, files=files, once=once, reason=body.reason)
    acted = doer.act(action, dry_run=body.dry_run)
    if body.dry_run:
        response.status_code = 200
        return DoneRerun(process_id, "rerun", None, True, new_id=None)
    if not acted.value.is_new:
        response.status_code = 200
    response.headers["Location"] = f"{PREFIX}processes/{acted.value.id}"
    return DoneRerun(process_id, "rerun", acted.number, False, new_id=acted.value.id)
