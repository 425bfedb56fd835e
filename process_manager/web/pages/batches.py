"""Batches: shown before they are started, followed while they are done, stopped between two waves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from process_manager import inspection
from process_manager.actor import Actor
from process_manager.governance import ActResult, permissions
from process_manager.governance.batch_actions import StopBatch
from process_manager.governance.batches import MOST
from process_manager.inspection import Batch, Filter
from process_manager.message import grouped
from process_manager.web import batch_preview, filters, frame
from process_manager.web.batch_preview import Chosen
from process_manager.web.ids import BIGGEST, IdInPath
from process_manager.web.offers import forbidden
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

A_PAGE: Final = 50
TYPED_FROM: Final = 200
"""Who acts on more than so many types how many they are."""

RESULTS: Final = ("done", "refused", "skipped")


class BatchForm(BaseModel):
    """What a person sends who starts a batch."""

    act: str
    where: str = Field("", max_length=10_000)
    reason: str = Field("", max_length=2_000)
    first: str = ""
    number: str = Field("", max_length=20)


class BatchView(BaseModel):
    """Which of its processes a page of a batch shows."""

    after: int = Field(0, ge=0, le=2**31 - 1)
    result: str = ""
    live: bool = False
    shown: str = ""


@router.get("/batches")
def batches(request: Request, below: Annotated[int | None, Query(ge=1, le=BIGGEST)] = None) -> Response:
    """Show the batches, the newest first."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    with office.database.read() as connection:
        found = inspection.batches(connection, limit=A_PAGE + 1, below=below, viewer=viewer, reader=actor.name)
    older = found[A_PAGE - 1].id if len(found) > A_PAGE else None
    facts: dict[str, Any] = {"found": found[:A_PAGE], "older": older, "is_first": below is None, "grouped": grouped}
    return frame.show(request, "batches.html", **facts)


@router.get("/batches/new")
def new(request: Request, act: str = "restart") -> Response:
    """Say what a batch of all that match would be; nothing is done yet."""
    return _preview(request, act, request.query_params)


@router.post("/batches")
def start(request: Request, form: Annotated[BatchForm, Form()]) -> Response:
    """Start a batch, unless its number is another by now or its reason is missing: then say so, and show it again."""
    params = QueryParams(form.where)
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    found = _chosen(request, form.act, params)
    reason, typed = form.reason.strip(), "".join(each for each in form.number if each.isdigit())
    if typed != str(found.total) or not reason:
        return _preview(request, form.act, params, lacks="number" if reason else "reason", reason=reason)
    wanted = {"act": form.act, "reason": reason, "asked": _asked(params), "one_first": form.first == "one"}
    batch_id = batch_preview.start(office, actor, found, wanted)
    return RedirectResponse(f"/batches/{batch_id}", 303)


@router.get("/batches/{batch_id}")
def show(request: Request, batch_id: IdInPath, asked: Annotated[BatchView, Query()]) -> Response:
    """Show how far a batch is, and what became of each of its processes."""
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    permissions.require(actor, "read")
    viewer = office.viewer(actor)
    after, wanted = asked.after, asked.result if asked.result in RESULTS else None
    with office.database.read() as connection:
        batch = inspection.batch(connection, batch_id, viewer=viewer, reader=actor.name)
        items = inspection.batch_items(
            connection, batch_id, after=after, limit=A_PAGE + 1, result=wanted, viewer=viewer
        )
    version = hashlib.sha256(repr((batch, items)).encode()).hexdigest()[:16]
    if asked.live and version == asked.shown:
        return Response(status_code=204)
    facts: dict[str, Any] = {
        "batch": batch,
        "items": items[:A_PAGE],
        "older": items[A_PAGE - 1].number if len(items) > A_PAGE else None,
        "after": after,
        "result": wanted,
        "is_open": batch.state in ("waits", "runs"),
        "grouped": grouped,
        "forbidden": forbidden("stop-batch", actor, batch.name),
        "version": version,
    }
    return frame.show(request, "batch_region.html" if asked.live else "batch.html", **facts)


@router.post("/batches/{batch_id}/stop")
def stop(request: Request, batch_id: IdInPath, reason: Annotated[str, Form()] = "") -> Response:
    """Do nothing more of a batch."""
    office: Office = request.app.state.office
    batch_preview.require(request.state.actor, "stop-batch")
    office.act(request.state.actor, StopBatch(batch_id, _seen(request, batch_id).name, reason=reason.strip()))
    return RedirectResponse(f"/batches/{batch_id}", 303)


def _seen(request: Request, batch_id: int) -> Batch:
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    with office.database.read() as connection:
        return inspection.batch(connection, batch_id, viewer=office.viewer(actor), reader=actor.name)


def _preview(request: Request, act: str, params: QueryParams, *, lacks: str = "", reason: str = "") -> Response:
    office: Office = request.app.state.office
    actor: Actor = request.state.actor
    found = _chosen(request, act, params)
    results = batch_preview.tried(office, actor, act, found.ids)
    return frame.show(
        request,
        "batch_new.html",
        act=act,
        where=_where(params),
        asked=_asked(params),
        found=found,
        number=found.total,
        is_typed=found.total > TYPED_FROM,
        most=MOST,
        results=results,
        called=_called(request, results),
        refused=sum(each.problem is not None for each in results),
        lacks=lacks,
        reason=reason,
        grouped=grouped,
        forbidden=forbidden(act, actor, found.name) or forbidden("start-batch", actor, found.name),
    )


def _chosen(request: Request, act: str, params: QueryParams) -> Chosen:
    office: Office = request.app.state.office
    which = batch_preview.matching(act, filters.asked(params, office.zone).which)
    return batch_preview.chosen(office, request.state.actor, which)


def _asked(params: QueryParams) -> Mapping[str, str]:
    """Return by what processes are chosen, without what is empty."""
    return {name: value for name, value in params.items() if name not in ("act", *filters.PLACES) and value}


def _where(params: QueryParams) -> str:
    return str(QueryParams(dict(_asked(params))))


def _called(request: Request, results: Sequence[ActResult[None]]) -> dict[int, str | None]:
    """Return the references of these processes, as far as the reader may see them."""
    office: Office = request.app.state.office
    ids = tuple(each.action.process_id for each in results if each.action.process_id is not None)
    with office.database.read() as connection:
        viewer = office.viewer(request.state.actor)
        found = inspection.page(connection, Filter(ids=ids), limit=len(ids) or 1, viewer=viewer)
    return {each.id: each.reference for each in found}
