"""Notifications that something may be due, where the database can send them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final, Self

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import Database, error_codes
from process_manager.errors import ProcessManagerError
from process_manager.log_throttle import RecurringProblem
from process_manager.store.notify import CHANNEL
from process_manager.worker.background import BackgroundThread

log = logs.get(__name__)

TURN: Final = 1.0
"""Seconds after which it is asked whether to stop."""

AWAY: Final = 60.0
"""Seconds for which its connection is left to others, who lack one."""

REST: Final = 2.0
"""Seconds before a connection that broke is made anew; meanwhile the worker looks by itself."""


class Listener(BackgroundThread):
    """A thread with a connection of its own that listens to PostgreSQL; on another database it does nothing."""

    name = "listener"

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        super().__init__()
        self._database = database
        self._call = wake
        self._deaf = RecurringProblem(log.warning, "listener.failed", over="listener.recovered")
        self._pause = 0.0  # seconds before it listens
        self._told = threading.Event()
        self._listens = threading.Event()
        self._lacks = threading.Event()  # whether others have no connection while this has one

    def __enter__(self) -> Self:
        return super().__enter__() if self._database.dialect == "postgresql" else self

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

    def rest(self) -> float:
        """Return the seconds before it listens again."""
        return self._pause

    def turn(self) -> None:
        """Listen until the connection breaks or is left to others."""
        self._lacks.clear()
        try:
            with self._database.connect() as connection:
                if self._database.can_listen(connection):
                    self._listen(connection.execution_options(isolation_level="AUTOCOMMIT"))
                else:
                    log.info("listener.pooled", looks_every_seconds=1)
                    self.stopping.set()
        finally:
            self._listens.clear()
            self._pause = AWAY if self._lacks.is_set() else REST

    def tell(self, problem: Exception) -> None:
        """Tell of a connection that broke, unless it did so at the end."""
        import psycopg

        if self.stopping.is_set():
            return
        if isinstance(problem, sa.exc.SQLAlchemyError | ProcessManagerError | psycopg.Error):
            self._deaf.failed(error_codes.message(problem))
        else:
            self._deaf.failed(type(problem).__name__, exc_info=True)

    def _hear(self) -> None:
        self._told.set()
        self._call()

    def _listen(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        driver: Any = connection.connection.driver_connection
        self._deaf.recovered()
        self._listens.set()
        try:
            self._hear()  # what was said while nobody listened
            while not (self.stopping.is_set() or self._lacks.is_set()):
                for _notice in driver.notifies(timeout=TURN, stop_after=1):
                    self._hear()
        finally:
            connection.invalidate()  # it listens: nobody else can use it
