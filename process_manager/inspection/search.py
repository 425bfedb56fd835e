"""Processes by what people know of them: their reference, their number, or a field that their class declares."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle import search_terms
from process_manager.store import filters, queries, search_values
from process_manager.store.filters import Filter
from process_manager.store.tables import REFERENCE_LENGTH

MOST_FOUND: Final = 200
"""More are not listed: whoever finds so many did not look for one of them."""

_HIGHEST: Final = 2**63


def found(connection: sa.Connection, text: str, *, viewer: Viewer = CONSOLE) -> tuple[int, ...]:
    """Return the processes with this reference or number, and those that carry it in a field that their class declares.

    Args:
        connection: A connection in any transaction.
        text: The whole of what is searched for.
        viewer: Who asks.

    Returns:
        Their ids, the newest first; at most 200.
    """
    sought = text.strip()
    if not sought or len(sought) > REFERENCE_LENGTH:
        return ()
    named = filters.newest(connection, Filter(reference=sought, kinds=viewer.kinds), limit=MOST_FOUND)
    is_number = sought.isascii() and sought.isdigit() and int(sought) < _HIGHEST
    numbered = queries.visible(connection, [int(sought)], kinds=viewer.kinds) if is_number else set()
    term = search_terms.term(sought)
    carried = [] if term is None else search_values.found(connection, term, kinds=viewer.kinds, most=MOST_FOUND)
    return tuple(sorted({*named, *numbered, *carried}, reverse=True)[:MOST_FOUND])
