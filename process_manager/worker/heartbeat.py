"""A worker's row in the table of workers: what it runs, and that it lives."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import Database
from process_manager.errors import ProcessManagerError
from process_manager.store import workers
from process_manager.store.workers import Known, Registered

FORGOTTEN = timedelta(days=1)
"""How long a worker that died stays in the table."""


class Heartbeat:
    """The row of one worker, there while it runs. A worker works on when it cannot say so."""

    def __init__(
        self, database: Database, worker: Registered, *, every: timedelta, drain: Callable[[], None] = lambda: None
    ) -> None:
        """`drain` is called at each beat once somebody has asked the worker to take no more."""
        self._database = database
        self._drain = drain
        self._worker = worker
        self._every = every.total_seconds()
        self._said: float | None = None

    def __enter__(self) -> Heartbeat:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._said is None:
            return
        with suppress(ProcessManagerError, sa.exc.SQLAlchemyError), self._database.begin() as connection:
            workers.leave(connection, self._worker.name)

    def beat(self) -> None:
        """Say that the worker lives, if it is time to, and obey who asked it to end.

        A row that somebody took away is made again.
        """
        if self._said is not None and time.monotonic() - self._said < self._every:
            return
        now = clock.now()
        with self._database.begin() as connection:
            workers.forget_gone(connection, before=now - FORGOTTEN)
            lives = workers.seen(connection, self._worker.name, now=now)
            drains = not lives and workers.seen_draining(connection, self._worker.name, now=now)
            if not (lives or drains):
                workers.register(connection, replace(self._worker, seen_at=now))
        self._said = time.monotonic()
        if drains:
            self._drain()


def this(name: str, *, concurrency: int, channels: tuple[str, ...], knows: tuple[Known, ...]) -> Registered:
    """Return the row of this process of the host, as the others will see it."""
    now = clock.now()
    return Registered(name, socket.gethostname(), os.getpid(), now, now, concurrency, channels, knows)
