"""Files from the command line: given with a start or a rerun, and told of where they cannot be kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from shop import Shop

BILL = b"number;amount\n7;100\n"


@pytest.fixture
def bill(shop: Shop) -> Path:
    made = shop.folder / "november.csv"
    made.write_bytes(BILL)
    return made


def query(shop: Shop, statement: str) -> list[tuple[object, ...]]:
    """The rows of a statement."""
    with closing(sqlite3.connect(shop.file)) as connection:
        return connection.execute(statement).fetchall()


def kept(shop: Shop) -> list[tuple[object, ...]]:
    """The files that there are: whose, by which name, what they are called and how large."""
    return query(shop, "SELECT process_id, name, label, size FROM files ORDER BY created_at")


def test_a_process_is_started_with_files(shop: Shop, bill: Path) -> None:
    answer = shop.ask("start", "chatty", "--file", f"bill={bill}", "--file", f"copy={bill}")

    assert (answer.code, answer.out) == (0, "1\n")
    assert kept(shop) == [(1, "bill", "november.csv", 20), (1, "copy", "november.csv", 20)]


def test_a_rerun_keeps_its_files_but_for_those_given_anew(shop: Shop, bill: Path, tmp_path: Path) -> None:
    other = tmp_path / "december.csv"
    other.write_bytes(b"1")
    shop.ask("start", "chatty", "--file", f"bill={bill}", "--file", f"copy={bill}")
    shop.ask("abandon-process", 1, "--reason", "wrong bill")

    answer = shop.ask("rerun-process", 1, "--file", f"bill={other}")

    assert (answer.code, answer.out) == (0, "2\n")
    assert sorted(row[1:] for row in kept(shop) if row[0] == 2) == [
        ("bill", "december.csv", 1),
        ("copy", "november.csv", 20),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["bill"], "--file bill is no file with its name. Write --file rows=november.xlsx."),
        (["bill="], "--file bill= is no file with its name."),
        (["bill=nowhere.csv"], "file 'nowhere.csv' cannot be read: No such file or directory."),
        (["bill=november.csv", "bill=november.csv"], "--file bill is given twice."),
        (["b ill=november.csv"], "file name 'b ill' is not a letter"),
    ],
)
def test_what_is_no_file_starts_nothing(shop: Shop, bill: Path, given: list[str], said: str) -> None:
    answer = shop.ask("start", "chatty", *(part for each in given for part in ("--file", each)))

    assert answer.code == 2
    assert said in answer.err
    assert (kept(shop), query(shop, "SELECT count(*) FROM processes")) == ([], [(0,)])


def test_a_start_that_was_there_before_leaves_no_file(shop: Shop, bill: Path) -> None:
    for _ in range(2):
        answer = shop.ask("start", "chatty", "--dedup-key", "k", "--file", f"bill={bill}")

    assert "nothing was started" in answer.err
    assert [row[0] for row in kept(shop)] == [1]


def test_a_check_tries_the_folder_of_the_files(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shop.folder / "files"

    def found() -> tuple[str, str]:
        rows = {row["what"]: (row["result"], row["message"]) for row in shop.ask("check", "-o", "json").json}
        return rows["files"]

    monkeypatch.setenv("PROCESS_MANAGER_FILES_FOLDER", str(folder))
    assert found() == (
        "problem",
        f"The folder {folder} cannot be used for files: there is no such folder. Let this account read, write and "
        "delete there, or name another folder in PROCESS_MANAGER_FILES_FOLDER.",
    )
    folder.mkdir()
    assert found() == ("ok", f"{folder}: a file was written, read and deleted")
    assert list(folder.rglob("*.*")) == []


def test_doctor_warns_of_uploads_whose_process_never_came(shop: Shop, bill: Path) -> None:
    shop.ask("start", "chatty", "--file", f"bill={bill}")
    shop.execute("UPDATE files SET process_id = NULL, created_at = '2026-01-01 00:00:00.000000'")

    (row,) = [each for each in shop.ask("doctor", "-o", "json").json if each["what"] == "uploads"]

    assert (row["result"], row["message"]) == (
        "warning",
        "1 uploaded file of no process, for over 1d: the next upload removes them",
    )
