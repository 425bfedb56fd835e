"""Makes the workers of a Celery app those of the process manager, too: its two tasks, its tick, and its signals."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from process_manager.errors import UsageError
from process_manager.extras import install_command
from process_manager.fleet.options import AGAIN, RUN, TICK, TICKS, FleetOptions

if TYPE_CHECKING:
    from celery import Celery

    from process_manager.fleet.celery_worker import CeleryWorker

NEVER: Final = 10_000_000
"""Seconds, a hundred days: with 0, Celery takes the limits of the app."""


def install(
    app: Celery,
    *,
    tick: timedelta = timedelta(seconds=1),
    cap: int = 500,
    again: timedelta = AGAIN,
) -> None:
    """Let the workers of a Celery app run what is due.

    Call it once, where the app is made. Workers started with `-Q process-manager.CHANNEL` take the processes of that
    channel; those without `-Q` take every channel that a process class declares. `celery beat` gives the tick.

    Args:
        app: The app, whose broker is Redis (or Valkey) or RabbitMQ.
        tick: How often what is due is looked for.
        cap: The most messages of a channel that are on their way at once, however much is due.
        again: After how long something is sent once more that nobody has claimed.

    Raises:
        UsageError: Celery is not installed, or one of these makes no sense.
    """
    try:
        import celery  # noqa: F401 - only asked for here: what follows needs it
    except ImportError:
        raise UsageError(problem=f"Celery is not installed. Run `{install_command('celery')}`.") from None
    if tick <= timedelta(0) or cap < 1 or again < 2 * tick:
        raise UsageError(problem="tick must be above 0, cap at least 1, and again at least twice the tick.")
    from process_manager.fleet.celery_worker import CeleryWorker

    options = FleetOptions(tick, cap, again)
    worker = CeleryWorker(app, options)
    _add_tasks(app, worker, options)
    worker.listen()


def _add_tasks(app: Celery, worker: CeleryWorker, options: FleetOptions) -> None:
    # A time limit of the app's would kill a step between its effect and its record: steps have limits of their own.
    limits = {"time_limit": NEVER, "soft_time_limit": NEVER}
    common = {"ignore_result": True, "serializer": "json", "shared": False, **limits}

    def run(process_id: int, fence: int) -> str:
        """Run a process that is due until it rests."""
        return worker.run(process_id, fence)

    def tick() -> str:
        """Send what is due."""
        return worker.tick(sends)

    sends = app.task(name=RUN, acks_late=True, reject_on_worker_lost=False, **common)(run)
    ticks = app.task(name=TICK, **common)(tick)
    seconds = options.tick.total_seconds()
    app.add_periodic_task(seconds, ticks.s(), name=TICK, queue=TICKS, expires=max(10 * seconds, 10.0))
