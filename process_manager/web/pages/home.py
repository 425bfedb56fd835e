"""The first page: where somebody comes to who has signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from process_manager.governance import permissions
from process_manager.web import navigation

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request) -> Response:
    """Lead to the first page that the reader may see."""
    actor = request.state.actor
    entries = navigation.of(actor)
    if not entries:
        permissions.require(actor, navigation.ENTRIES[0].act)
    return RedirectResponse(entries[0].path, 303)
