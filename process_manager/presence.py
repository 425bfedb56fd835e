"""A worker makes itself known: what it runs, and that it lives."""

from __future__ import annotations

import os
import socket
import time
from datetime import timedelta

from process_manager import clock
from process_manager.database import Database
from process_manager.store import workers
from process_manager.store.workers import Known, Registered

FORGOTTEN = timedelta(days=1)
"""How long a worker that died stays in the table."""


class Presence:
    """The row of one worker, there while it runs; it says so as often as leases are renewed."""

    def __init__(self, database: Database, worker: Registered, *, every: timedelta) -> None:
        self._database = database
        self._worker = worker
        self._every = every.total_seconds()
        self._said = time.monotonic()

    def __enter__(self) -> Presence:
        with self._database.begin() as connection:
            workers.forget_gone(connection, before=clock.now() - FORGOTTEN)
            workers.register(connection, self._worker)
        return self

    def __exit__(self, *_exception: object) -> None:
        with self._database.begin() as connection:
            workers.leave(connection, self._worker.name)

    def beat(self) -> None:
        """Say that the worker lives, if it is time to."""
        if time.monotonic() - self._said < self._every:
            return
        with self._database.begin() as connection:
            workers.seen(connection, self._worker.name, now=clock.now())
        self._said = time.monotonic()


def this(name: str, *, concurrency: int, channels: tuple[str, ...], knows: tuple[Known, ...]) -> Registered:
    """This process of the host as the others will see it."""
    now = clock.now()
    return Registered(name, socket.gethostname(), os.getpid(), now, now, concurrency, channels, knows)
