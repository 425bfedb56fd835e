"""Sends marked processes over the broker."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from process_manager import logs
from process_manager.fleet.options import FleetOptions, queue_of
from process_manager.log_throttle import RecurringProblem
from process_manager.store.sent import SentMark
from process_manager.worker.background import attempt

if TYPE_CHECKING:
    from celery import Celery

log = logs.get(__name__)

ONCE_MORE: Final = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""How often a message is tried: a second time, over a new connection. What fails then is found by the next tick."""

_away: Final = RecurringProblem(log.warning, "fleet.broker_away", over="fleet.broker_back")


def send(app: Celery, task: Any, marks: Sequence[SentMark], options: FleetOptions) -> list[SentMark]:
    """Send a message for each mark.

    Args:
        app: The app of Celery.
        task: The task that runs a process.
        marks: What to send.
        options: After how long a message is worth nothing any more.

    Returns:
        The marks of what could not be sent.
    """
    left = deque(marks)
    attempt(lambda: _send_all(app, task, left, options), lambda problem: _tell(problem, left))
    if marks and not left:
        _away.recovered()
    return list(left)


def _send_all(app: Celery, task: Any, left: deque[SentMark], options: FleetOptions) -> None:
    with app.producer_or_acquire() as producer:
        while left:
            _send(task, left[0], options, producer)
            left.popleft()


def _tell(problem: Exception, left: deque[SentMark]) -> None:
    # By its name alone, whatever it is: what it says may hold the broker's address, with a password.
    _away.failed(type(problem).__name__, unsent=len(left))


def _send(task: Any, mark: SentMark, options: FleetOptions, producer: object) -> None:
    task.apply_async(
        (mark.process_id, mark.fence),
        queue=queue_of(mark.channel),
        expires=options.again.total_seconds(),
        producer=producer,
        retry=True,
        retry_policy=ONCE_MORE,
    )
