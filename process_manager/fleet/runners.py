"""What one program of a Celery worker has open: the database, what starts by the clock, and its runners."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Lock

from process_manager import logs
from process_manager.database import Database, connect, error_codes, schema
from process_manager.database.clock_sync import ClockSync
from process_manager.errors import ProcessManagerError
from process_manager.fleet.ending import Ending
from process_manager.fleet.runner import Runner
from process_manager.fleet.tick import Ticker
from process_manager.store.tables import SCHEMA
from process_manager.worker import heartbeat
from process_manager.worker.background import attempt
from process_manager.worker.plan import Plan
from process_manager.worker.schedule_thread import ScheduleThread

log = logs.get(__name__)


class Runners:
    """The runners of one program, each lent to one task at a time.

    The database is opened here, after the pool has forked: a connection that two processes share would mix up their
    answers.
    """

    def __init__(
        self, plan: Plan, ending: Ending, *, count: int, name: Callable[[], str], drain: Callable[[], None]
    ) -> None:
        """Prepare to run messages; nothing is opened yet.

        Args:
            plan: The classes, the channels, the settings and the default policy.
            ending: Whether the worker of Celery ends.
            count: How many messages are run at once.
            name: Makes a name for a runner, which nobody had before.
            drain: Called when somebody asks one of the runners to end.
        """
        self._plan = plan
        self._ending = ending
        self._name = name
        self._drain = drain
        self._opening = Lock()
        self._database: Database | None = None
        self._free: queue.Queue[Runner | None] = queue.Queue()
        for _ in range(count):
            self._free.put(None)
        self._count = count
        self._beside = ExitStack()  # what the program has open next to its database
        self._compare_clocks: Callable[[], None] = lambda: None  # until that is open

    def open(self) -> None:
        """Open all of them, so that the others see who works here; a task tries again what fails now."""
        with suppress(queue.Empty):
            for _ in range(self._count):
                runner = self._free.get_nowait()
                try:
                    runner = runner or self._opened_or_none()
                finally:
                    self._free.put(runner)  # a message would wait for ever for one that is missing

    def _opened_or_none(self) -> Runner | None:
        opened: list[Runner] = []
        attempt(lambda: opened.append(self._opened()), _tell)
        return opened[0] if opened else None

    @contextmanager
    def lent(self) -> Iterator[Runner]:
        """Lend a runner for one message; one that broke is closed, and the next message gets a new one."""
        runner, kept = self._free.get(), None
        try:
            with ExitStack() as broken:
                runner = runner or self._opened()
                broken.callback(self._close, runner)
                yield runner
                if not runner.is_spent:
                    broken.pop_all()
                    kept = runner
        finally:
            self._free.put(kept)

    def ticker(self) -> Ticker:
        """Return what looks for due processes."""
        database = self.database()
        return Ticker(database, self._plan, compare_clocks=self._compare_clocks)

    def database(self) -> Database:
        """Return the engine's database, opened when it is first asked for."""
        with self._opening:
            if self._database is None:
                settings = self._plan.settings
                found = connect(settings.database_url.get_secret_value(), call_timeout=settings.lease / 4)
                schema.expect(found, wanted=SCHEMA)
                self._open_beside(found)
                self._database = found
            return self._database

    def _open_beside(self, database: Database) -> None:
        """Read the database's clock, and start what it says in a thread: a tick may wait behind long steps."""
        plan = self._plan
        self._compare_clocks = self._beside.enter_context(ClockSync(database, plan.settings)).beat
        self._beside.enter_context(ScheduleThread(database, plan.registry, plan.settings))

    def close(self) -> None:
        """Close all that no task has."""
        self._beside.close()
        with suppress(queue.Empty):
            while True:
                self._close(self._free.get_nowait())
        if self._database is not None:
            self._database.close()

    def _opened(self) -> Runner:
        plan = self._plan
        row = heartbeat.this(self._name(), concurrency=1, channels=plan.channels, knows=plan.registry.runnable())
        runner = Runner(self.database(), plan, row, ends=self._ending.has_begun, drain=self._drain)
        return runner.__enter__()

    def _close(self, runner: Runner | None) -> None:
        if runner is not None:
            with suppress(ProcessManagerError):
                runner.__exit__()


def _tell(problem: Exception) -> None:
    log.warning("fleet.not_open", problem=error_codes.message(problem))
