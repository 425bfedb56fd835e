"""Starting a process and running it in the caller's own thread, until it rests: for scripts, robots and tests."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any, NamedTuple

import sqlalchemy as sa

from process_manager import clock, operations, workplace
from process_manager.claim import Claim
from process_manager.database import Database, failures, single
from process_manager.errors import FateUnknown, ProcessManagerError, UsageError
from process_manager.inbox import Inbox
from process_manager.lifecycle import Status
from process_manager.operations import Start, Started
from process_manager.process import Process
from process_manager.running import Answered, Job
from process_manager.steprun import Evidence
from process_manager.store import reading
from process_manager.store.claiming import Lease
from process_manager.timekeeper import Timekeeper
from process_manager.trouble import Trouble
from process_manager.workplace import Holder, Plan, Workplace


class Rest(NamedTuple):
    """Where a process stands after a direct call; `is_new` is False when its dedup key belonged to one before it."""

    id: int
    is_new: bool
    status: Status


class Direct:
    """Runs processes for one thread, one after the other: what a worker does, without its threads and its waiting.

    Every step is recorded before the next begins, by the rules of a worker: leases, gates, windows, effects. What comes
    to rest is a worker's from then on, and so is whatever this program leaves when it dies.
    """

    def __init__(self, database: Database, plan: Plan) -> None:
        """Of the plan, registry, settings and retry count."""
        self._database = database
        self._plan = plan
        self._name = workplace.a_name()
        self._inbox: Inbox[Evidence] = Inbox()
        self._trouble = Trouble()

    def __enter__(self) -> Direct:
        with ExitStack() as opened:
            timekeeper = opened.enter_context(Timekeeper(self._database, self._plan.settings))
            holder = Holder(self._name, self._inbox.put, is_closed=lambda: False, gives_up=self._gives_up)
            self._place = Workplace(self._database, self._plan, holder, duties=(timekeeper.beat,))
            self._desk = self._place.desk
            opened.callback(self._place.close)
            self._connection = opened.enter_context(self._database.connect())
            opened.enter_context(self._place.open())
            opened.callback(self._let_go)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._opened.close()

    def run(
        self, process: type[Process], payload: Mapping[str, Any] | None = None, *, by: str = "code", **options: Any
    ) -> Rest:
        """Start a process, and run its steps until it rests; `options` are those of `Start`.

        What may not begin is left to the workers: behind another of its lane, before its moment, at a closed gate.
        Raises what `operations.start` raises, FateUnknown when nobody knows whether it was started, and
        DatabaseUnreachable when a step could not be recorded within the grace period: it may be run again then.
        """
        if self._plan.registry.get(process.name, process.version) is None:
            raise UsageError(problem=f"{process.__name__} is not in the registry of this plan. Put it there.")
        with failures.explained(self._database.url):
            started, claim = self._start(Start(process, payload, **options), by)
            self._desk.take_up([] if claim is None else [claim])
            self._go_on()
            return Rest(started.id, started.is_new, self._status(started.id))

    def _start(self, wanted: Start, by: str) -> tuple[Started, Claim | None]:
        now = clock.now()
        lease = Lease(self._name, now, now + self._plan.settings.lease)
        alone = operations.is_one_statement(wanted)
        try:
            with single(self._connection) if alone else self._connection.begin():
                return operations.start_held(self._connection, wanted, lease, by=by)
        except sa.exc.DBAPIError as problem:
            if failures.is_broken(problem):
                self._desk.strays.may_exist()
                raise FateUnknown(url=self._database.url) from problem
            raise

    def _go_on(self) -> None:
        """Run what is held, and write down what came of it, until nothing is."""
        self._write()
        while jobs := self._desk.take_ready():
            for job in jobs:
                self._run(job)

    def _run(self, job: Job) -> None:
        came = self._place.run(job)
        self._desk.accept([*self._inbox.drain(), came])
        self._write()
        if isinstance(came, Answered) and came.ran.interrupted:
            raise KeyboardInterrupt

    def _write(self) -> None:
        while self._desk.has_news():
            if (rest := self._trouble.rest()) > 0:
                time.sleep(rest)
            try:
                self._desk.write(self._connection, claim=False)
                self._trouble.passed()
            except sa.exc.DBAPIError as problem:
                self._desk.strays.may_exist()
                self._trouble.met(problem)
                if self._trouble.lasts() > self._plan.settings.grace.total_seconds():
                    raise

    def _gives_up(self, job: Job) -> bool:
        return workplace.is_out_of_patience(job, self._plan.settings)

    def _status(self, process_id: int) -> Status:
        rested = self._desk.rested
        if rested is not None and rested.claim.id == process_id:
            return rested.position.status
        with self._connection.begin():
            row = reading.process(self._connection, process_id)
        return Status(row["status"]) if row is not None else Status.ABANDONED

    def _let_go(self) -> None:
        """Give back what the block left in the middle; what is in doubt stays under its lease."""
        for job in tuple(self._desk.held.values()):
            self._desk.let_go(job)
        with suppress(sa.exc.SQLAlchemyError, ProcessManagerError):
            self._write()
