"""Leaves the ticks out of what Celery logs of each task: one a second would bury all else."""

from __future__ import annotations

import logging
from typing import Final

from process_manager.fleet.options import TICK

LOGGERS: Final = ("celery.beat", "celery.worker.strategy", "celery.app.trace")
"""Which tell that a task was sent, received and done."""


class _WithoutTicks(logging.Filter):
    """Lets through all but that a tick went as it should."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or TICK not in record.getMessage()


def leave_out_ticks() -> None:
    """Do so in this program, once."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, _WithoutTicks) for each in logger.filters):
            logger.addFilter(_WithoutTicks())
