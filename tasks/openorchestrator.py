"""Steps that work on the queues of OpenOrchestrator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import ClassVar, Final

from process_manager import Done, Outcome, StepRun, Task, Wait, clock
from process_manager.integrations import openorchestrator
from process_manager.integrations.databases import OutsideDatabase, outside
from process_manager.integrations.openorchestrator import Element
from process_manager.plurals import counted
from process_manager.settings import Settings
from tasks.openorchestrator_settings import OpenOrchestratorSettings

SETTING: Final = "PROCESS_MANAGER_OPENORCHESTRATOR_URL"


def queue_database(settings: Settings) -> OutsideDatabase:
    """The OpenOrchestrator database that the settings name."""
    return outside(OpenOrchestratorSettings.of(settings).openorchestrator_url, SETTING)


class CreateQueueElements(Task):
    """Puts elements into a queue of OpenOrchestrator, portion by portion, each exactly once.

    A subclass names the queue and yields its portions: context managers that hold the source of their elements locked
    and give them; what stands behind their `yield` runs once the elements are in the queue, and committed there.
    """

    queue_name: ClassVar[str] = ""
    created_by: ClassVar[str] = "process-manager"

    def portions(self, run: StepRun) -> Iterator[AbstractContextManager[Sequence[Element]]]:
        """What is to be queued, a few hundred elements at a time."""
        raise NotImplementedError

    def total(self, run: StepRun) -> int | None:  # noqa: ARG002  a subclass may know it
        """How many elements there are in all, for the progress; None when nobody knows."""
        return None

    def answer(self, run: StepRun, pushed: int, done: int) -> Outcome:  # noqa: ARG002  a subclass may need the run
        """What the step answers at its end: of `done` elements `pushed` were not in the queue yet."""
        return Done(_told(self.queue_name, pushed, done))

    def run(self, run: StepRun) -> Outcome:
        """The answer; a Wait that goes on at once when the worker stops between two portions."""
        openorchestrator.check_queue_name(self.queue_name)
        database = queue_database(run.settings)
        with database.read() as connection:
            run.log("queue.found", release=openorchestrator.release_of(connection, f"of {SETTING}"))
        pushed, done, total = 0, 0, self.total(run)
        for portion in self.portions(run):
            if run.stop_requested:
                return Wait(f"stopped after {counted(done, 'element')}; goes on from there", after=timedelta(0))
            with portion as elements:
                pushed += self._push(run, database, elements)
            done += len(elements)
            run.progress(done, total, f"{done} of {total or 'some'} elements are in {self.queue_name}")
        return self.answer(run, pushed, done)

    def _push(self, run: StepRun, database: OutsideDatabase, elements: Sequence[Element]) -> int:
        """How many of these elements the queue did not have yet; they are committed there."""
        if not elements:
            return 0
        with database.begin() as connection:
            ids = {element.reference: element.id for element in elements}
            there = openorchestrator.known(connection, self.queue_name, ids).references
            fresh = [element for element in elements if element.reference not in there]
            openorchestrator.push(connection, self.queue_name, fresh, created_by=self.created_by, now=clock.now())
        references = [element.reference for element in fresh]
        run.exchange(
            "OpenOrchestrator", {"queue": self.queue_name, "references": references}, {"already there": sorted(there)}
        )
        return len(fresh)


def _told(queue_name: str, pushed: int, done: int) -> str:
    again = f", {done - pushed} were there already" if done > pushed else ""
    return f"{counted(pushed, 'element')} put into {queue_name}{again}"
