"""Processes that leave a trace in a file, for tests that kill their worker."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import psutil

from process_manager import Done, Process, Retry, StepRun


def note(run: StepRun, **more: Any) -> None:
    """Append one line to the file of the process: what an outside system would have seen."""
    line = {"step": run.step, "key": run.idempotency_key, "recovered": run.recovered, "pid": os.getpid(), **more}
    with Path(run.payload["file"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def noted(file: Path, *names: str) -> list[Any]:
    """What was noted, in order."""
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
    return [tuple(line[name] for name in names) if len(names) > 1 else line[names[0]] for line in lines]


class Posting(Process):
    """Posts something outside and dies before that is recorded, the first time."""

    STEPS = {"post": "post", "tell": "tell"}

    def post(self, run: StepRun) -> Done:
        note(run)
        if not run.recovered and run.payload.get("dies"):
            psutil.Process().kill()
        return Done("posted")

    def tell(self, run: StepRun) -> Done:
        note(run)
        return Done("told")


class Long(Process):
    """Rests in its step until a file says go, or it is asked to stop."""

    STEPS = {"rest": "rest"}

    def rest(self, run: StepRun) -> Done | Retry:
        note(run, what="began")
        go = Path(run.payload["go"])
        while not go.exists():
            if run.stop_requested and run.payload.get("obeys"):
                note(run, what="stopped")
                return Retry("asked to stop")
            time.sleep(0.01)
        note(run, what="ended")
        return Done("rested", {"by": os.getpid()})
