"""The board: one kind, a row for each process and a column for each step, for who works on cases."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from process_manager.actor import Actor, Role
from process_manager.governance import permissions
from process_manager.inspection import Viewer
from process_manager.inspection.board import Board, BoardRow, board
from process_manager.lifecycle.status import NEEDS_A_PERSON, Status
from process_manager.message import Message
from process_manager.web import filters, frame
from process_manager.web.figures import grouped
from process_manager.web.offers import forbidden
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

A_PAGE: Final = 30


@router.get("/processes/board")
def show_board(request: Request, live: bool = False, shown: str = "") -> Response:
    """Show the board; asked for what is new on it, answer 204 when that is nothing."""
    facts = _facts(request)
    if live and facts["version"] == shown:
        return Response(status_code=204)
    return frame.show(request, "board_region.html" if live else "board.html", **facts)


def _facts(request: Request) -> dict[str, Any]:
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    names = _names(office, viewer)
    asked = filters.asked(request.query_params, office.zone)
    which = replace(asked.which, name=asked.which.name or next(iter(names), ""))
    with office.database.read() as connection:
        around = office.around(connection, viewer)
        found = board(
            connection, which, asked.reach, limit=A_PAGE, around=around, registry=office.registry, viewer=viewer
        )
    cls = next((each for each in reversed(list(office.known_to(actor))) if each.name == which.name), None)
    may_restart = forbidden("restart", actor, which.name or None)
    return {
        "board": found,
        "name": which.name,
        "label": (cls.label if cls is not None else "") or which.name,
        "names": names,
        "asked": asked,
        "address": _addresses({**asked.sought, "name": which.name or ""}),
        "here": request.url.query,
        "needs": sum(found.page.counts[each] for each in NEEDS_A_PERSON),
        "grouped": grouped,
        "act": lambda row: _act(row, found, actor, may_restart),
        "version": _version(found, asked.given),
    }


def _names(office: Office, viewer: Viewer) -> list[str]:
    return sorted({cls.name for cls in office.registry if viewer.kinds is None or cls.name in viewer.kinds})


def _addresses(given: Mapping[str, str]) -> Callable[..., str]:
    def address(path: str = "/processes/board", **changes: str | None) -> str:
        left = {name: value for name, value in {**given, **changes}.items() if value}
        return f"{path}?{urlencode(left)}".rstrip("?")

    return address


def _act(row: BoardRow, found: Board, actor: Actor, may_not: str) -> tuple[str, str, str]:
    """Return what the reader can do: the end of the address, its words, and why not; empty where there is nothing."""
    status = row.row.process.status
    if status == Status.UNCERTAIN:
        return "#say", Message("Answer"), ""
    if status in (Status.FAILED, Status.QUARANTINED):
        most = found.most_restarts
        if may_not:
            return "", "", may_not
        if most is not None and row.restarts >= most and actor.role == Role.CASEWORKER:
            return "", "", Message("Restarted as often as you may. Ask an operator.")
        return "#restart", Message("Restart"), ""
    return ("#restart", Message("Correct"), "") if status == Status.REJECTED else ("", "", "")


def _version(found: Board, given: Mapping[str, str]) -> str:
    processes = [each.row.process for each in found.rows]
    rows = [(each.id, each.status, each.updated_at, each.message) for each in processes]
    return hashlib.sha256(repr((rows, found.page.counts, given)).encode()).hexdigest()[:16]
