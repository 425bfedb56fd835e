"""A folder in which examples are started and worked on, at moments that a test chooses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory

from process_manager import Process, Registry, classic, inspection, operations
from process_manager.database import Database
from process_manager.settings import Settings
from process_manager.worker import Plan, Worker

SETTINGS = Settings(concurrency=2, grace=timedelta(0), quiet="none", zone="UTC", clock="host")


@dataclass(frozen=True, slots=True)
class Office:
    """The folder's database, the clock, and short ways to act and to ask."""

    database: Database
    clock: FrozenDateTimeFactory

    def start(self, process: type[Process], payload: Mapping[str, Any] | None = None) -> int:
        """Return the id of a new process."""
        return self.database.run(lambda it: operations.start(it, process, payload)).id

    def work(self, *classes: type[Process], **passed: float) -> None:
        """Let time pass (the arguments are those of timedelta), then run what is due of these classes."""
        self.clock.tick(timedelta(**passed))
        Worker(self.database, Plan(Registry(classes), SETTINGS, classic(), until_empty=True)).run()

    def show(self, process_id: int) -> inspection.Overview:
        """Return where a process stands."""
        with self.database.read() as connection:
            return inspection.get(connection, process_id)

    def history(self, process_id: int) -> list[tuple[str | None, str, str]]:
        """Return step, outcome and message of each row of the history of a process."""
        with self.database.read() as connection:
            rows = inspection.history(connection, process_id)
        return [(row.step, row.outcome, row.message) for row in rows]


def missing(file: str) -> str:
    """Return what a step is told of a file whose folder is not there."""
    return f"FileNotFoundError: [Errno 2] No such file or directory: {str(Path(file))!r}"
