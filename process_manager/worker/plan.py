"""What one run of a worker is to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from process_manager.definition.registry import Registry
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.settings import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run of a worker is to do.

    Attributes:
        registry: The classes that it knows.
        settings: The settings in force.
        retry: The policy where neither step nor process has one.
        channels: The channels that it takes processes of; none for all.
        time_box: How long after the run began a step may start; None for no limit.
        until_empty: Whether it ends when nothing is due.
        only: The id of the one process to run, whether or not its moment has come.
    """

    registry: Registry
    settings: Settings
    retry: RetryPolicy
    channels: tuple[str, ...] = ()
    time_box: timedelta | None = None
    until_empty: bool = False
    only: int | None = None
