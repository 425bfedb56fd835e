"""Whether the server lives, may be asked, and has started."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request
from pydantic import BaseModel, Field

from process_manager import clock, inspection
from process_manager.database import schema
from process_manager.inspection import invariants
from process_manager.store.tables import SCHEMA
from process_manager.web.api.router import ApiRouter, answers
from process_manager.web.office import Office

router = ApiRouter("health")


def office_of(request: Request) -> Office:
    """Return what the server works with."""
    office: Office = request.app.state.office
    return office


class Health(BaseModel):
    """How the server stands."""

    status: str = Field(examples=["live"])


class Readiness(Health):
    """How the server, the workers and what is due stand."""

    workers: int = Field(description="How many workers live.", examples=[2])
    oldest_due_seconds: float | None = Field(
        description="For how long the oldest due process has been due; null when none is.", examples=[0.4]
    )


@router.get(
    "/live",
    summary="Whether the server lives; needs no credentials",
    **answers({"status": "live"}),
)
async def live() -> Health:
    """Answer, whatever the database does."""
    return Health(status="live")


@router.get("/startup", summary="Whether the server has started", **answers({"status": "started"}))
async def startup() -> Health:
    """Answer once the settings, the schema and the process classes were read: without them nothing is served."""
    return Health(status="started")


READY: Final = {"status": "ready", "workers": 2, "oldest_due_seconds": 0.4}


@router.get("", include_in_schema=False)  # where an old front end asks
@router.get("/ready", summary="Whether the server may be asked; 503 while the database is away", **answers(READY))
def ready(office: Annotated[Office, Depends(office_of)]) -> Readiness:
    """Ask the database for what is due and who works."""
    now = clock.now()
    schema.expect(office.database, wanted=SCHEMA)
    with office.database.read() as connection:
        workers = inspection.living(connection, now=now, within=office.settings.lease)
        oldest = invariants.oldest_due_at(connection, now=now)
    seconds = None if oldest is None else max(0.0, (now - oldest).total_seconds())
    return Readiness(status="ready", workers=len(workers), oldest_due_seconds=seconds)
