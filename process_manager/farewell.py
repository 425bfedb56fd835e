"""How a run that ends deals with a database that takes no writes: how long it waits for it, and what it leaves."""

from __future__ import annotations

import math
from typing import Final

from process_manager import logs
from process_manager.desk import Desk

log = logs.get(__name__)

MOMENT: Final = 1.0
"""Seconds for which the database is waited for when it would hear nothing new."""

NEAR: Final = 5.0
"""Seconds for which it is waited for after a time box, when answers are to be written."""


def patience(desk: Desk, *, in_time: bool, most: float) -> float:
    """Seconds for which a trouble may last that keeps a worker from ending; `most` when answers would be lost."""
    if in_time and any(job.started is not None and not job.answered for job in desk.held.values()):
        return math.inf  # what runs may finish, and its answer find the database back
    return most if desk.owes() else MOMENT


def leave(desk: Desk) -> None:
    """Give nothing back: no answer of a step is lost with it, and leases end by themselves."""
    log.warning("leases.left", count=len(desk.held))
    desk.tally.left = True
    desk.forget()
