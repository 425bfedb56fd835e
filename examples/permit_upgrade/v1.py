"""Version 1: a permit is written and printed."""

from __future__ import annotations

from pathlib import Path

from process_manager import Done, Process, StepRun, every

PRINTER = Path("printer")


class Permit(Process):
    """Write a permit and print it."""

    version = 1
    retry = every(minutes=10)
    STEPS = {"write": "write_permit", "print": "print_permit"}

    def write_permit(self, run: StepRun) -> Done:
        return Done("written", {"text": f"{run.payload['applicant']} may dig at {run.payload['case']}."})

    def print_permit(self, run: StepRun) -> Done:
        (PRINTER / f"{run.payload['case']}.txt").write_text(run.payload["text"], encoding="utf-8")
        return Done("printed")
