"""The peers: each in an environment of its own, asked by a script that its own Python runs."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

TOP: Final = Path(__file__).parents[2]
PATIENCE: Final = 1800.0  # seconds for one measurement


@dataclass(frozen=True, slots=True)
class Peer:
    """An engine that a user could pick instead."""

    name: str
    folder: str  # of its environment, in .peers
    script: str  # beside this file

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        return TOP.joinpath(".peers", self.folder, *inside)

    def missing(self) -> str | None:
        """What to run to have it; None when it is there."""
        return None if self.python.exists() else f"{self.name} is not installed: `make bench-peers` does that"

    def ask(self, database: str, way: str, **options: float) -> dict[str, Any]:
        """What its script measured; RuntimeError with the end of what it said when it failed."""
        words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        command = [self.python, "-P", Path(__file__).with_name(self.script), f"--database={database}", f"--way={way}"]
        ran = subprocess.run([*command, *words], capture_output=True, text=True, timeout=PATIENCE, check=False)
        if ran.returncode:
            raise RuntimeError("\n".join([f"{self.name} failed", *ran.stderr.splitlines()[-15:]]))
        answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return answer


def url_for(peer: Peer, url: str) -> str:
    """The URL as this peer reads it."""
    return url.replace("+psycopg", "", 1) if peer is PROCRASTINATE else url


DBOS: Final = Peer("DBOS", "dbos", "dbos_steps.py")
PROCRASTINATE: Final = Peer("Procrastinate", "procrastinate", "procrastinate_steps.py")
