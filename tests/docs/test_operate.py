"""The operator's page of the documentation, done word for word in a folder of its own."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from programs import Program

from processes.demo import data

pytestmark = pytest.mark.slow

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
PAGE = (HOW_TO / "operate.md").read_text("utf-8").partition("## Many at once")[0]
COMMANDS = re.findall(r"^process-manager ([^\n#]+?)\s*(?:#.*)?$", PAGE, flags=re.MULTILINE)
STOPPING = (HOW_TO / "stop-and-start.md").read_text("utf-8")
FILES = re.findall(r"^\| `locks/([a-z-]+)\.disabled` \|", STOPPING, flags=re.MULTILINE)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with invoices to dispatch, six processes that ran before, and no window."""
    data.make_invoices(tmp_path / "invoices.db", 30)
    data.make_queues(tmp_path / "queues.db")
    (tmp_path / "process_manager.toml").write_text('quiet = "none"\nzone = "Europe/Copenhagen"\n', encoding="utf-8")
    (tmp_path / ".env").write_text(
        "PROCESS_MANAGER_FAKTURERING_URL=sqlite:///invoices.db\n"
        "PROCESS_MANAGER_OPENORCHESTRATOR_URL=sqlite:///queues.db\n",
        encoding="utf-8",
    )
    return tmp_path


def run(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "process_manager", *shlex.split(command)],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        env={**os.environ, "PYTHONUTF8": "1"},
        check=False,
    )


def work_until_stopped(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    with Program(
        [sys.executable, "-m", "process_manager", *shlex.split(command)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as started:
        ends = time.monotonic() + 30
        while not run(folder, "workers -o jsonl").stdout:
            assert time.monotonic() < ends, "the worker did not come up"
        started.send_signal(signal.SIGTERM)
        out, err = started.communicate(timeout=60)
    return subprocess.CompletedProcess(started.args, started.returncode, out, err)


@pytest.mark.skipif(sys.platform == "win32", reason="a daemon is stopped by SIGTERM here; Windows has Ctrl-Break")
def test_every_command_of_the_operators_page_does_what_it_says_in_the_order_it_stands_there(office: Path) -> None:
    for _ in range(6):
        assert run(office, "start fakturering").returncode == 0  # so that the page's process is number 7
    assert run(office, "work").returncode == 0

    ended = {}
    for command in COMMANDS:
        done = work_until_stopped(office, command) if command == "worker" else run(office, command)
        assert "Traceback" not in done.stderr, (command, done.stderr)
        ended[command] = (done.returncode, done.stderr.splitlines()[:1])

    refused = {command: said for command, said in ended.items() if said[0]}
    # Process 7 has ended well by then, and a finished process is never run again by any command.
    assert {command: code for command, (code, _) in refused.items()} == {
        'restart-process 7 --reason "SAP is back"': 4,
        'abandon-process 7 --reason "paid by hand"': 4,
        'resolve-process 7 --happened --reason "SAP shows document 4711"': 4,
        "work 7": 4,
    }
    assert len(COMMANDS) >= 19


@pytest.mark.parametrize("key", FILES)
def test_w3_the_documented_switch_files_are_the_ones_that_are_looked_for(office: Path, key: str) -> None:
    folder = office / "locks"
    folder.mkdir()
    assert run(office, "start fakturering").returncode == 0
    (folder / f"{key}.disabled").touch()

    closed = run(office, "work")
    (folder / f"{key}.disabled").unlink()
    opened = run(office, "work")

    assert (closed.returncode, opened.returncode) == (5, 0)


def test_the_page_names_the_switch_files() -> None:
    assert FILES == ["all-commands", "process-manager"]
    assert "`locks/<key>.disabled`" in STOPPING
