"""Run the quick tests on copies of this tree, each with one fault in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.mutants.mutations import Mutation

TOP: Final = Path(__file__).parents[2]
OPTIONS: Final = (
    "-x",
    "-q",
    "--no-header",
    "-p",
    "no:cacheprovider",
    "--timeout=60",
    "--hypothesis-seed=0",
    "--tb=line",
)
"""The first failure is enough; a fault that makes a test wait for ever is found by its time limit."""

QUICK: Final = ("-m", "not slow and not crash")
"""Said where files are named, which else would be run whole."""

LONGEST: Final = 900.0  # seconds for one run of the tests
LEFT_OUT: Final = shutil.ignore_patterns(
    ".venv", ".peers", ".git", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "site"
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one mutation."""

    mutation: Mutation
    found_by: str | None
    seconds: float


@contextmanager
def copied() -> Iterator[Path]:
    """Make a copy of the tree that lasts as long as the block."""
    with TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder:
        yield Path(shutil.copytree(TOP, Path(folder) / "tree", ignore=LEFT_OUT, symlinks=True))


def run(tree: Path, tests: Sequence[str], workers: int) -> str | None:
    """Run these tests in the tree; return what failed first, None when nothing did."""
    spread = ["-n", str(workers), "--dist", "worksteal"] if workers > 1 else []
    command = [sys.executable, "-m", "pytest", *OPTIONS, *spread, *tests]
    try:
        ended = subprocess.run(
            command, cwd=tree, env=_environment(tree), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"no end within {LONGEST:.0f} s"
    return _failure(ended.stdout) if ended.returncode else None


def try_one(mutation: Mutation, tree: Path, workers: int) -> Trial:
    """Run the tests of the mutated room, the nearest first, then all quick tests, on the tree with this fault in it."""
    file = tree / mutation.file
    sound = file.read_bytes()
    began = time.monotonic()
    try:
        file.write_bytes(mutation.applied(sound))
        failed = run(tree, [*QUICK, *_nearest(mutation, tree)], 1) or run(tree, ["tests"], workers)
    finally:
        file.write_bytes(sound)
    return Trial(mutation, failed, time.monotonic() - began)


def _nearest(mutation: Mutation, tree: Path) -> list[str]:
    """Return the test files of the room, those first that name the function or the module."""
    names = (mutation.place.rsplit(".", maxsplit=1)[-1], Path(mutation.file).stem)
    files = sorted((tree / "tests" / Path(mutation.file).parts[1]).glob("test_*.py"))
    texts = {file: file.read_text("utf-8") for file in files}
    far = sorted(files, key=lambda file: [name not in texts[file] for name in names])
    return [str(file.relative_to(tree)) for file in far]


def _environment(tree: Path) -> dict[str, str]:
    """Let every program that a test starts import the copy, whatever is installed; and let no test be left out."""
    return {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "CI": ""}


def _failure(output: str) -> str:
    lines = output.splitlines()
    named = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    return (named or lines or ["it said nothing"])[-1][:200]
