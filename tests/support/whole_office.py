"""An office with something on every page: invoices, commands, workers, jobs, a file, a batch and a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import bot_office
import command_office
import invoices
import job_pages
import task_acts
from asking_steps import Asks
from command_office import furnish_kinds
from page_routes import of_pages
from rig import asked
from web_visitor import as_program

from process_manager import clock, files
from process_manager.actor import CODE, Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import batches
from process_manager.governance.batches import BatchRequest

REGISTRY: Final = Registry([*invoices.REGISTRY, *command_office.REGISTRY, *job_pages.REGISTRY, Asks])
BO: Final = Actor("bo", is_person=True, way="page")
GETS: Final = sorted(path for method, path in of_pages() if method == "GET")


@dataclass(frozen=True)
class Furnished:
    """The ids of what there is, by what became of it."""

    invoices: Mapping[str, int]
    jobs: Mapping[str, int]
    filed: int
    batch: int
    task: int
    token: str

    def address(self, path: str, process: str = "failed") -> str:
        """The address of a page of something that is there."""
        if path == "/processes/{process_id}/files/{name}":
            return f"/processes/{self.filed}/files/sheet"
        found = {
            "process_id": self.invoices[process],
            "job_id": self.jobs["running"],
            "batch_id": self.batch,
            "task_id": self.task,
            "name": "ada" if path.startswith("/users") else "rykker",
        }
        more = {
            "/batches/new": f"?act=restart&ids={self.invoices['failed too']}",
            "/processes/{process_id}/log": "?after=0-0",
            "/jobs/{job_id}/lines": "?after=0-0",
            "/sign-in/once": "?link=none",
        }
        return path.format(**found) + more.get(path, "")


def furnish_all(database: Database, frozen: Any) -> Furnished:
    """All of it; the clock stands on Monday at 14:32 in Copenhagen then."""
    made = invoices.furnish(database, frozen)
    furnish_kinds(database, frozen)
    jobs = job_pages.furnish_jobs(database)
    filed = asked(database, bot_office.Files, files=[_sheet(database)]).id
    request = BatchRequest("abandon", "paid by hand", [made["failed too"]], {"name": "faktura"})
    batch = database.run(
        lambda connection: batches.start(connection, request, actor=BO, name="faktura", now=clock.now())
    )
    task = task_acts.asked(database)
    return Furnished(made, jobs, filed, batch, task, as_program(database))


def _sheet(database: Database) -> files.StoredFile:
    settings = command_office.office_settings()
    with files.Receiver(database, settings, name="sheet", label="Rates.csv", actor=CODE) as receiver:
        receiver.write(b"a;b")
    return receiver.file
