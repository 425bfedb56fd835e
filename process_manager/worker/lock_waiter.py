"""A thread that waits for a lock in place of the one that records: one result at a time, in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import Database, error_codes
from process_manager.execution.completion import LockedOut, Recorded
from process_manager.lifecycle.transition import Transition
from process_manager.store import notify
from process_manager.worker import ambiguous_commits, background

log = logs.get(__name__)


class LockWaiter:
    """A thread, while there is something to wait for: what holds it up holds up no batch."""

    def __init__(self, database: Database, *, post: Callable[[Transition | Recorded | LockedOut], None]) -> None:
        self._database = database
        self._post = post
        self._is_free = True

    def wait_for(self, transition: Transition) -> bool:
        """Start to wait for the lock that keeps an answer out; return False while another is waited for.

        It is posted as recorded, or, when that took longer than a call may or nobody knows, to be tried as any other.
        """
        if not self._is_free:
            return False
        self._is_free = False
        background.start("lock-waiter", partial(self._record, transition), partial(self._tell, transition))
        return True

    def _record(self, transition: Transition) -> None:
        with self._database.connect() as connection:
            found = self._database.within(connection, lambda c: ambiguous_commits.record(c, [transition]))
            if found.woken:
                notify.hint_at_once(connection)
        self._end(Recorded(transition, kept=bool(found.kept)))

    def _tell(self, transition: Transition, problem: Exception) -> None:
        log.warning("lane.held", process_id=transition.claim.id, problem=error_codes.message(problem))
        self._end(LockedOut(transition) if _is_locked_out(problem) else transition)

    def _end(self, came: Transition | Recorded | LockedOut) -> None:
        self._is_free = True
        self._post(came)


def _is_locked_out(problem: Exception) -> bool:
    """Return whether the wait for a lock timed out."""
    cause = problem if isinstance(problem, sa.exc.DBAPIError) else problem.__cause__
    return isinstance(cause, sa.exc.DBAPIError) and error_codes.timeout_reason(cause) is not None
