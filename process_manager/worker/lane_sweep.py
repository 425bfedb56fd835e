"""A regular check for lanes that stopped: a process that waits behind nobody is made due."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from process_manager import logs
from process_manager.store import lane_sweep

log = logs.get(__name__)


class LaneSweep:
    """Goes over the lanes of all processes that have not ended, a few at a time, and over and over again."""

    def __init__(self) -> None:
        self._after = ""  # the lane it came to

    def go_on(self, connection: sa.Connection, now: datetime) -> None:
        """Look at the next few lanes: one statement as long as all is as it should be."""
        self._after, resting = lane_sweep.look(connection, self._after)
        if not resting:
            return
        found = lane_sweep.make_due(connection, resting, now=now)
        if found:
            lane_sweep.count(connection, found, now=now)
            log.warning("lane.left_behind", process_ids=found)
