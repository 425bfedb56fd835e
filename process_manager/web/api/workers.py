"""`/workers`: who runs processes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from process_manager import clock, inspection
from process_manager.store.workers import Registered
from process_manager.web.api import examples
from process_manager.web.api.asking import Reading
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
    """A worker that was seen within its lease; no channels means every channel."""

    name: str
    host: str
    pid: int
    started_at: datetime
    seen_at: datetime
    concurrency: int
    channels: tuple[str, ...]
    knows: tuple[KnownVersion, ...]


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
