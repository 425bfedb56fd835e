"""What steps did outside the engine: lines in files that no worker's death takes back."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from process_manager import StepRun

_lock = threading.Lock()


class Effect(NamedTuple):
    """One line: who did what for which step, and when by this host's monotonic and wall clocks."""

    process_id: int
    step: str
    what: str
    key: str
    pid: int
    at: float
    wall: float


def note(run: StepRun, what: str = "done") -> None:
    """Append a line to the file of this operating system process; it is there when this returns."""
    line = Effect(run.process_id, run.step, what, run.idempotency_key, os.getpid(), time.monotonic(), time.time())
    path = Path(run.payload["effects"]) / f"{os.getpid()}.jsonl"
    with _lock, path.open("ab", buffering=0) as file:
        file.write(f"{json.dumps(line)}\n".encode())


def noted(folder: Path) -> list[Effect]:
    """Every line of every file, the earliest first."""
    return sorted(_lines(folder), key=lambda effect: effect.at)


def _lines(folder: Path) -> Iterator[Effect]:
    for path in folder.glob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            yield Effect(*json.loads(line))
