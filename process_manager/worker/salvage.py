"""A batch that failed: what can be written of it is, and the rest is held back or fails alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import sqlalchemy as sa

from process_manager.database import error_codes
from process_manager.database.short_lock_wait import limit_lock_waits
from process_manager.errors import Unwritable
from process_manager.worker.held_back import HeldBack
from process_manager.worker.pending_writes import PendingWrites


class Write(Protocol):
    """Writes what is pending, in one transaction."""

    def __call__(self, connection: sa.Connection, *, claim: bool) -> None:
        """Write it, and with `claim` take more."""


class BatchSalvage:
    """Writes of a batch what can be written: one part of it keeps back no other."""

    def __init__(self, pending: PendingWrites, held_back: HeldBack, write: Write, *, waits: bool) -> None:
        self._pending = pending
        self._held_back = held_back
        self._write = write
        self._waits = waits  # for locks that others hold: then there is nothing to keep

    def rescue(self, connection: sa.Connection, problem: Exception) -> None:
        """Write what can be written after this error of the batch; raise it when none of it can be written now."""
        if not self._pending:
            raise problem  # a look was refused
        is_lock_timeout = isinstance(problem, sa.exc.DBAPIError) and error_codes.is_lock_timeout(problem)
        if is_lock_timeout and not self._waits:
            self._write_free(connection)
        elif error_codes.concerns_any_row(problem):
            raise problem
        else:
            self._write_singly(lambda: self._write(connection, claim=False))

    def _write_free(self, connection: sa.Connection) -> None:
        """Write what concerns rows that nobody else holds; where none is held, try one by one what to keep back."""
        limit_lock_waits(connection)
        free = self._held_back.free(connection, self._pending.transitions, self._pending.said)
        self._pending.transitions, self._pending.said = free
        try:
            self._write(connection, claim=False)
        except sa.exc.DBAPIError as problem:
            if not error_codes.is_lock_timeout(problem):
                raise
            self._write_singly(lambda: self._write_or_keep(connection))

    def _write_singly(self, write: Callable[[], None]) -> None:
        """Write each result alone; keep one that cannot be stored under its lease, and go on with the others."""
        hopeless = self._pending.write_singly(write)
        if not self._waits:
            self._held_back.shelve(hopeless)
        elif hopeless:
            self._pending.transitions += [transition for transition, _problem in hopeless]
            transition, problem = hopeless[0]
            raise Unwritable(process_id=transition.claim.id, problem=problem)

    def _write_or_keep(self, connection: sa.Connection) -> None:
        try:
            self._write(connection, claim=False)
        except sa.exc.DBAPIError as problem:
            if not error_codes.is_lock_timeout(problem):
                raise
            self._held_back.put(self._pending.transitions, alone=True)
            self._held_back.mute(self._pending.said)
            self._pending.clear()
