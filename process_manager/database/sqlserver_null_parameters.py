"""Errors that a driver of SQL Server hides: while it asks for the type of a None, or between two results.

Under XACT_ABORT such an error rolls the transaction back, and the statement begins a new one. So in an author's
statements we check that the transaction is still the same after each one with a None, with several rows of values or
with several statements; the engine's own statements have none of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from process_manager.database import sqlserver_late_errors, transaction_guard
from process_manager.database.error_codes import RolledBack

_NUMBER: Final = "SELECT @@TRANCOUNT, CURRENT_TRANSACTION_ID()"
_BEFORE: Final = "process_manager.transaction"

_SEVERAL: Final = re.compile(r"(?!\s*SET\s+NOCOUNT\s+ON\b)(\s*(EXEC|\{)|.*;\s*[^;\s])", re.IGNORECASE | re.DOTALL)
"""A procedure, or several statements with a result each. Where counts are no results, an error comes first."""


def watch(target: sa.Engine | sa.Connection) -> None:
    """Let no statement on this engine or connection run in another transaction than the one it was meant for."""
    sqlserver_late_errors.watch(target)
    sa.event.listen(target, "before_cursor_execute", _check_before)
    sa.event.listen(target, "commit", _check_at_commit)


def _check_before(connection: sa.Connection, _cursor: Any, text: str, given: Any, _context: Any, is_many: bool) -> None:
    if _has_changed(connection):
        raise transaction_guard.refuse(connection, _hidden_error())
    if is_many or any(each is None for each in _values(given)) or _SEVERAL.match(text):
        is_open, number = transaction_guard.query(connection, _NUMBER) or (0, 0)
        if is_open:  # otherwise nothing can be lost
            connection.info[_BEFORE] = connection.get_transaction(), number


def _check_at_commit(connection: sa.Connection) -> None:
    if _has_changed(connection):
        transaction_guard.roll_back(connection)
        raise RolledBack(_hidden_error(), "SQL Server")


def _has_changed(connection: sa.Connection) -> bool:
    """Check at the next event, because a result of the statement itself may be unread until then."""
    transaction, before = connection.info.pop(_BEFORE, (None, 0))
    if transaction is None or transaction is not connection.get_transaction():
        return False
    found = transaction_guard.query(connection, _NUMBER)
    return found is not None and (not found[0] or found[1] != before)


def _values(given: Any) -> Iterable[Any]:
    return given.values() if isinstance(given, Mapping) else given


def _hidden_error() -> sa.exc.DBAPIError:
    return sa.exc.DBAPIError(
        None,
        None,
        Exception("one that its driver hid, between two results or while it asked for the type of a None"),
    )
