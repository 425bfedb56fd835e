"""Audit: whether the chain is intact, and what was done or refused, by whom, on what and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from process_manager import inspection, serialization
from process_manager.governance import audit as chain
from process_manager.governance import permissions
from process_manager.governance.audit import AuditEntry
from process_manager.inspection import Filter
from process_manager.web import audit_filters, audit_words, days, downloads, frame, stored_refusals
from process_manager.web.audit_changes import changes
from process_manager.web.audit_filters import AskedAudit
from process_manager.web.chain_check import ChainCheck
from process_manager.web.figures import grouped
from process_manager.web.office import Office

router = APIRouter(include_in_schema=False)

A_PAGE: Final = 50
A_PORTION: Final = 1_000


@router.get("/audit")
def audit(request: Request) -> Response:
    """Show the page."""
    office: Office = request.app.state.office
    actor = request.state.actor
    permissions.require(actor, "audit")
    checked: ChainCheck = request.app.state.chain_check
    asked = audit_filters.asked(request.query_params, office.zone)
    viewer = office.viewer(actor)
    with office.database.read() as connection:
        found = chain.page(connection, actor, asked.which, limit=A_PAGE + 1, viewer=viewer)
        shown = found[:A_PAGE]
        ids = tuple({each.process_id for each in shown if each.process_id is not None})
        called = inspection.page(connection, Filter(ids=ids), limit=len(ids), viewer=viewer) if ids else []
    stands = checked.latest()
    return frame.show(
        request,
        "audit.html",
        chain=stands,
        begins=_day(request, stands.begins_at),
        grouped=grouped,
        entries=shown,
        older=str(shown[-1].number) if len(found) > A_PAGE else None,
        asked=asked,
        acts=audit_words.DONE,
        labels=audit_words.LABELS,
        sentence=audit_words.sentence,
        told=stored_refusals.said,
        called={each.id: each.reference for each in called},
        changes=partial(changes, calendar=frame.calendar(request)),
    )


@router.post("/audit/verify")
def verify(request: Request) -> Response:
    """Check the chain now, and show what was found."""
    permissions.require(request.state.actor, "audit")
    checked: ChainCheck = request.app.state.chain_check
    checked.anew()
    return RedirectResponse("/audit", 303)


@router.get("/audit/export")
def export(request: Request, form: str = "csv") -> Response:
    """Send all rows that match, the newest first."""
    office: Office = request.app.state.office
    permissions.require(request.state.actor, "audit")
    portions = _portions(office, request, audit_filters.asked(request.query_params, office.zone))
    if form == "jsonl":
        lines = (f"{serialization.dumps(_plain(each))}\n" for some in portions for each in some)
        return downloads.sent("audit.jsonl", lines)
    columns = AuditEntry.__slots__
    rows = ([[getattr(each, name) for name in columns] for each in some] for some in portions)
    return downloads.sent("audit.csv", downloads.for_excel(columns, rows, frame.calendar(request)))


def _day(request: Request, moment: datetime | None) -> str:
    calendar = frame.calendar(request)
    then = calendar.now if moment is None else moment.astimezone(calendar.zone)
    return days.day(then.date(), calendar.now.date(), frame.texts(request).language)


def _portions(office: Office, request: Request, asked: AskedAudit) -> Iterator[list[AuditEntry]]:
    actor = request.state.actor
    which, viewer = asked.which, office.viewer(actor)
    while True:
        with office.database.read() as connection:
            found = chain.page(connection, actor, which, limit=A_PORTION, viewer=viewer)
        yield found
        if len(found) < A_PORTION:
            return
        which = replace(which, below=found[-1].number)


def _plain(entry: AuditEntry) -> dict[str, Any]:
    return {**asdict(entry), "at": None if entry.at is None else entry.at.isoformat()}
