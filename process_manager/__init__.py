"""A durable process manager for back offices."""

from process_manager.errors import BusinessError
from process_manager.outcomes import Done, Outcome, Reject, Retry, Skip, Wait
from process_manager.process import Process, Upgrade
from process_manager.retry import RetryPolicy, classic, every, exponential, never
from process_manager.step import Step, Task
from process_manager.steprun import StepRun

__all__ = [
    "BusinessError",
    "Done",
    "Outcome",
    "Process",
    "Reject",
    "Retry",
    "RetryPolicy",
    "Skip",
    "Step",
    "StepRun",
    "Task",
    "Upgrade",
    "Wait",
    "classic",
    "every",
    "exponential",
    "never",
]
