"""The direct call: done here and now, or left to a worker."""

from pathlib import Path

import pytest
from example_office import Office, missing

from examples import robot_call
from examples.robot_call import RegisterCase


@pytest.fixture
def robot(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office, whose database is that of the robot's settings."""
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", f"sqlite:///{(tmp_path / 'engine.db').as_posix()}")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", "none")
    return office


def test_a_robot_has_its_case_filed_when_the_call_returns(robot: Office, capsys: pytest.CaptureFixture[str]) -> None:
    Path("archive").mkdir()

    assert robot_call.main("2026-17") == 0

    assert robot.history(1) == [("register", "done", "registered"), ("file", "done", "filed as A-2026-17")]
    assert capsys.readouterr().out == "Process 1 is succeeded.\n"


def test_what_the_archive_does_not_take_is_finished_by_a_worker(
    robot: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert robot_call.main("2026-17") == 1
    assert robot_call.main("2026-17") == 1  # a robot that is started again finds its own process
    Path("archive").mkdir()
    robot.work(RegisterCase, minutes=15)

    assert robot.history(1) == [
        ("register", "done", "registered"),
        ("file", "retry", missing("archive/A-2026-17.txt")),
        ("file", "done", "filed as A-2026-17"),
    ]
    assert capsys.readouterr().out == "Process 1 is waiting.\nProcess 1 is waiting.\n"
