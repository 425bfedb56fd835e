"""Files of a process, sent to be saved; what is masked, once the audit chain says to whom, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from process_manager import inspection
from process_manager.errors import ProcessManagerError
from process_manager.governance import permissions
from process_manager.governance.process_actions import Reveal
from process_manager.inspection import Viewer
from process_manager.web import file_answers
from process_manager.web.ids import IdInPath
from process_manager.web.office import Office
from process_manager.web.pages import process

router = APIRouter(include_in_schema=False)


@router.get("/processes/{process_id}/files/{name}")
def file(request: Request, process_id: IdInPath, name: str) -> Response:
    """Send a file."""
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "read")
    return _sent(office, process_id, name, office.viewer(request.state.actor))


@router.post("/processes/{process_id}/files/{name}/reveal")
def reveal(request: Request, process_id: IdInPath, name: str, reason: Annotated[str, Form()] = "") -> Response:
    """Send a file that is masked."""
    office: Office = request.app.state.office
    try:
        office.act(request.state.actor, Reveal(process_id, reason=reason.strip()))
    except ProcessManagerError as problem:
        return process.refused(request, process_id, problem)
    return _sent(office, process_id, name, replace(office.viewer(request.state.actor), reveals=True))


def _sent(office: Office, process_id: int, name: str, viewer: Viewer) -> Response:
    with office.database.read() as connection:
        found = inspection.stored_file(connection, process_id, name, viewer=viewer)
    return file_answers.sent(office, found)
