"""A direct call from a robot: the process runs here and now, and what cannot be done now is left to the workers.

It shows how a script uses the engine without a worker. The steps run in the robot's own thread, each recorded before
the next. When the archive does not answer, the robot is told `waiting` and goes on with its next case; whichever worker
comes first finishes this one. The dedup key makes a robot that is started again find its own process.

    mkdir archive
    process-manager db upgrade
    python -m examples.robot_call 2026-17
"""

from __future__ import annotations

import sys
from pathlib import Path

from process_manager import Done, Process, StepRun, direct, every

ARCHIVE = Path("archive")


class RegisterCase(Process):
    """Register a case, and file its papers in the archive."""

    retry = every(minutes=15)
    STEPS = {"register": "register", "file": "file_papers"}

    def register(self, run: StepRun) -> Done:
        return Done("registered", {"number": f"A-{run.payload['case']}"})

    def file_papers(self, run: StepRun) -> Done:
        (ARCHIVE / f"{run.payload['number']}.txt").write_text("papers", encoding="utf-8")
        return Done(f"filed as {run.payload['number']}")


def main(case: str) -> int:
    """Register one case; return 0 when it is filed, 1 when that is left to the workers."""
    rest = direct.run(RegisterCase, {"case": case}, reference=case, dedup_key=case)
    print(f"Process {rest.id} is {rest.status}.")
    return 0 if rest.status == "succeeded" else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
