"""Processes whose steps do to their own process what no step should, for tests of children."""

from __future__ import annotations

import os
from typing import Any

from process_manager import Done, Process, StepRun

SLEEP = "import time; time.sleep(600)"


class Wild(Process):
    """One step that does what its payload names."""

    STEPS = {"do": "do", "after": "do"}

    def do(self, run: StepRun) -> Any:
        return globals()[run.payload["what"]](run)


class Other(Process):
    """Another class, for the same child."""

    STEPS = {"do": "do"}

    def do(self, run: StepRun) -> Done:
        return Done("other", {"pid": os.getpid()})


def answers(run: StepRun) -> Any:
    return Done("done", {"pid": os.getpid(), "key": run.idempotency_key, "attempt": run.attempt})
