"""The operator's page of the documentation, done word for word in a folder of its own."""

import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_blocks import Result, called
from page_folder import PageFolder
from programs import Program

from processes.demo import data

pytestmark = pytest.mark.slow

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
PAGE = (HOW_TO / "operate.md").read_text("utf-8").partition("## Many at once")[0]
COMMANDS = re.findall(r"^process-manager ([^\n#]+?)\s*(?:#.*)?$", PAGE, flags=re.MULTILINE)
STOPPING = (HOW_TO / "stop-and-start.md").read_text("utf-8")
FILES = re.findall(r"^\| `locks/([a-z-]+)\.disabled` \|", STOPPING, flags=re.MULTILINE)


@pytest.fixture
def office() -> Iterator[Path]:
    """A folder with invoices to dispatch and no window, which is the working directory."""
    with PageFolder():
        data.make_invoices(Path("invoices.db"), 30)
        data.make_queues(Path("queues.db"))
        Path(".env").write_text(
            "PROCESS_MANAGER_FAKTURERING_URL=sqlite:///invoices.db\n"
            "PROCESS_MANAGER_OPENORCHESTRATOR_URL=sqlite:///queues.db\n",
            encoding="utf-8",
        )
        yield Path.cwd()


def run(command: str) -> Result:
    return called(shlex.split(command))


def work_until_stopped(command: str) -> Result:
    """A worker is stopped by a signal, so it is a program of its own."""
    with Program(
        [sys.executable, "-m", "process_manager", *shlex.split(command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as started:
        ends = time.monotonic() + 30
        while not run("workers -o jsonl").out:
            assert time.monotonic() < ends, "the worker did not come up"
        started.send_signal(signal.SIGTERM)
        out, err = started.communicate(timeout=60)
    return Result(started.returncode, out, err)


@pytest.mark.usefixtures("durable_files")  # doctor looks at that
@pytest.mark.skipif(sys.platform == "win32", reason="a daemon is stopped by SIGTERM here; Windows has Ctrl-Break")
def test_every_command_of_the_operators_page_does_what_it_says_in_the_order_it_stands_there(office: Path) -> None:
    for _ in range(6):
        assert run("start fakturering").code == 0  # so that the page's process is number 7
    assert run("work").code == 0

    ended = {}
    for command in COMMANDS:
        done = work_until_stopped(command) if command == "worker" else run(command)
        assert "Traceback" not in done.err, (command, done.err)
        ended[command] = (done.code, done.err.splitlines()[:1])

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
    assert run("start fakturering").code == 0
    (folder / f"{key}.disabled").touch()

    closed = run("work")
    (folder / f"{key}.disabled").unlink()
    opened = run("work")

    assert (closed.code, opened.code) == (5, 0)


def test_the_page_names_the_switch_files() -> None:
    assert FILES == ["all-commands", "process-manager"]
    assert "`locks/<key>.disabled`" in STOPPING
