"""The other side of `serve`: a worker process that runs as long as the block."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types


@contextmanager
def serving(database: Path | str, *, under: Sequence[str] = ()) -> Iterator[psutil.Popen]:
    """A worker process on this file or URL; at the end of the block it drains, and `said` is what it told of its run.

    `under` is a command that runs it.
    """
    command = [*under, sys.executable, "-m", "benchmarks.serve", str(database)]
    with psutil.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"the worker process ended with {process.wait()}")
        try:
            yield process
        finally:
            process.stdin.close()
            process.said = process.stdout.read()
            process.wait(timeout=60)
