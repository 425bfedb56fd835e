"""What the engine's tests stand on: a database file, workers to drive, and short ways to look at rows."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from process_manager import Done, Process, RetryPolicy, StepRun, classic, inspection, operations
from process_manager.actor import Actor
from process_manager.database import Database, connect
from process_manager.definition.registry import Registry
from process_manager.definition.step_host import Host
from process_manager.execution.completion import Completion
from process_manager.execution.executor import Executor
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolated import IsolatedExecutor
from process_manager.execution.step_children import ChildrenOnDemand
from process_manager.execution.step_events import EventsOnDemand
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import Transition
from process_manager.operations import Act, Started
from process_manager.settings import Settings, model_of
from process_manager.store import queries
from process_manager.store.due import ClaimRequest, Range
from process_manager.worker import Plan, Worker
from process_manager.worker.claims import Claims
from process_manager.worker.gatekeeper import Gatekeeper
from process_manager.worker.lease_holder import LeaseHolder
from process_manager.worker.stats import RunStats

T = TypeVar("T")

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
INSTALLATION = UUID("6f1d3c1e-0c7b-4a53-9a55-3d2f3f0c8b11")

SEES_ALL = inspection.Viewer(reveals=True)
"""Who looks at rows: a test's class may be gone before its processes are asked for."""

CLAIM = Claim(
    id=7,
    name="letter",
    version=1,
    reference=None,
    order_key=None,
    step="a",
    attempts=0,
    attempts_since=None,
    round=1,
    seq=0,
    fence=1,
    crashes=0,
    reruns=None,
    payload="{}",
    dedup_hash=None,
    step_started_at=NOON,
    worker="w",
)


def claim(**changes: Any) -> Claim:
    """A held process, with what differs from CLAIM."""
    return CLAIM._replace(**changes)


def settings(**options: Any) -> Settings:
    """Settings for a test: few threads, no waiting at the end, at any hour."""
    return model_of()(
        **{"concurrency": 4, "grace": timedelta(0), "quiet": "none", "zone": "UTC", "clock": "host", **options}
    )


OURS = ("concurrency", "lease", "grace", "quiet", "zone", "locks_folder")


def claim_request(*pairs: tuple[str, int], channels: tuple[str, ...] = ()) -> ClaimRequest:
    """These names and versions, at any step that a test gives its processes."""
    steps = ("a", "b", "c", "do", "after", "once", "claim")
    return ClaimRequest(tuple(Range(name, version, steps) for name, version in pairs), channels)


class Three(Process):
    """Three steps that are done at once."""

    STEPS = {"a": "step", "b": "step", "c": "step"}

    def step(self, run: StepRun) -> Done:
        return Done(f"{run.step} is done", {run.step: run.attempt})


class Odd(Process):
    """One step that a test supplies, and one after it."""

    STEPS = {"do": "do", "after": "after"}
    answer: Callable[[StepRun], Any]

    def do(self, run: StepRun) -> Any:
        return type(self).answer(run)

    def after(self, run: StepRun) -> Done:
        return Done("after")


def odd(answer: Callable[[StepRun], Any], *, retry: RetryPolicy | None = None) -> type[Odd]:
    return type("Odd", (Odd,), {"answer": staticmethod(answer), "retry": retry})


def start(database: Database, process: type[Process] = Three, payload: Any = None, **options: Any) -> int:
    """The id of a process that is now committed."""
    return asked(database, process, payload, **options).id


def asked(database: Database, process: type[Process] = Three, payload: Any = None, **options: Any) -> Started:
    """What a start answers."""
    with database.begin() as connection:
        return operations.start(connection, process, payload, **options)


def worker(database: Database, *classes: type[Process], retry: RetryPolicy | None = None, **options: Any) -> Worker:
    """A worker for these classes; `options` are those of Plan, and `concurrency`, `lease` or `grace` of Settings."""
    ours = {name: options.pop(name) for name in OURS if name in options}
    return Worker(database, Plan(Registry(classes or (Three,)), settings(**ours), retry or classic(), **options))


def work(database: Database, *classes: type[Process], **options: Any) -> RunStats:
    """What one run of a worker did, until nothing was due."""
    return worker(database, *classes, **{"until_empty": True, **options}).run()


@contextmanager
def working(database: Database, *classes: type[Process], **options: Any) -> Iterator[Worker]:
    """A worker in a thread of its own, stopped at the end of the block."""
    made = worker(database, *classes, **options)
    thread = threading.Thread(target=made.run, name="worker", daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.stop()
        thread.join(timeout=15)
        assert not thread.is_alive(), "the worker did not stop"


def eventually(look: Callable[[], T], *, seconds: float = 15) -> T:
    """What `look` finds, as soon as it finds something."""
    ends = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.005)
    return found


def get(database: Database, process_id: int) -> inspection.Overview:
    """A process as a person sees it."""
    with database.read() as connection:
        return inspection.get(connection, process_id, viewer=SEES_ALL)


def row(database: Database, process_id: int) -> dict[str, Any]:
    """The row of a process."""
    with database.read() as connection:
        found = queries.process(connection, process_id)
    assert found is not None
    return dict(found)


def history(database: Database, process_id: int) -> list[inspection.History]:
    """The history of a process, the step in progress last."""
    with database.read() as connection:
        return inspection.history(connection, process_id, viewer=SEES_ALL)


def told(database: Database, process_id: int, *names: str) -> list[tuple[Any, ...]]:
    """Some columns of the history of a process."""
    return [tuple(getattr(each, name) for name in names) for each in history(database, process_id)]


def outcomes(database: Database, process_id: int) -> list[tuple[Any, ...]]:
    """Which step answered what, in order."""
    return told(database, process_id, "step", "outcome")


def status(database: Database, process_id: int) -> str:
    """Where a process stands."""
    return get(database, process_id).status


def restart(database: Database, process_id: int, *classes: Any, **options: Any) -> None:
    """Restart a process, as Ada."""
    with database.begin() as connection:
        operations.restart(
            connection, process_id, Act(Actor("Ada"), "SAP is back"), registry=Registry(classes or (Three,)), **options
        )


def abandon(database: Database, process_id: int) -> None:
    """Give a process up, as Bo."""
    with database.begin() as connection:
        operations.abandon(connection, process_id, Act(Actor("Bo"), "wrong case"))


def cancel(database: Database, process_id: int) -> None:
    """Ask a process to stop, as Bo."""
    with database.begin() as connection:
        operations.cancel(connection, process_id, Act(Actor("Bo"), "the wrong list"))


def execute(database: Database, statement: str, **values: object) -> list[Any]:
    """The rows of a statement, committed."""
    with database.begin() as connection:
        found = connection.execute(sa.text(statement), values)
        return [tuple(each) for each in found] if found.returns_rows else []


class Nowhere(IsolatedExecutor):
    """No children: suspects run in threads, as they did before they were suspects."""

    def __init__(self) -> None:
        pass

    def takes(self, job: HeldStep) -> bool:
        return False

    def close(self) -> None:
        pass


class Bench:
    """A worker's claims without its threads: a test decides which step runs when."""

    def __init__(
        self,
        database: Database,
        *classes: type[Process],
        threads: int = 2,
        name: str = "bench",
        apart: IsolatedExecutor | None = None,
        wait_for: Callable[[Transition], bool] | None = None,
    ) -> None:
        self.registry = Registry(classes or (Three,))
        self.said: list[Evidence] = []
        asked: Any = {"event_of": EventsOnDemand(database), "children": ChildrenOnDemand(database)}
        host = Host(database, settings(), INSTALLATION, self.said.append, **asked)
        self.gatekeeper = Gatekeeper(database, self.registry, settings(), ())
        plan = Plan(self.registry, settings(concurrency=threads), classic())
        holder = LeaseHolder(name, self.said.append, lambda: False, lambda _held: False, wait_for)
        self.claims = Claims(plan, holder, self.gatekeeper, host)
        self.effects = Executor(database, decide=self.claims.decide, in_time=lambda: True, isolated=apart or Nowhere())
        self.database = database

    def write(self, *, claim: bool = True, looks: bool = True) -> list[HeldStep]:
        """One transaction; the jobs to run next. Unless it `looks`, it is not yet time to look for what is due."""
        self.claims.look_now()
        if not looks:
            self.claims._poller.at += 60
        with self.database.connect() as connection:
            self.claims.write(connection, claim=claim)
        return self.claims.take_ready()

    def run(self, job: HeldStep) -> Completion:
        """Run a step; its answer is yet to be written."""
        came = self.effects.perform(job)
        job.answered = True
        self.claims.accept([came])
        return came


CHILDREN = Path(__file__).parent / "scripts"


@contextmanager
def child(script: str, folder: Path, **options: object) -> Iterator[subprocess.Popen[str]]:
    """A script of `children`, killed at the end of the block if it still runs."""
    words = [sys.executable, str(CHILDREN / script), str(folder), *(f"{each}={options[each]}" for each in options)]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=10)


def open_database(folder: Path) -> Database:
    """The engine's database in this folder."""
    return connect(f"sqlite:///{folder / 'engine.db'}")


def only(found: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """These entries."""
    return {name: found[name] for name in names}
