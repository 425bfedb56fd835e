"""For which process the others of a lane wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from process_manager.store import lanes


def ahead(connection: sa.Connection, order_keys: Iterable[str | None]) -> Mapping[str, int]:
    """Return the process for which the others of each of these lanes wait.

    That is the first open one; in a lane with positions, the one that is due or has begun.
    """
    first = lanes.first_of(connection, order_keys)
    if not (with_positions := [key for key, head in first.items() if head < 0]):
        return first
    from process_manager.store import lane_rules

    active = lane_rules.active(connection, with_positions)
    return {key: active[key].id if key in active else abs(head) for key, head in first.items()}
