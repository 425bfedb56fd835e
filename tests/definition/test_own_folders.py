"""The folders `processes` and `tasks` of an office, as a newcomer makes them: without `__init__.py`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TASK = """
from process_manager import Done, Task


class Print(Task):
    def run(self, run):
        return Done("printed")
"""
PROCESS = """
from process_manager import Process, Step
from tasks.printing import Print


class Permit(Process):
    STEPS = {"print": Step(Print, isolation="process")}
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "process_manager", *arguments]
    here = {**os.environ, "PYTHONUTF8": "1", "PROCESS_MANAGER_QUIET": "none"}
    return subprocess.run(command, cwd=folder, env=here, capture_output=True, encoding="utf-8", timeout=60, check=False)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with a process and a shared step."""
    for name, text in (("processes/permit.py", PROCESS), ("tasks/printing.py", TASK)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.mark.slow
def test_a_folder_without_init_adds_to_the_installed_package_for_the_worker_and_for_its_children(office: Path) -> None:
    known = run(office, "processes", "-o", "csv").stdout
    run(office, "start", "permit")
    worked = run(office, "work")

    assert [line.split(",")[0] for line in known.splitlines()] == ["name", "fakturering", "permit"]
    assert "1 process: 1 succeeded." in worked.stderr


@pytest.mark.slow
def test_a_folder_with_init_takes_the_place_of_the_installed_package(office: Path) -> None:
    (office / "processes" / "__init__.py").touch()

    known = run(office, "processes", "-o", "csv").stdout

    assert [line.split(",")[0] for line in known.splitlines()] == ["name", "permit"]


@pytest.mark.slow
def test_a_module_that_would_hide_an_installed_one_is_refused_with_a_hint(office: Path) -> None:
    (office / "processes" / "permit.py").rename(office / "processes" / "fakturering.py")

    refused = run(office, "processes")
    (office / "processes" / "__init__.py").touch()
    known = run(office, "processes", "-o", "csv").stdout

    hidden = office / "processes" / "fakturering"
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"Error: {hidden} has the name of a module that is installed in ")
    assert refused.stderr.endswith(f"then only what is in {office / 'processes'} is used.\n")
    assert [line.split(",")[0] for line in known.splitlines()] == ["name", "permit"]
