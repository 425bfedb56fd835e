"""SQL Server: errors after the first result of a statement, which its drivers report only to a caller who reads on.

A trigger or a procedure that counts rows and fails later has sent a result by then. Under XACT_ABORT, and always in a
trigger, that error rolls the transaction back. SQLAlchemy does not read on: it closes a result without rows.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

_READ_BY_SQLALCHEMY: Final = "; select scope_identity()"
"""What SQLAlchemy appends to an INSERT and reads by itself."""


def watch(target: sa.Engine | sa.Connection) -> None:
    """Read every statement without rows to its end: the results have arrived already, so this makes no call."""
    sa.event.listen(target, "after_cursor_execute", _read_on)


def _read_on(_connection: sa.Connection, cursor: Any, text: str, _given: Any, context: Any, _is_many: bool) -> None:
    """Read the remaining results of a statement without rows."""
    if cursor.description is None and not text.endswith(_READ_BY_SQLALCHEMY):
        context._rowcount = cursor.rowcount  # that of the first result, as without us
        while cursor.nextset():
            pass
