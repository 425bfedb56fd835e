"""Claims of many at once that go on without the rows that cannot be read."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import error_codes
from process_manager.errors import Unreadable
from process_manager.lifecycle.claim import Claim
from process_manager.log_throttle import RecurringProblem
from process_manager.store import claiming
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest

log = logs.get(__name__)

CAREFUL: Final = 60.0
"""Seconds for which what cannot be read is left out, once something could not."""


class CarefulClaims:
    """Claims for one worker, and knows what it could not read."""

    def __init__(self) -> None:
        self._careful_until = 0.0  # by the monotonic clock
        self._unread: set[int] = set()  # what could not be read since then
        self._unreadable = RecurringProblem(log.error, "process.unreadable")

    def claim(self, connection: sa.Connection, request: ClaimRequest, lease: Lease, room: int) -> list[Claim]:
        """Claim what waits longest; for a while without the unreadable ones, once one of them could not be read."""
        if self.is_careful:
            return self.claim_carefully(connection, request, lease, room)
        with self:
            return claiming.claim_due(connection, request, lease, limit=room)

    @property
    def is_careful(self) -> bool:
        """Whether something could not be read lately."""
        return time.monotonic() < self._careful_until

    def __enter__(self) -> None:
        """Begin a claim of many at once: what cannot be read in the block is left out for a while afterwards."""

    def __exit__(self, _kind: object, problem: BaseException | None, _traceback: object) -> None:
        if not isinstance(problem, Exception) or error_codes.concerns_any_row(problem):
            return
        self._careful_until = time.monotonic() + CAREFUL
        self._unread.clear()
        raise Unreadable(problem=error_codes.message(problem)) from problem

    def claim_carefully(self, connection: sa.Connection, request: ClaimRequest, lease: Lease, room: int) -> list[Claim]:
        """Claim by id those whose rows can be read: all at once, except those that nobody has tried to read yet."""
        found = claiming.due_ids(connection, request, lease, limit=room + len(self._unread))
        readable = [each for each in found if each not in self._unread][:room]
        return self.claim_these(connection, readable, lease, in_pool=request.pool is not None)

    def claim_these(self, connection: sa.Connection, ids: Sequence[int], lease: Lease, *, in_pool: bool) -> list[Claim]:
        """Claim those of these that can be read; those `in_pool` rest in one."""
        if not ids:
            return []
        try:
            with connection.begin_nested():
                return claiming.claim_these(connection, ids, lease, in_pool=in_pool)
        except Exception as problem:
            if error_codes.concerns_any_row(problem):
                raise
            if len(ids) == 1:
                self._unread.add(ids[0])
                self._unreadable.failed(error_codes.message(problem), about=ids[0], process_id=ids[0])
                return []
        alone = (self.claim_these(connection, [process_id], lease, in_pool=in_pool) for process_id in ids)
        return [claim for found in alone for claim in found]
