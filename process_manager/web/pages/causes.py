"""Why processes have stopped, by cause: how many, since when, whether others get through, and what to do about it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from process_manager.actor import Actor
from process_manager.governance import permissions
from process_manager.inspection import StopCause, StopCauses
from process_manager.message import grouped
from process_manager.web import frame
from process_manager.web.offers import forbidden
from process_manager.web.office import Office
from process_manager.web.stop_causes import stop_causes

router = APIRouter(include_in_schema=False)

SHOWN = 50
"""So many causes are on the page, the commonest: the filters find the others."""


@router.get("/causes")
def show(request: Request, name: str = "", step: str = "", live: bool = False, shown: str = "") -> Response:
    """Show the page; asked for what is new on it, answer 204 when that is nothing."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    every = stop_causes(office, office.viewer(actor))
    found = every.of(name=name or None, step=step or None)
    version = _version(found)
    if live and version == shown:
        return Response(status_code=204)
    facts: dict[str, Any] = {
        "found": found,
        "number": sum(each.number for each in found.items),
        "most": SHOWN,
        "kinds": sorted({each.name for each in every.items}),
        "steps": sorted({each.step for each in every.items}),
        "asked": {"name": name, "step": step},
        "address": urlencode({name: value for name, value in (("name", name), ("step", step)) if value}),
        "place": lambda each: _place(each, office),
        "listed": lambda each: urlencode({"status": each.status, "cause": ",".join(each.keys)}),
        "grouped": grouped,
        "forbidden": forbidden("restart", actor, None),
        "version": version,
    }
    return frame.show(request, "causes_region.html" if live else "causes.html", **facts)


def _place(each: StopCause, office: Office) -> Sequence[int] | None:
    """Return which step of how many it is; None where its steps are not known here."""
    cls = office.registry.get(each.name, each.version)
    names = () if cls is None else cls.step_names
    return (names.index(each.step) + 1, len(names)) if each.step in names else None


def _version(found: StopCauses) -> str:
    """Return a mark of what the page shows: the same as long as nothing happened, though time passes."""
    return hashlib.sha256(repr(found).encode()).hexdigest()[:16]
