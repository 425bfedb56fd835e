"""The public API is typed: mypy accepts each right use, and refuses each wrong one with the code behind it."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
TOP = HERE.parents[1]


def complaints(*files: Path) -> list[str]:
    """Return what mypy, as strict as in the project, says about these files."""
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", "--warn-unused-ignores", *map(str, files)],
        cwd=TOP,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return [*checked.stdout.splitlines(), *checked.stderr.splitlines()]


def test_mypy_accepts_every_right_use_and_refuses_every_wrong_one_as_it_says() -> None:
    assert complaints(HERE / "right_uses.py", HERE / "wrong_uses.py") == []
