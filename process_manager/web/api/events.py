"""`/events`: named facts that processes wait for, signalled and withdrawn."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final

from fastapi import Path, Query
from pydantic import ConfigDict, Field

from process_manager import inspection
from process_manager.governance.event_actions import SignalEvent, WithdrawEvent
from process_manager.inspection import EventDetail, EventOverview
from process_manager.web.api.asking import Doing, Reading
from process_manager.web.api.process_acts import ActRequest
from process_manager.web.api.router import ApiRouter, answers

router = ApiRouter("events")

EventKey = Annotated[str, Path(max_length=200, description="What the event is called, such as paid:123.")]


class SignalRequest(ActRequest):
    """What those that wait are to know, and why it is signalled."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"payload": {"amount": 700}, "reason": "paid by hand"}]})

    payload: dict[str, Any] | None = Field(None, description="What those that wait are to know.")


@dataclass(frozen=True, slots=True)
class EventList:
    """Events by their keys; `next_after` is where the next page begins, None on the last."""

    items: list[EventOverview]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class EventActed:
    """What was done to an event.

    Attributes:
        event: The event.
        act: What was done.
        has_changed: Whether that made a difference: a signal of one that stands makes none.
        number: How often it was signalled by now; None for a withdrawal.
        woken: How many processes it made due at once; workers make the rest due right after.
        audit_number: The number of its row on the audit chain; None for a dry run, for what changed nothing, and for a
            program, whose signals are told by the event itself.
        is_dry_run: Whether nothing was changed.
    """

    event: str
    act: str
    has_changed: bool
    number: int | None
    woken: int
    audit_number: int | None
    is_dry_run: bool


EVENT: Final = asdict(
    EventOverview(
        key="paid:123",
        stands=True,
        number=1,
        signalled_at=None,
        by="payments",
        payload=None,
        payload_size=14,
        withdrawn_at=None,
        withdrawn_by=None,
        waiting=0,
        kept_until=None,
    )
) | {"signalled_at": "2026-11-23T12:00:00Z"}
SIGNALLED: Final = {
    "event": "paid:123",
    "act": "signal",
    "has_changed": True,
    "number": 1,
    "woken": 1,
    "audit_number": 90210,
    "is_dry_run": False,
}
WITHDRAWN: Final = {**SIGNALLED, "act": "withdraw", "number": None, "woken": 0}


@router.get("", summary="List events", **answers({"items": [EVENT], "next_after": None}))
def list_events(
    reader: Reading,
    limit: Annotated[int, Query(ge=1, le=1000, description="How many at most.")] = 50,
    after: Annotated[str, Query(max_length=200, description="Only keys after this one.")] = "",
) -> EventList:
    """Return the events that stand, that stood, and for which a process waits."""
    keep = reader.office.settings.event_keep
    with reader.office.database.read() as connection:
        found = inspection.events(connection, limit=limit + 1, after=after, viewer=reader.viewer, keep=keep)
    return EventList(found[:limit], found[limit - 1].key if len(found) > limit else None)


@router.get("/{event}", summary="Show an event", **answers({"event": EVENT, "process_ids": []}, 404))
def get_event(reader: Reading, event: EventKey) -> EventDetail:
    """Return an event, and the first 100 processes that wait for it."""
    with reader.office.database.read() as connection:
        return inspection.event(connection, event, viewer=reader.viewer, keep=reader.office.settings.event_keep)


@router.post("/{event}", summary="Signal an event", **answers(SIGNALLED))
def signal(doer: Doing, event: EventKey, body: SignalRequest) -> EventActed:
    """Let it stand until it is withdrawn: what waits for it is due, what comes to wait for it goes on at once."""
    done = doer.act(SignalEvent(event, payload=body.payload, reason=body.reason), dry_run=body.dry_run)
    told = done.value
    return EventActed(event, "signal", told.is_new, told.number, len(told.woken), done.number, body.dry_run)


@router.post("/{event}/withdraw", summary="Withdraw an event", **answers(WITHDRAWN))
def withdraw(doer: Doing, event: EventKey, body: ActRequest) -> EventActed:
    """Let it stand no longer: what comes to wait for it waits for the next signal. What it has woken goes on."""
    done = doer.act(WithdrawEvent(event, reason=body.reason), dry_run=body.dry_run)
    return EventActed(event, "withdraw", done.value, None, 0, done.number, body.dry_run)
