"""A durable process manager for back offices."""

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

__all__ = [
    "Actor",
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
