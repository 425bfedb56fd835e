"""Correcting the details of a process: the changes are shown first, and made when somebody says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager import governance, inspection
from process_manager.definition import markers
from process_manager.errors import ProcessManagerError, UsageError
from process_manager.governance.process_actions import EditPayload
from process_manager.message import Message
from process_manager.operations import PayloadChange, PayloadEdit
from process_manager.web import forms, frame, meanwhile
from process_manager.web.ids import IdInPath
from process_manager.web.office import Office
from process_manager.web.pages import process

router = APIRouter(include_in_schema=False)


@router.post("/processes/{process_id}/edit-payload")
def edit(  # noqa: PLR0913, PLR0917 - the fields of the forms
    request: Request,
    process_id: IdInPath,
    details: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    do: Annotated[bool, Form()] = False,
    seen: Annotated[str, Form()] = "",
) -> Response:
    """Show what would change; asked to do it, change it."""
    office: Office = request.app.state.office
    try:
        changes = forms.json_object(details, Message("The details"))
        if not changes:
            raise UsageError(
                problem=Message('There are no changes. Write a JSON object such as {"amount": "4250.00"}.')
            )
        if do:
            _require_reason(reason)
        action = EditPayload(process_id, registry=office.registry, changes=changes, reason=reason.strip() or "a look")
        looked = meanwhile.read(seen)
        action = replace(action, stood=None if looked is None else looked.stand)
        if do:
            office.act(request.state.actor, action)
            return RedirectResponse(f"/processes/{process_id}?done=edit-payload", 303)
        made = _looked_at(office, request, action)
    except ProcessManagerError as problem:
        return process.refused_edit(request, process_id, problem, details, seen)
    changed = _changes(office, request, process_id, made)
    return frame.show(request, "process_edit.html", process_id=process_id, changed=changed, details=details, seen=seen)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise UsageError(problem=Message("There is no reason. Say in a few words why: the history keeps it."))


def _looked_at(office: Office, request: Request, action: EditPayload) -> PayloadEdit:
    """Return what the edit would change."""
    actor, policies = request.state.actor, office.policies
    answer = governance.acting(office.database, actor, action, policies=policies, dry_run=True)
    if isinstance(answer, governance.Requested):  # a dry run asks no second person
        raise UsageError(problem=Message("It cannot be tried. Ask whoever approves it."))
    return answer.value


def _changes(office: Office, request: Request, process_id: int, edit: PayloadEdit) -> list[PayloadChange]:
    """Return what the edit would change, as the reader may see it: what is marked is masked."""
    viewer = office.viewer(request.state.actor)
    with office.database.read() as connection:
        found = inspection.get(connection, process_id, viewer=viewer)
    marks = viewer.marks(found.name, found.version) or markers.NOTHING
    return edit.changes(markers.masking((edit.before, edit.after), marks.paths))
