"""What a driver of SQL Server keeps to itself: errors while it asks about a None, or between two answers.

Under XACT_ABORT that takes the transaction back, and the statement begins a new one. So where statements are an
author's, it is looked whether the transaction is still the same after one with a None, with several rows of values, or
with several statements in it; the engine's own are none of these.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import sqlalchemy as sa

from process_manager.database import sqlserver_late_errors, transaction_guard
from process_manager.database.error_codes import TakenBack

_NUMBER: Final = "SELECT @@TRANCOUNT, CURRENT_TRANSACTION_ID()"
_BEFORE: Final = "process_manager.transaction"

_SEVERAL: Final = re.compile(r"(?!\s*SET\s+NOCOUNT\s+ON\b)(\s*(EXEC|\{)|.*;\s*[^;\s])", re.IGNORECASE | re.DOTALL)
"""A procedure, or statements of which each answers by itself. Where counts are no answers, an error comes first."""


def watch(target: sa.Engine | sa.Connection) -> None:
    """Let nothing on this engine or connection be a part of another transaction than the one that it was meant for."""
    sqlserver_late_errors.watch(target)
    sa.event.listen(target, "before_cursor_execute", _look)
    sa.event.listen(target, "commit", _look_last)


def _look(connection: sa.Connection, _cursor: Any, text: str, given: Any, _context: Any, is_many: bool) -> None:
    if _has_changed(connection):
        raise transaction_guard.refuse(connection, _unheard())
    if is_many or any(each is None for each in _values(given)) or _SEVERAL.match(text):
        is_open, number = transaction_guard.asked(connection, _NUMBER) or (0, 0)
        if is_open:  # else there is nothing to be lost
            connection.info[_BEFORE] = connection.get_transaction(), number


def _look_last(connection: sa.Connection) -> None:
    if _has_changed(connection):
        transaction_guard.undo(connection)
        raise TakenBack(_unheard(), "SQL Server")


def _has_changed(connection: sa.Connection) -> bool:
    """Asked when the next thing is done, for an answer of the statement itself may lie unread until then."""
    transaction, before = connection.info.pop(_BEFORE, (None, 0))
    if transaction is None or transaction is not connection.get_transaction():
        return False
    found = transaction_guard.asked(connection, _NUMBER)
    return found is not None and (not found[0] or found[1] != before)


def _values(given: Any) -> Iterable[Any]:
    return given.values() if isinstance(given, Mapping) else given


def _unheard() -> sa.exc.DBAPIError:
    return sa.exc.DBAPIError(
        None, None, Exception("something that its driver, between answers or as it asked about a None, kept to itself")
    )
