"""`/workers`: who runs processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Path

from process_manager import clock, inspection
from process_manager.errors import NotFound
from process_manager.governance.fleet_actions import Drain
from process_manager.inspection.command_page import RunningStep
from process_manager.inspection.fleet_page import Standing
from process_manager.store.workers import Registered
from process_manager.web.api import examples
from process_manager.web.api.asking import Doing, Reading
from process_manager.web.api.process_acts import ActRequest
from process_manager.web.api.router import ApiRouter, answers

router = ApiRouter("workers")


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version of a process that a worker can run, and from which steps."""

    name: str
    version: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LivingWorker:
    """A worker that was seen within its lease; no channels means every channel.

    `drain_asked_at` says since when it is to take no more and end.
    """

    name: str
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    concurrency: int
    channels: tuple[str, ...]
    knows: tuple[KnownVersion, ...]
    drain_asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkerDetail:
    """A worker: working, idle, draining or offline, how many processes it holds, and the longest running of these."""

    worker: LivingWorker
    standing: Standing
    held: int
    steps: list[RunningStep]


@dataclass(frozen=True, slots=True)
class WorkerList:
    """The workers that live, the oldest first."""

    items: list[LivingWorker]


WorkerName = Annotated[str, Path(max_length=200, description="The name of the worker.")]


@router.get("", summary="List the workers that live", **answers({"items": [examples.WORKER]}))
def list_workers(reader: Reading) -> WorkerList:
    """Return each worker with what it can run."""
    office = reader.office
    with office.database.read() as connection:
        found = inspection.living(connection, now=clock.now(), within=office.settings.lease, viewer=reader.viewer)
    return WorkerList([_told(each) for each in found])


@router.get("/{name}", summary="Tell what a worker is doing", **answers(examples.WORKER_DETAIL, 404))
def get_worker(reader: Reading, name: WorkerName) -> WorkerDetail:
    """Return a worker that lives, or was seen within the last day and has not ended well."""
    office = reader.office
    with office.database.read() as connection:
        around = office.around(connection, reader.viewer)
        page = inspection.fleet_page(connection, around=around, registry=office.registry, viewer=reader.viewer)
    for row in page.workers:
        if row.worker.name == name:
            return WorkerDetail(_told(row.worker), row.standing, row.held, list(row.steps))
    raise NotFound(
        problem=f"There is no worker {name!r}: it may have ended. GET /api/v1/workers lists those that live."
    )


def _told(worker: Registered) -> LivingWorker:
    same = {name: getattr(worker, name) for name in LivingWorker.__slots__}
    return LivingWorker(**{**same, "knows": tuple(KnownVersion(*each) for each in worker.knows)})


@dataclass(frozen=True, slots=True)
class WorkerAct:
    """What was done to a worker; `was_asked` says that it was to end before this, and nothing was done."""

    worker: str
    act: str
    audit_number: int | None
    is_dry_run: bool
    was_asked: bool


DRAINED: Final = {
    "worker": "office-1:812:3fb2",
    "act": "drain",
    "audit_number": 90210,
    "is_dry_run": False,
    "was_asked": False,
}


@router.post("/{name}/drain", summary="Let a worker end", **answers(DRAINED, 404))
def drain(doer: Doing, name: WorkerName, body: ActRequest) -> WorkerAct:
    """Have it take nothing more, finish running steps within its grace period, give back the rest, and end."""
    done = doer.act(Drain(name, reason=body.reason), dry_run=body.dry_run)
    return WorkerAct(name, "drain", done.number, body.dry_run, was_asked=not done.value)
