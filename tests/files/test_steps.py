"""What a step has of the files of its process, wherever it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from rig import asked, history, settings, work

from process_manager import Done, Process, Step, StepRun, classic, files
from process_manager.actor import CODE
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import FileTooLarge
from process_manager.files import PIECE
from process_manager.worker import Plan

CONTENT = b"number;amount\n7;100\n" + b" " * PIECE


class Reader(Process):
    """Counts what is in a file."""

    STEPS = {"count": "count"}

    def count(self, run: StepRun) -> Done:
        file = run.files["rows"]
        with file.open() as content:
            whole = content.read()
        return Done(f"{file.label}: {len(whole)} bytes of {file.size}", {"names": sorted(run.files)})


class ReaderApart(Reader):
    """The same in a child process."""

    name = "reader-apart"
    STEPS = {"count": Step("count", isolation="process")}


class ReaderTransactional(Reader):
    """The same in a step that writes to the engine's database."""

    name = "reader-transactional"
    STEPS = {"count": Step("count", effect="transactional")}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    made = tmp_path / "november.csv"
    made.write_bytes(CONTENT)
    return made


@pytest.fixture(params=["database", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Where contents are: None for the database."""
    return None if request.param == "database" else tmp_path / "files"


@pytest.mark.parametrize("process", [Reader, ReaderTransactional])
def test_a_step_reads_a_file_of_its_process(database: Database, source: Path, process: type[Process]) -> None:
    with files.taken(database, settings(), {"rows": source}, actor=CODE) as given:
        made = asked(database, process, files=given)

    work(database, process)

    (run,) = history(database, made.id)
    assert (run.outcome, run.message) == ("done", f"november.csv: {len(CONTENT)} bytes of {len(CONTENT)}")


@pytest.mark.slow
def test_a_step_in_a_child_process_reads_it_too(database: Database, source: Path) -> None:
    with files.taken(database, settings(), {"rows": source}, actor=CODE) as given:
        made = asked(database, ReaderApart, files=given)

    work(database, ReaderApart)

    (run,) = history(database, made.id)
    assert (run.outcome, run.message) == ("done", f"november.csv: {len(CONTENT)} bytes of {len(CONTENT)}")


def test_a_direct_call_takes_files_of_this_host(database: Database, source: Path, place: Path | None) -> None:
    plan = Plan(Registry([Reader]), settings(files_folder=place), classic())
    with Direct(database, plan) as direct:
        rest = direct.run(Reader, {"month": "november"}, files={"rows": source})

    (run,) = history(database, rest.id)
    assert (rest.status, run.payload) == ("succeeded", {"names": ["rows"]})


def test_a_file_that_is_not_there_is_told_with_those_that_are(database: Database, source: Path) -> None:
    with files.taken(database, settings(), {"lines": source}, actor=CODE) as given:
        made = asked(database, Reader, files=given)

    work(database, Reader)

    (run,) = history(database, made.id)
    assert run.message == "This process was given no file 'rows': it has 'lines'."


def test_what_is_too_large_starts_nothing_and_leaves_nothing(database: Database, tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    with big.open("wb") as made:
        made.truncate(1_000_001)
    plan = Plan(Registry([Reader]), settings(upload_limit=1), classic())

    with Direct(database, plan) as direct, pytest.raises(FileTooLarge, match=r"big\.bin has more than 1 MB"):
        direct.run(Reader, files={"rows": big})

    with database.read() as connection:
        counts = [connection.exec_driver_sql(f"SELECT count(*) FROM {each}").scalar() for each in TABLES]  # noqa: S608
    assert counts == [0, 0, 0]


TABLES = ("processes", "files", "file_pieces")
