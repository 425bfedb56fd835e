"""One log file that several workers write and rotate at once."""

import json
import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from programs import Program

pytestmark = pytest.mark.slow

TOP = Path(__file__).parent.parent
WORKERS = 3
LINES = 300
SIZE = 10_000  # bytes at which the file is rotated: some twenty times in this test

WRITER = """
import pathlib, sys, time
from process_manager import logs

config, start, worker, lines = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
logs.configure(config=config)
log = logs.get("office").bind(worker=worker)
pathlib.Path(f"ready-{worker}").touch()
while not start.exists():
    time.sleep(0.001)
for number in range(lines):
    log.info("step.done", number=number, note="r\\u00e6kker \\ud800", url="mssql://sa:hunter2@srv")
"""


def configured(folder: Path, *, keep_open: bool) -> Path:
    """The shipped file with its file handler in force, rotating early and keeping all."""
    text = re.sub(r"^  # (  |file:)", r"  \1", (TOP / "logging.yaml").read_text("utf-8"), flags=re.MULTILINE)
    for old, new in {
        "maxBytes: 10000000": f"maxBytes: {SIZE}\n    keep_file_open: {keep_open}",
        "backupCount: 10": "backupCount: 500",
        "[stderr]": "[file]",
    }.items():
        assert old in text
        text = text.replace(old, new)
    config = folder / "own.yaml"
    config.write_text(text, "utf-8")
    return config


def all_writing(folder: Path, config: Path) -> list[str]:
    """What each worker said on stderr; they start writing at the same moment."""
    command = [sys.executable, "-c", WRITER, str(config), str(folder / "start")]
    with ExitStack() as running:
        workers = [
            running.enter_context(
                Program([*command, str(each), str(LINES)], cwd=folder, stderr=subprocess.PIPE, text=True)
            )
            for each in range(WORKERS)
        ]
        ends = time.monotonic() + 30
        while len(list(folder.glob("ready-*"))) < WORKERS and time.monotonic() < ends:
            time.sleep(0.01)
        (folder / "start").touch()
        return [worker.communicate(timeout=60)[1] for worker in workers]


def in_order(folder: Path) -> list[Path]:
    """The log's files, the oldest first."""
    return sorted(folder.glob("process-manager.log*"), key=lambda file: -int(file.suffix[1:].replace("log", "0")))


@pytest.mark.parametrize("keep_open", [True, False], ids=["kept open", "opened for each line, as on Windows"])
def test_no_line_is_lost_torn_or_out_of_order_while_three_workers_write_and_rotate(
    keep_open: bool, tmp_path: Path
) -> None:
    said = all_writing(tmp_path, configured(tmp_path, keep_open=keep_open))

    files = in_order(tmp_path)
    written: list[Any] = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    numbers = {each: [line["number"] for line in written if line["worker"] == str(each)] for each in range(WORKERS)}
    assert said == [""] * WORKERS
    assert numbers == {each: list(range(LINES)) for each in range(WORKERS)}
    assert len(files) > 10
    assert max(file.stat().st_size for file in files) < SIZE + 500  # rotated by the line that goes over it


def test_what_lies_in_the_file_is_masked_and_utf_8_as_everywhere(tmp_path: Path) -> None:
    all_writing(tmp_path, configured(tmp_path, keep_open=True))

    written = [json.loads(line) for file in in_order(tmp_path) for line in file.read_text("utf-8").splitlines()]
    assert {(line["note"], line["url"]) for line in written} == {("rækker \ud800", "mssql://sa:***@srv")}
