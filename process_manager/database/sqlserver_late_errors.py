"""SQL Server: an error behind the first answer of a statement, of which its drivers tell only who asks for more.

A trigger or a procedure that counts rows, and fails later, has answered by then. Under XACT_ABORT, and in a trigger
always, that error takes the transaction back. Nobody but us asks: SQLAlchemy closes what answered no rows.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

_ASKED_LATER: Final = "; select scope_identity()"
"""What SQLAlchemy puts behind an INSERT to read it by itself."""


def watch(target: sa.Engine | sa.Connection) -> None:
    """Have each statement that answers no rows be heard to its end: it is read already, so no call is made for it."""
    sa.event.listen(target, "after_cursor_execute", _hear_out)


def _hear_out(_connection: sa.Connection, cursor: Any, text: str, _given: Any, context: Any, _is_many: bool) -> None:
    if cursor.description is None and not text.endswith(_ASKED_LATER):
        context._rowcount = cursor.rowcount  # that of the first answer, as without us
        while cursor.nextset():
            pass
