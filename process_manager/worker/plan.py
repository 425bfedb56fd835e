"""What one run of a worker is to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from process_manager.definition.registry import Registry
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run of a worker is to do."""

    registry: Registry
    settings: Settings
    retry: RetryPolicy  # where neither step nor process has one
    channels: tuple[str, ...] = ()  # none: every channel
    time_box: timedelta | None = None  # no step starts later than this after the run began
    until_empty: bool = False  # end when nothing is due
    only: int | None = None  # this one process, whether or not its moment has come
