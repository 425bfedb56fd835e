"""The file drop: one process for each content, however often it is delivered."""

from pathlib import Path

import pytest
from example_office import Office

from examples import file_drop
from examples.file_drop import Delivery

REPORT = '{"case": "2026-17", "text": "A window is broken."}'


@pytest.fixture
def drop(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, and the settings of the program that takes in its files."""
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", f"sqlite:///{(tmp_path / 'engine.db').as_posix()}")
    Path("drop").mkdir()
    Path("taken").mkdir()
    return Path("drop")


def put(drop: Path, name: str, text: str = REPORT) -> None:
    """Deliver a file."""
    (drop / name).write_text(text, encoding="utf-8")


def test_a_file_that_comes_twice_has_one_process(
    office: Office, drop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(drop, "report.json")
    file_drop.main()
    office.work(Delivery)
    put(drop, "copy of report.json")
    put(drop, "other.json", '{"case": "2026-18"}')
    put(drop, "unfinished.part")
    file_drop.main()

    assert capsys.readouterr().out.splitlines() == [
        "report.json: process 1",
        "copy of report.json: process 1, delivered before",
        "other.json: process 2",
    ]
    assert office.history(1) == [("read", "done", "case 2026-17"), ("register", "done", "the case is registered")]
    assert [file.name for file in drop.iterdir()] == ["unfinished.part"]


def test_a_file_that_a_crash_left_in_the_drop_is_taken_in_by_the_next_run(
    office: Office, drop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(drop, "report.json")
    file_drop.main()
    put(drop, "report.json")  # as after a crash between the start and the removal
    file_drop.main()
    office.work(Delivery)

    assert capsys.readouterr().out.splitlines() == [
        "report.json: process 1",
        "report.json: process 1, delivered before",
    ]
    assert office.show(1).status == "succeeded"


@pytest.mark.parametrize("text", ["{", '{"text": "no case"}', "[]"])
def test_a_file_that_is_no_report_is_rejected(office: Office, drop: Path, text: str) -> None:
    put(drop, "report.json", text)
    file_drop.main()
    office.work(Delivery)

    assert office.history(1) == [("read", "reject", "report.json is no report")]
