"""Ending one worker from afar, without cutting a step off."""

from __future__ import annotations

from difflib import get_close_matches

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import joined_transactions
from process_manager.errors import NotFound
from process_manager.message import Message
from process_manager.store import workers


def drain(connection: sa.Connection, name: str) -> bool:
    """Ask a worker to end: it takes nothing more, lets running steps finish within its grace period, and ends.

    It sees this when it next says that it lives, within a third of its lease. What it has not begun, and what may be
    repeated of what it had to break off, is due again at once without an attempt being used.

    Args:
        connection: The caller's connection, in a transaction that is READ COMMITTED.
        name: The name of the worker, as `process-manager workers` lists it.

    Returns:
        Whether it was not asked before.

    Raises:
        NotFound: There is no such worker; the error names the one that was probably meant.
        UnfitTransaction: The connection is for reading, or its transaction is not READ COMMITTED.
    """
    joined_transactions.require(connection)
    if workers.ask_to_drain(connection, name, now=clock.now()):
        return True
    known = workers.names(connection)
    if name in known:
        return False
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "`process-manager workers` lists those that live."
    problem = Message("There is no worker %(name)s: it may have ended.", name=repr(name[:100]))
    raise NotFound.with_hint(problem, hint)
