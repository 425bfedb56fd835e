"""A process whose row cannot be read in full: shown with all that can be, and with what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.database import error_codes
from process_manager.store import queries
from process_manager.store.filters import Kinds

Row = sa.RowMapping | Mapping[str, Any]

_IN_PART: Final = "is_in_part"


def row(connection: sa.Connection, process_id: int, kinds: Kinds = None) -> Row | None:
    """Return the row of a process without what cannot be read of it, which its message names; None if there is none."""
    try:
        found = queries.process(connection, process_id, kinds=kinds)
        if found is not None:
            _payload(found)
    except Exception as problem:
        if error_codes.concerns_any_row(problem):
            raise
        pieces = _in_pieces(connection, process_id)
        return pieces if kinds is None or pieces["name"] in kinds else None
    return found


def is_in_part(found: Row) -> bool:
    """Return whether not all of the row could be read."""
    return _IN_PART in found


def _in_pieces(connection: sa.Connection, process_id: int) -> Row:
    """Read each column by itself."""
    found: dict[str, Any] = {}
    wrong = []
    for name in queries.COLUMNS:
        try:
            found[name] = queries.column(connection, process_id, name)
        except Exception as problem:
            if error_codes.concerns_any_row(problem):
                raise
            found[name] = None
            wrong.append(f"{name} ({error_codes.message(problem)})")
    try:
        _payload(found)
    except ValueError as problem:
        found |= {"payload": None, "parameters": "{}"}
        wrong.append(f"payload ({problem})")
    return {
        **found,
        _IN_PART: True,
        "message": f"These columns cannot be read: {', '.join(wrong)}. No worker takes it until they are repaired.",
    }


def _payload(found: Row) -> Any:
    return serialization.loads(found["payload"] or found["parameters"] or "{}")
