"""A worker of Celery as ours: what it takes, what each of its processes opens, and how it ends."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from process_manager import logs
from process_manager.database import error_codes
from process_manager.errors import ProcessManagerError
from process_manager.fleet import post
from process_manager.fleet.ending import Ending
from process_manager.fleet.options import TICKS, FleetOptions, channel_of, queue_of
from process_manager.fleet.pools import forks, require_usable
from process_manager.fleet.quiet_log import leave_out_ticks
from process_manager.fleet.runners import Runners
from process_manager.fleet.tick import Ticker
from process_manager.worker import background
from process_manager.worker.plan import Plan

if TYPE_CHECKING:
    from celery import Celery

log = logs.get(__name__)


class CeleryWorker:
    """What one program knows of the Celery app: a client, a worker, or a process of the pool of one."""

    def __init__(self, app: Celery, options: FleetOptions) -> None:
        self._app = app
        self._options = options
        self._ending = Ending()
        self._node = "celery@"
        self._channels: tuple[str, ...] = ()
        self._forks = False
        self._count = 1
        self._takes = False  # whether this worker takes a queue of ours
        self._ticking = Lock()

    def listen(self) -> None:
        """Hear how a worker of this app starts and ends."""
        from celery import signals

        signals.worker_init.connect(self._on_init, weak=False)
        signals.celeryd_after_setup.connect(self._on_setup, weak=False)
        signals.worker_process_init.connect(self._on_process, weak=False)
        signals.worker_ready.connect(self._on_ready, weak=False)
        signals.worker_shutting_down.connect(self._on_end, weak=False)
        signals.worker_process_shutdown.connect(self._on_left, weak=False)
        signals.worker_shutdown.connect(self._on_left, weak=False)
        leave_out_ticks()

    def run(self, process_id: int, fence: int) -> str:
        """Run the process that a message names, and return what came of it."""
        with self._runners.lent() as runner:
            return runner.run(process_id, fence, again=self._options.again)

    def tick(self, task: Any) -> str:
        """Send what is due to the task that runs it, and return how much that was."""
        if not self._ticking.acquire(blocking=False):
            return "nothing: the tick before is not over"
        try:
            marks = self._ticker.tick(self._options)
            unsent = post.send(self._app, task, marks, self._options)
            self._ticker.take_back(unsent)
        finally:
            self._ticking.release()
        return f"{len(marks) - len(unsent)} sent"

    @cached_property
    def _plan(self) -> Plan:
        """What is to be done, read where the program runs, as the command line reads it."""
        from process_manager import settings
        from process_manager.definition import registry
        from process_manager.definition.loading import use_working_directory
        from process_manager.lifecycle import retry

        use_working_directory()
        found = settings.load()
        return Plan(registry.discover(found.process_packages), found, retry.parse(found.retry))

    @cached_property
    def _runners(self) -> Runners:
        plan = replace(self._plan, channels=self._channels)
        return Runners(plan, self._ending, count=self._count, name=self._a_name, drain=self._drain)

    @cached_property
    def _ticker(self) -> Ticker:
        return self._runners.ticker()

    def _a_name(self) -> str:
        """Return a name that no runner had before, by which a person knows the worker of Celery."""
        return f"{self._node[-150:]}:{os.getpid()}:{uuid.uuid4().hex[:6]}"

    def _drain(self) -> None:
        self._ending.ask(forked=self._forks)

    def _on_init(self, sender: Any, **_more: object) -> None:
        """Look at the pool and the process classes before anything is taken; what is wrong ends the worker here."""
        if sender.app is not self._app:
            return
        with _told():
            require_usable(sender.pool_cls)
            _ = self._plan
        self._ending.belongs_here()
        self._forks = forks(sender.pool_cls)
        self._count = 1 if self._forks or not sender.concurrency else sender.concurrency

    def _on_setup(self, sender: str, instance: Any, **_more: object) -> None:
        """Note which channels it takes; without `-Q` they are all that the classes declare."""
        if instance.app is not self._app:
            return
        self._node = sender
        queues = instance.app.amqp.queues
        if queues._consume_from is None:
            for channel in sorted({cls.channel for cls in self._plan.registry}):
                queues.select_add(queues[queue_of(channel)])
        found = {channel_of(name) for name in queues.consume_from}
        self._channels = tuple(sorted(channel for channel in found if channel is not None))
        self._takes = bool(self._channels)
        if self._takes:
            queues.select_add(queues[TICKS])

    def _on_process(self, **_more: object) -> None:
        if self._takes and self._forks:
            self._open()

    def _on_ready(self, **_more: object) -> None:
        if self._takes and not self._forks:
            self._open()

    def _open(self) -> None:
        """Open the database beside: Celery ends a process of its pool that takes long to come up."""
        background.start("fleet-open", self._runners.open, _tell)

    def _on_end(self, **_more: object) -> None:
        self._ending.begin()

    def _on_left(self, **_more: object) -> None:
        if "_runners" in self.__dict__:
            self._runners.close()


def _tell(problem: Exception) -> None:
    log.warning("fleet.not_open", problem=error_codes.message(problem))


@contextmanager
def _told() -> Iterator[None]:
    """End this program with the sentence of what is wrong: Celery would only log it, and go on."""
    try:
        yield
    except ProcessManagerError as problem:
        raise SystemExit(f"process-manager: {problem}") from None
