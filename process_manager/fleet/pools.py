"""Which pools of Celery can run steps."""

from __future__ import annotations

from process_manager.errors import UsageError

_GREEN = (
    "pool {name} cannot run steps: its tasks share one thread, so a step that computes, or waits in a database driver, "
    "would keep the leases of all others from being renewed, and another worker would run them a second time. "
    "Start the worker with --pool prefork or --pool threads."
)


def name_of(pool: object) -> str:
    """Return what a pool is called, by its class or the name that the settings give."""
    module = pool if isinstance(pool, str) else getattr(pool, "__module__", "")
    return module.removeprefix("celery.concurrency.").partition(":")[0]


def require_usable(pool: object) -> None:
    """Raise UsageError for a pool of greenlets."""
    name = name_of(pool)
    if name in ("gevent", "eventlet") or getattr(pool, "is_green", False):
        raise UsageError(problem=_GREEN.format(name=name))


def forks(pool: object) -> bool:
    """Return whether its tasks run in processes of their own."""
    return name_of(pool) in ("prefork", "processes")
