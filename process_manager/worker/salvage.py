"""A batch that was not written: because the database refuses a part of it, or because another holds a part of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import sqlalchemy as sa

from process_manager.database import error_codes
from process_manager.database.short_lock_wait import hurry
from process_manager.errors import Unwritable
from process_manager.worker.held_back import HeldBack
from process_manager.worker.pending_writes import PendingWrites


class Write(Protocol):
    """Writes what is in the outbox, in one transaction."""

    def __call__(self, connection: sa.Connection, *, claim: bool) -> None:
        """With `claim` take more."""


class BatchSalvage:
    """Writes of a batch what can be written: one part of it keeps back no other."""

    def __init__(self, outbox: PendingWrites, aside: HeldBack, write: Write, *, waits: bool) -> None:
        self._outbox = outbox
        self._aside = aside
        self._write = write
        self._waits = waits  # for locks that others hold: then there is nothing to keep

    def rescue(self, connection: sa.Connection, problem: Exception) -> None:
        """After this error of the batch; it passes on when none of it can be written now."""
        if not self._outbox:
            raise problem  # a look was refused
        is_locked_out = isinstance(problem, sa.exc.DBAPIError) and error_codes.is_locked_out(problem)
        if is_locked_out and not self._waits:
            self._write_free(connection)
        elif error_codes.meets_any(problem):
            raise problem
        else:
            self._write_singly(lambda: self._write(connection, claim=False))

    def _write_free(self, connection: sa.Connection) -> None:
        """What is of rows that nobody else holds; where it was no row, it is found out one by one what is kept."""
        hurry(connection)
        free = self._aside.free(connection, self._outbox.attempts, self._outbox.said)
        self._outbox.attempts, self._outbox.said = free
        try:
            self._write(connection, claim=False)
        except sa.exc.DBAPIError as problem:
            if not error_codes.is_locked_out(problem):
                raise
            self._write_singly(lambda: self._write_or_keep(connection))

    def _write_singly(self, write: Callable[[], None]) -> None:
        """Of what nothing can be stored, a worker keeps the answer under its lease, and goes on with the others."""
        hopeless = self._outbox.write_singly(write)
        if not self._waits:
            self._aside.shelve(hopeless)
        elif hopeless:
            self._outbox.attempts += [attempt for attempt, _problem in hopeless]
            attempt, problem = hopeless[0]
            raise Unwritable(process_id=attempt.claim.id, problem=problem)

    def _write_or_keep(self, connection: sa.Connection) -> None:
        try:
            self._write(connection, claim=False)
        except sa.exc.DBAPIError as problem:
            if not error_codes.is_locked_out(problem):
                raise
            self._aside.put(self._outbox.attempts, alone=True)
            self._aside.mute(self._outbox.said)
            self._outbox.clear()
