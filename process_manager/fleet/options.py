"""How what is due is handed to Celery, and the names that both sides of a broker know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

RUN: Final = "process_manager.run"
TICK: Final = "process_manager.tick"
"""The names of the two tasks."""

PREFIX: Final = "process-manager."
"""How each queue is called that is ours: it stands before the name of a channel."""

TICKS: Final = "process-manager-tick"
"""The queue of the ticks: every worker that takes a channel takes it, too."""

BOX: Final = 60.0
"""Seconds after which a task starts no further step, so that no message is held for long."""


AGAIN: Final = timedelta(minutes=5)
"""After how long something is sent once more that nobody has claimed."""

SOON: Final = timedelta(seconds=10)
"""The same for what came to a worker that does not know its code: another one of the channel may."""


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """How what is due is handed to Celery.

    Attributes:
        tick: How often it is looked for.
        cap: The most messages of a channel that are on their way at once.
        again: After how long something is sent once more that nobody has claimed.
    """

    tick: timedelta
    cap: int
    again: timedelta


def queue_of(channel: str) -> str:
    """Return the queue of a channel."""
    return f"{PREFIX}{channel}"


def channel_of(queue: str) -> str | None:
    """Return the channel of a queue; None when it is none of ours."""
    return queue.removeprefix(PREFIX) if queue.startswith(PREFIX) else None
