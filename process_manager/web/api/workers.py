"""`/workers`: who runs processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Path

from process_manager import clock, inspection
from process_manager.governance.fleet_actions import Drain
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
class WorkerList:
    """The workers that live, the oldest first."""

    items: list[LivingWorker]


@router.get("", summary="List the workers that live", **answers({"items": [examples.WORKER]}))
def list_workers(reader: Reading) -> WorkerList:
    """Return each worker with what it can run."""
    office = reader.office
    with office.database.read() as connection:
        found = inspection.living(connection, now=clock.now(), within=office.settings.lease, viewer=reader.viewer)
    return WorkerList([_told(each) for each in found])


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

WorkerName = Annotated[str, Path(max_length=200, description="The name of the worker.")]


@router.post("/{name}/drain", summary="Let a worker end", **answers(DRAINED, 404))
def drain(doer: Doing, name: WorkerName, body: ActRequest) -> WorkerAct:
    """Have it take nothing more, finish running steps within its grace period, give back the rest, and end."""
    done = doer.act(Drain(name, reason=body.reason), dry_run=body.dry_run)
    return WorkerAct(name, "drain", done.number, body.dry_run, was_asked=not done.value)
