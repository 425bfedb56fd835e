"""A durable process manager for back offices."""

from typing import TYPE_CHECKING, Any

from process_manager.actor import Actor, Role
from process_manager.definition.file_fields import File
from process_manager.definition.limit import Limit, Rate
from process_manager.definition.markers import Personal, Secret
from process_manager.definition.process import Process
from process_manager.definition.registry import Registry
from process_manager.definition.schedule import At, Cron
from process_manager.definition.step import Step, Task
from process_manager.definition.step_host import StepChild, StepEvent
from process_manager.definition.step_run import StepRun
from process_manager.errors import BusinessError
from process_manager.lifecycle.outcomes import Done, Outcome, Reject, Retry, Skip, Wait
from process_manager.lifecycle.retry import RetryPolicy, classic, every, exponential, never
from process_manager.lifecycle.upgrade import Upgrade

if TYPE_CHECKING:
    from process_manager.lifecycle.asking import Answer, Ask

__all__ = [
    "Actor",
    "Answer",
    "Ask",
    "At",
    "BusinessError",
    "Cron",
    "Done",
    "File",
    "Limit",
    "Outcome",
    "Personal",
    "Process",
    "Rate",
    "Registry",
    "Reject",
    "Retry",
    "RetryPolicy",
    "Role",
    "Secret",
    "Skip",
    "Step",
    "StepChild",
    "StepEvent",
    "StepRun",
    "Task",
    "Upgrade",
    "Wait",
    "classic",
    "every",
    "exponential",
    "never",
]


def __getattr__(name: str) -> Any:
    """Return what only some processes use, imported when it is first asked for."""
    if name in {"Answer", "Ask"}:
        from process_manager.lifecycle import asking

        return getattr(asking, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
