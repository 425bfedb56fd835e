"""The processes that steps of another started."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from process_manager.inspection.processes import Filter, Overview, page, require
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import children as store


@dataclass(frozen=True, slots=True)
class ListedChild:
    """A child, under its key among the children of its parent."""

    key: str
    process: Overview


def children(
    connection: sa.Connection, process_id: int, *, limit: int = 50, after: int = 0, viewer: Viewer = CONSOLE
) -> list[ListedChild]:
    """List the children of a process. The next page is the same `after` the last id of this one.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        limit: How many, at most.
        after: Only higher ids: where the page before ended.
        viewer: Who asks.

    Returns:
        The children, in the order in which they were started.

    Raises:
        UnknownId: There is no such process.
    """
    require(connection, process_id, viewer)
    found = store.page(connection, process_id, above=after, limit=limit, kinds=viewer.kinds)
    ids = tuple(each.id for each in found)
    shown = {each.id: each for each in page(connection, Filter(ids=ids), limit=len(ids), viewer=viewer)} if ids else {}
    return [ListedChild(each.key, shown[each.id]) for each in found if each.id in shown]
