"""The processes of the tests of Celery: they run in its workers, which import this."""

from __future__ import annotations

import os
import time
from pathlib import Path

from process_manager import Done, Process, Step, StepRun


class Slow(Process):
    """One step that says when it begins, and takes as long as it is told."""

    STEPS = {"do": "do"}
    channel = "slow"

    def do(self, run: StepRun) -> Done:
        """Leave a line in the file that the payload names, and sleep."""
        with Path(run.payload["file"]).open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(run.payload["seconds"])
        return Done("slept")


class Payment(Slow):
    """The same, which may happen only once."""

    STEPS = {"do": Step("do", effect="once")}


class Quick(Process):
    """Three steps that are done at once."""

    STEPS = {"a": "act", "b": "act", "c": "act"}

    def act(self, run: StepRun) -> Done:
        """Do nothing."""
        return Done(f"{run.step} is done")
