"""A claimed process with the step it is at."""

from __future__ import annotations

import time

from process_manager.definition.process import Process
from process_manager.definition.step import PlannedStep
from process_manager.definition.step_run import StepRun
from process_manager.lifecycle.claim import Claim


class HeldStep:
    """A held process with the step it is at: not begun, running, or answered."""

    __slots__ = (
        "answered",
        "asked_to_stop",
        "claim",
        "is_isolated",
        "lost",
        "planned",
        "process",
        "ready",
        "run",
        "started",
        "told",
    )

    def __init__(self, claim: Claim, process: type[Process], planned: PlannedStep, run: StepRun) -> None:
        self.claim = claim
        self.process = process
        self.planned = planned
        self.run = run
        self.is_isolated = claim.crashes > 0 or planned.isolation is not None  # to run in a process of its own
        self.ready = time.monotonic()
        self.started: float | None = None  # these by the monotonic clock
        self.lost: float | None = None  # since when its lease is known to be gone, by the same clock
        self.asked_to_stop = False  # by a person, which raised the fence of its row by one
        self.answered = False
        self.told = 0  # how many children were told of it: one to run its step, others to ask its `verify`
