"""The peers: each in an environment of its own, asked by a script that its own Python runs."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

ENVIRONMENTS: Final = Path(__file__).parents[2] / ".peers"
DBOS_SCRIPT: Final = "dbos_steps.py"
PATIENCE: Final = 1800.0  # seconds for one measurement


@dataclass(frozen=True, slots=True)
class Peer:
    """An engine that a user could pick instead."""

    name: str
    version: str
    script: str  # beside this file
    folder: Path  # of its environment

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        return self.folder.joinpath(*inside)

    def missing(self) -> str | None:
        """What to run to have it; None when it is there."""
        return None if self.python.exists() else f"{self.name} is not installed: `make bench-peers` installs it"

    def ask(self, url: str, way: str, **options: float | str) -> dict[str, Any]:
        """What its script measured; RuntimeError with the end of what it said when it failed."""
        words = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        database = url if self.script == DBOS_SCRIPT else url.replace("+psycopg", "", 1)
        script = Path(__file__).with_name(self.script)
        command: list[str | Path] = [self.python, "-P", script, f"--database={database}", f"--way={way}"]
        ran = subprocess.run([*command, *words], capture_output=True, text=True, timeout=PATIENCE, check=False)
        if ran.returncode:
            raise RuntimeError("\n".join([f"{self.name} failed", *ran.stderr.splitlines()[-15:]]))
        answer: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return answer


class Peers(NamedTuple):
    """All of them."""

    dbos: Peer
    procrastinate: Peer


def peers(folder: Path = ENVIRONMENTS) -> Peers:
    """The peers whose environments lie in this folder, or would."""
    return Peers(
        Peer("DBOS", "3.4.0", DBOS_SCRIPT, folder / "dbos"),
        Peer("Procrastinate", "3.10.0", "procrastinate_steps.py", folder / "procrastinate"),
    )
