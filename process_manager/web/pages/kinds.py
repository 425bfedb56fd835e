"""Kinds and versions: what the code of this server would do to what is open, and who can run each version."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from process_manager.actor import Actor
from process_manager.governance import permissions
from process_manager.inspection import KindsPage, kinds_page, moments
from process_manager.web import frame
from process_manager.web.office import Office
from process_manager.web.pages.processes import counted

router = APIRouter(include_in_schema=False)


@router.get("/kinds")
def kinds(request: Request, live: bool = False, shown: str = "") -> Response:
    """Show the page; asked for what is new on it, answer 204 when that is nothing."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    with office.database.read() as connection:
        around = office.around(connection, viewer)
        page = kinds_page(connection, around=around, registry=office.registry, viewer=viewer)
    version = _version(page)
    if live and version == shown:
        return Response(status_code=204)
    facts: dict[str, Any] = {
        "page": page,
        "lost": [(kind, each) for kind in page.kinds for each in kind.versions if each.stranded],
        "would": sum(each.stranded for each in page.deployments),
        "has_workers": bool(around.workers),
        "counted": counted,
        "lasting": moments.lasting,
        "version": version,
    }
    return frame.show(request, "kinds_region.html" if live else "kinds.html", **facts)


def _version(page: KindsPage) -> str:
    """Return a mark of what the page shows: the same as long as nothing happened, though time passes."""
    return hashlib.sha256(repr(page).encode()).hexdigest()[:16]
