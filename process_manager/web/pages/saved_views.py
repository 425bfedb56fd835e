"""Saved views of the list: an address under a name, for oneself or, by an admin, for everybody."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Request
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from process_manager.governance.view_actions import OwnView, SharedView
from process_manager.web import filters
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)


@router.post("/processes/views")
def save(
    request: Request,
    name: Annotated[str, Form()] = "",
    address: Annotated[str, Form()] = "",
    shared: Annotated[bool, Form()] = False,
    delete: Annotated[bool, Form()] = False,
) -> Response:
    """Save or delete a view, and lead back to the list."""
    office: Office = request.app.state.office
    kept = _filters(office, address)
    view = SharedView if shared else OwnView
    office.act(request.state.actor, view(" ".join(name.split()), None if delete else kept))
    return RedirectResponse(f"/processes?{kept}".rstrip("?"), 303)


def _filters(office: Office, address: str) -> str:
    """Return the filters in an address, as the list reads them: nothing else is kept."""
    asked = filters.asked(QueryParams(parse_qsl(address[:2000])), office.zone)
    return urlencode(asked.sought)
