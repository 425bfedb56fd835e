"""Wake parents whose rows were locked when the last of their children settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from process_manager.store import joins, notify


def go_on(connection: sa.Connection, parents: Sequence[int], *, now: datetime) -> None:
    """Wake those of these parents that can be woken now; those that somebody has locked are left to the next sweep."""
    held = sorted(joins.hold(connection, parents))
    if not held:
        return
    before = joins.lock(connection, held)
    after = {parent: each if each.is_ripe else each._replace(waking=0) for parent, each in before.items()}
    if joins.change(connection, before, after, now=now):
        notify.hint(connection)
