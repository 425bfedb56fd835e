"""Notifications that something may be due, where the database can send them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import Database, error_codes
from process_manager.errors import ProcessManagerError
from process_manager.log_throttle import RecurringProblem
from process_manager.store.notify import CHANNEL

log = logs.get(__name__)

TURN: Final = 1.0
"""Seconds after which it is asked whether to stop."""

AWAY: Final = 60.0
"""Seconds for which its connection is left to others, who lack one."""

REST: Final = 2.0
"""Seconds before a connection that broke is made anew; meanwhile the worker looks by itself."""


class Listener:
    """A thread with a connection of its own that listens to PostgreSQL; on another database it does nothing."""

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        self._database = database
        self._wake = wake
        self._failed = RecurringProblem(log.warning, "listener.failed", over="listener.recovered")
        self._told = threading.Event()
        self._stop = threading.Event()
        self._listens = threading.Event()
        self._lacks = threading.Event()  # whether others have no connection while this has one
        self._thread = threading.Thread(target=self._go, name="listener", daemon=True)

    def __enter__(self) -> Listener:
        if self._database.dialect == "postgresql":
            self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()

    def heard(self) -> bool:
        """Return whether a notification came since this was last asked."""
        if not self._told.is_set():
            return False
        self._told.clear()  # before the look that follows: what is said from now on is for the next one
        return True

    def give_way(self) -> None:
        """Have the connection left to others for a while, if there is one: by looks alone a worker works, too."""
        if self._listens.is_set():
            self._lacks.set()

    def _hear(self) -> None:
        self._told.set()
        self._wake()

    def _go(self) -> None:
        import psycopg

        while not self._stop.is_set():
            try:
                with self._database.connect() as connection:
                    if not self._database.can_listen(connection):
                        log.info("listener.pooled", looks_every_seconds=1)
                        return
                    self._listen(connection.execution_options(isolation_level="AUTOCOMMIT"))
            except (sa.exc.SQLAlchemyError, ProcessManagerError, psycopg.Error) as problem:
                if self._stop.is_set():
                    return
                self._failed.met(error_codes.message(problem))
            except Exception as problem:  # noqa: BLE001 - the top of a long-lived thread; its traceback is told
                self._failed.met(type(problem).__name__, exc_info=True)
            self._listens.clear()
            self._stop.wait(AWAY if self._lacks.is_set() else REST)
            self._lacks.clear()

    def _listen(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        driver: Any = connection.connection.driver_connection
        self._failed.passed()
        self._listens.set()
        try:
            self._hear()  # what was said while nobody listened
            while not (self._stop.is_set() or self._lacks.is_set()):
                for _notice in driver.notifies(timeout=TURN, stop_after=1):
                    self._hear()
        finally:
            connection.invalidate()  # it listens: nobody else can use it
