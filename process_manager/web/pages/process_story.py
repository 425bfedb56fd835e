"""What a process has said, lived through and started: its log as it goes on, its history and children by pages."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from process_manager import inspection
from process_manager.governance import permissions
from process_manager.inspection.process_page import earlier_history
from process_manager.web import frame
from process_manager.web.ids import IdInPath
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

PLACE: Final = r"^[0-9]{1,9}-[0-9]{1,9}$"
MOST_LINES: Final = 500
A_PAGE: Final = 200
MOST_CHILDREN: Final = 100


@router.get("/processes/{process_id}/log")
def log(request: Request, process_id: IdInPath, after: Annotated[str, Query(pattern=PLACE)]) -> Response:
    """Send the log lines after a place, and where to ask next; 204 while there are none."""
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "read")
    seq, number = map(int, after.split("-"))
    viewer = office.viewer(request.state.actor)
    with office.database.read() as connection:
        found = inspection.logs(connection, process_id, after=(seq, number), most=MOST_LINES, viewer=viewer)
    if found.after == (seq, number):
        return Response(status_code=204)
    return frame.show(request, "process_log.html", process_id=process_id, tail=found)


@router.get("/processes/{process_id}/history")
def history(
    request: Request, process_id: IdInPath, below: Annotated[int | None, Query(ge=1, lt=2**31)] = None
) -> Response:
    """Show its history, the newest rows or those before one of them."""
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "read")
    viewer = office.viewer(request.state.actor)
    with office.database.read() as connection:
        process = inspection.get(connection, process_id, viewer=viewer)
        rows = earlier_history(connection, process_id, below=below, limit=A_PAGE, viewer=viewer)
    return frame.show(request, "process_history.html", process=process, rows=rows, below=below)


@router.get("/processes/{process_id}/children")
def children(request: Request, process_id: IdInPath, after: Annotated[int, Query(ge=0, lt=2**63)] = 0) -> Response:
    """Show its children, the first ones or those after one of them."""
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "read")
    viewer = office.viewer(request.state.actor)
    with office.database.read() as connection:
        process = inspection.get(connection, process_id, viewer=viewer)
        found = inspection.children(connection, process_id, limit=MOST_CHILDREN + 1, after=after, viewer=viewer)
    shown, has_more = found[:MOST_CHILDREN], len(found) > MOST_CHILDREN
    return frame.show(request, "process_children.html", process=process, children=shown, has_more=has_more, after=after)
