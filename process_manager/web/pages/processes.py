"""The list of processes: a search that opens what it finds, filters in the address, and acts on many, shown first."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from process_manager import governance, inspection
from process_manager.actor import Actor
from process_manager.errors import UsageError
from process_manager.governance import ActResult, permissions
from process_manager.governance.action import Action
from process_manager.governance.process_actions import Abandon, Restart
from process_manager.inspection import MOST_FOUND, Filter, ListPage, list_page
from process_manager.inspection.sentence import word
from process_manager.lifecycle.status import NEEDS_A_PERSON, Status
from process_manager.message import Message, opening, spelled
from process_manager.store import saved_views as saved
from process_manager.store.capped_counts import MOST
from process_manager.web import filters, frame
from process_manager.web.figures import grouped
from process_manager.web.ids import IdInForm
from process_manager.web.list_cells import cell_text
from process_manager.web.offers import forbidden, forbidden_to_all
from process_manager.web.office import Office
from process_manager.web.pages import board, processes_export, saved_views
from process_manager.web.pages.processes_export import MOST_EXPORTED

router = APIRouter(include_in_schema=False)
for _page in (processes_export, board, saved_views):  # ahead of the page of one process
    router.routes.extend(_page.router.routes)

A_PAGE: Final = 50
MOST_CHOSEN: Final = 200


@router.get("/processes")
def processes(request: Request, q: str = "", live: bool = False, shown: str = "") -> Response:
    """Show the list; where a search finds one process only, lead to it."""
    sought = q.strip()
    found = _found(request, sought) if sought else ()
    if len(found) == 1 and not live:
        return RedirectResponse(f"/processes/{found[0]}", 303)
    facts = _facts(request, sought, found)
    if live and facts["version"] == shown:
        return Response(status_code=204)
    return frame.show(request, "processes_region.html" if live else "processes.html", **facts)


@router.post("/processes/many")
def many(
    request: Request,
    act: Annotated[str, Form()] = "",
    id: Annotated[list[IdInForm] | None, Form()] = None,
    reason: Annotated[str, Form()] = "",
    do: Annotated[bool, Form()] = False,
) -> Response:
    """Say what would become of each of the chosen processes; asked to do it, do it and say what became of each."""
    chosen = tuple(dict.fromkeys(id or ()))[:MOST_CHOSEN]
    if not chosen:
        raise UsageError(problem=Message("No process is selected. Go back and select some."))
    is_done = do and bool(reason.strip())
    results = _acted(request, act, chosen, reason.strip(), dry_run=not is_done)
    done = [each for each in results if each.problem is None]
    return frame.show(
        request,
        "processes_many.html",
        act=act,
        results=results,
        called=_called(request, chosen),
        done=done,
        is_done=is_done,
        lacks_reason=do and not is_done,
        forbidden=forbidden(act, request.state.actor, None),
    )


def _called(request: Request, chosen: Sequence[int]) -> dict[int, str | None]:
    """Return the references of these processes, as far as the reader may see them."""
    office: Office = request.app.state.office
    with office.database.read() as connection:
        which, viewer = Filter(ids=tuple(chosen)), office.viewer(request.state.actor)
        found = inspection.page(connection, which, limit=len(chosen), viewer=viewer)
    return {each.id: each.reference for each in found}


def _found(request: Request, sought: str) -> tuple[int, ...]:
    """Return the processes with this reference or number, or with it in a field by which they are found."""
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "read")
    with office.database.read() as connection:
        return inspection.found(connection, sought, viewer=office.viewer(request.state.actor))


def _acted(request: Request, act: str, chosen: Sequence[int], reason: str, *, dry_run: bool) -> list[ActResult[None]]:
    office: Office = request.app.state.office
    actions = [_action(office, act, each, reason or "what would become of it") for each in chosen]
    return list(
        governance.acting_on_each(
            office.database, request.state.actor, actions, policies=office.policies, dry_run=dry_run
        )
    )


def _action(office: Office, act: str, process_id: int, reason: str) -> Action[None]:
    if act == "restart":
        return Restart(process_id, registry=office.registry, reason=reason)
    if act == "abandon":
        return Abandon(process_id, reason=reason)
    raise UsageError(problem=Message("There is no act %(act)s on many processes.", act=repr(act[:40])))


def _facts(request: Request, sought: str, found: tuple[int, ...]) -> dict[str, Any]:
    """Return what the list shows."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    asked = filters.asked(request.query_params, office.zone)
    viewer = office.viewer(actor)
    which = replace(asked.which, ids=found) if sought else asked.which
    with office.database.read() as connection:
        around = office.around(connection, viewer)
        views = saved.of(connection, actor.name)
        page = list_page(
            connection, which, asked.reach, limit=A_PAGE, around=around, registry=office.registry, viewer=viewer
        )
    return {
        "page": page,
        "asked": asked,
        "views": views,
        "kept": urlencode(asked.sought),
        "may_share": not forbidden_to_all("shared-view", actor),
        "sought": sought,
        "is_cut": len(found) == MOST_FOUND,
        "meant": _meant(sought),
        "needs": sum(page.counts[each] for each in NEEDS_A_PERSON),
        "opened": sum(page.counts.get(each, 0) for each in _OPEN_COUNTS),
        "counted": counted,
        "first_counted": lambda number: opening(spelled(number)) if number <= MOST else counted(number),
        "word": word,
        "names": sorted({cls.name for cls in office.registry if viewer.kinds is None or cls.name in viewer.kinds}),
        "statuses": [str(each) for each in Status],
        "forbidden": forbidden("restart", actor, None),
        "export": f"/processes/export?{urlencode({**asked.sought, 'q': sought} if sought else asked.sought)}",
        "board": f"/processes/board?{urlencode(asked.sought)}" if office.registry else "",
        "most_exported": grouped(MOST_EXPORTED),
        "cell_text": cell_text(frame.texts(request).language),
        "version": _version(page, asked),
        "address": request.url.query,
        "all_that_match": asked.address().partition("?")[2],
    }


def _meant(sought: str) -> str:
    """Return what was sought with digits for the letters beside digits that look like them."""
    return _BESIDE_A_DIGIT.sub(lambda found: found[0].translate(_ALIKE), sought)


def counted(number: int) -> str:
    """Return a number of processes as it is shown: in groups, and with a plus where more were not counted."""
    shown = grouped(min(number, MOST))
    return f"{shown}+" if number > MOST else shown


def _version(page: ListPage, asked: filters.Asked) -> str:
    """Return a mark of what the list shows: the same as long as nothing happened, though time passes."""
    rows = [(each.process.id, each.process.status, each.process.updated_at, each.process.message) for each in page.rows]
    return hashlib.sha256(repr((rows, page.counts, asked.given)).encode()).hexdigest()[:16]


_BESIDE_A_DIGIT: Final = re.compile(r"(?<=[0-9])[OoIl]+|[OoIl]+(?=[0-9])")
_ALIKE: Final = str.maketrans("OoIl", "0011")
_OPEN_COUNTS: Final = ("failed", "uncertain", "quarantined", "pending", "waiting", "running")
