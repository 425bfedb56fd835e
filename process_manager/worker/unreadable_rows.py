"""Rows that cannot be read: they are reported and left out, and stop no other."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from process_manager.database import error_codes
from process_manager.lifecycle.claim import Claim
from process_manager.log_throttle import RecurringProblem
from process_manager.store import claiming


def claims(connection: sa.Connection, ids: Sequence[int], *, told: RecurringProblem) -> list[Claim]:
    """Return the claims of these running processes, as far as they can be read, in this transaction."""
    if not ids:
        return []
    try:
        with connection.begin_nested():
            return claiming.read(connection, ids)
    except Exception as problem:
        if error_codes.concerns_any_row(problem):
            raise
        if len(ids) == 1:
            told.failed(error_codes.message(problem), about=ids[0], process_id=ids[0])
            return []
    return [claim for process_id in ids for claim in claims(connection, [process_id], told=told)]
