"""Started without its standard streams, or with some that take nothing: it works, and somebody is told."""

import os
import shlex
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from shop import HERE, Shop

from process_manager.cli import output_streams

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell closes the streams")
NO_SYSLOG = pytest.mark.skipif(any(map(os.path.exists, output_streams.SYSLOG)), reason="this host has a log of its own")


def run(shop: Shop, line: str, closed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """What a shell gets of the command, with what is to be done to its streams."""
    program = shlex.join([sys.executable, "-m", "process_manager", *line.split()])
    return subprocess.run(
        ["/bin/sh", "-c", f"{program} {closed}"],
        cwd=shop.folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent.parent)]), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_whatever_stream_is_missing_processes_are_started_and_worked_off(
    shop: Shop, closed: str, unbuffered: str
) -> None:
    codes = [run(shop, line, closed, PYTHONUNBUFFERED=unbuffered).returncode for line in ("start letter", "work")]

    assert codes == [0, 0]
    assert shop.show(1, "status") == "succeeded"


@pytest.mark.slow
def test_nothing_that_is_meant_for_a_closed_stream_is_written_into_the_database(shop: Shop) -> None:
    shop.start("chatty")  # prints to both

    ended = run(shop, "work", "<&- >&- 2>&-")

    with closing(sqlite3.connect(shop.file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert (ended.returncode, shop.show(1, "status")) == (0, "succeeded")


@pytest.mark.slow
@NO_SYSLOG
def test_without_stderr_a_log_and_the_reason_of_a_refusal_go_to_a_file_where_the_platform_has_no_log(
    shop: Shop,
) -> None:
    shop.start("letter")

    codes = [run(shop, line, "2>&-").returncode for line in ("work", "show 99")]

    told = Path(shop.folder, output_streams.LOG_FILE).read_text("utf-8")
    assert codes == [0, 3]
    assert "worker.started" in told
    assert "Error: There is no process with id 99" in told


@pytest.mark.slow
@NO_SYSLOG
def test_a_command_that_has_nothing_to_say_makes_no_file_without_stderr(shop: Shop) -> None:
    shop.start("letter")

    assert run(shop, "list", "2>&-").returncode == 0
    assert not Path(shop.folder, output_streams.LOG_FILE).exists()


@pytest.fixture
def syslog(tmp_path: Path) -> Iterator[socket.socket]:
    """A log of the platform, as /dev/log is one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "log"))
        listening.settimeout(10)
        yield listening


def test_what_is_said_where_nobody_reads_goes_to_the_log_of_the_platform_line_by_line(
    syslog: socket.socket, tmp_path: Path
) -> None:
    with output_streams.Journal((str(tmp_path / "no"), str(tmp_path / "log"))) as journal:
        print("worker.started\nError: no", end="", file=journal)
        print(" such id", file=journal)

    heard = [syslog.recv(1000).decode() for _ in range(2)]
    assert heard == [
        f"<14>process-manager[{os.getpid()}]: worker.started",
        f"<11>process-manager[{os.getpid()}]: Error: no such id",
    ]


def test_a_log_of_the_platform_that_is_gone_stops_nothing(
    syslog: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with output_streams.Journal((str(tmp_path / "log"),)) as journal:
        print("first", file=journal)
        syslog.close()
        monkeypatch.setattr(sys, "stderr", journal)  # where a handler complains of it

        print("second", file=journal)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has it")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_cannot_be_written_is_one_sentence_and_the_work_stands(shop: Shop, unbuffered: str) -> None:
    ended = run(shop, "start letter", ">/dev/full", PYTHONUNBUFFERED=unbuffered)

    said = "The output cannot be written (No space left on device). What was done stands: look, then ask again."
    assert (ended.returncode, ended.stderr) == (1, f"Error: {said}\n")
    assert shop.show(1, "status") == "pending"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has it")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(("line", "code"), [("work", 0), ("show 99", 3), ("list --status nowhere", 2)])
def test_a_stderr_that_takes_nothing_changes_no_exit_code(shop: Shop, line: str, code: int, unbuffered: str) -> None:
    shop.start("letter")

    assert run(shop, line, "2>/dev/full", PYTHONUNBUFFERED=unbuffered).returncode == code


@pytest.mark.slow
def test_what_a_step_did_to_the_streams_and_the_log_of_a_worker_is_put_back(shop: Shop) -> None:
    process_id = shop.start("vandal")

    ended = shop.really("work", "--concurrency", "1")

    said = ended.err.splitlines()
    assert (ended.code, shop.show(process_id, "status")) == (0, "succeeded"), ended.err
    assert len([line for line in said if "shared_state.restored" in line]) == 1
    assert "worker.ended" in said[-2]
    assert said[-1] == "2 step runs: 2 done. 1 process: 1 succeeded."
