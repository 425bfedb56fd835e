"""An office in a folder of its own: a package with one process, and the real command run there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

TEXTS = ("Łódź → 漢", "æøå ÆØÅ", "😀 ÷ \u202e", "it's \\' \\\\ \\u0041 \\n %s :x", "\0 and \ud800", "", "«'\"»" * 200)
"""Texts that a session which is not ours would change, cut or refuse."""

PROCESS = """
from datetime import timedelta
from process_manager import Done, Process, Wait

class Letter(Process):
    STEPS = {"write": "write", "rest": "rest", "post": "post"}

    def write(self, run):
        run.exchange("SAP", {"text": run.payload["text"]})
        return Done(run.payload["text"], {"written": run.payload["text"], run.payload["text"]: 1.1})

    def rest(self, run):
        return Wait("so", after=timedelta(0)) if run.seq == 2 else Done("rested")

    def post(self, run):
        return Done(run.payload["written"])
"""


def environment(url: str, more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command that works on this database."""
    ours = {"PROCESS_MANAGER_DATABASE_URL": url, "PROCESS_MANAGER_QUIET": "none", "PROCESS_MANAGER_ZONE": "UTC"}
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "PROCESS_MANAGER_"))}
    return {**plain, **ours, "PYTHONUTF8": "1", **more}


def furnish(folder: Path, process: str = PROCESS) -> Path:
    """The folder, with the package in it."""
    package = folder / "processes"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "letter.py").write_text(process, encoding="utf-8")
    return folder


def command(folder: Path, url: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One call of the command, which has ended."""
    return subprocess.run(
        [sys.executable, "-m", "process_manager", *words],
        cwd=folder,
        env=environment(url, more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


@contextmanager
def workers(folder: Path, url: str, count: int, **more: str) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many workers, drained at the end of the block."""
    running = []
    try:
        for number in range(count):
            log = (folder / f"worker-{number}.log").open("wb")
            words = [sys.executable, "-m", "process_manager", "worker"]
            running.append(subprocess.Popen(words, cwd=folder, env=environment(url, more), stderr=log, stdout=log))
            log.close()
        yield running
        for each in running:
            each.terminate()
        for each in running:
            each.wait(30)
    finally:
        for each in running:
            each.kill()
            each.wait(10)
