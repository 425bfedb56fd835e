"""The demo tells the truth: every row in the queue exactly once, also when a worker is killed in the middle."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from shop import Shop

PROOF = "Proof: 0 rows left Claimed, 240 rows handed over, 240 elements in the queue, 0 doubled."


def ask(folder: Path, file: str, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / file)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture
def office(bare: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A folder whose own packages are the shipped ones."""
    monkeypatch.delenv("PROCESS_MANAGER_PROCESS_PACKAGES")
    return bare


def test_the_demo_dispatches_every_row_and_shows_what_happened(office: Shop) -> None:
    answer = office.ask("demo")

    assert answer.code == 0, answer.err
    assert f"{PROOF}\nTo see three weeks of an office in a browser: process-manager demo --web\n" in answer.out
    assert "invoices.db           the office's invoice rows: 240 Afsendt, 30 Faktureret, 30 Ny" in answer.out
    assert "Process 1 has succeeded: 240 rows TilFakturering." in answer.out
    assert "TilFakturering  240" in answer.out
    assert "Queue elements: 240 in VejmanKassenSAP, 0 doubled" in answer.out
    assert "2    queue     1        done     240 rows put into VejmanKassenSAP" in answer.out
    assert "Dispatch: 240 of 240 rows handed over" in answer.err


def test_the_rows_are_as_an_office_has_them(office: Shop) -> None:
    office.ask("demo", "--rows", 40, "--folder", "office")

    rows = ask(Path("office"), "invoices.db", "SELECT Ansøger, VejmanID FROM VejmanFakturering")
    elements = ask(Path("office"), "openorchestrator.db", "SELECT data FROM Queues")
    assert any(letter in str(name) for name, _ in rows for letter in "æøå")
    assert None in {vejman_id for _, vejman_id in rows}
    assert any('"VejmanID":"Henstilling"' in str(data) for (data,) in elements)


def test_asked_again_there_is_nothing_to_do(office: Shop) -> None:
    office.ask("demo", "--rows", 20)

    again, killing = office.ask("demo"), office.ask("demo", "--crash", "--folder", "demo")

    assert [again.code, killing.code] == [0, 0]
    assert "There is nothing to do: no row is Afsendt. Process 2 was skipped" in again.out
    assert "No row is Afsendt, so there is nothing to kill a worker in." in killing.out
    assert len(ask(Path("demo"), "openorchestrator.db", "SELECT id FROM Queues")) == 16


def test_no_rows_at_all_are_nothing_to_do(office: Shop) -> None:
    answer = office.ask("demo", "--rows", 0)

    assert (answer.code, "There is nothing to do" in answer.out) == (0, True)


@pytest.mark.crash
def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(office: Shop) -> None:
    answer = office.really("demo", "--crash")

    before, after = answer.out.split("A new worker takes over then")
    assert answer.code == 0, answer.err
    assert "Killed worker" in before
    assert "Elements:  240 in VejmanKassenSAP" in before
    assert "2    queue  1        started" in before
    assert "2    queue     1        lost" in after
    assert "3    queue     1        done" in after
    assert f"{PROOF}\n" in after
    references = ask(
        Path("demo-crash"), "openorchestrator.db", "SELECT count(*), count(DISTINCT reference) FROM Queues"
    )
    assert references == [(240, 240)]


@pytest.mark.crash
def test_a_crash_is_shown_after_the_demo_and_again_and_leaves_the_demo_as_it_is(office: Shop) -> None:
    plain = office.ask("demo", "--rows", 20)
    before = ask(Path("demo"), "invoices.db", "SELECT ID, FakturaStatus FROM VejmanFakturering")

    crashes = [office.really("demo", "--crash", "--rows", 20) for _ in range(2)]

    assert [answer.code for answer in (plain, *crashes)] == [0, 0, 0]
    for crash in crashes:
        assert "those in demo-crash/ are made anew each time" in crash.out
        assert "Killed worker" in crash.out
        assert "0 rows left Claimed, 16 rows handed over, 16 elements in the queue, 0 doubled.\n" in crash.out
    assert ask(Path("demo"), "invoices.db", "SELECT ID, FakturaStatus FROM VejmanFakturering") == before


def test_the_demo_is_the_same_whatever_the_settings_of_the_folder(
    office: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("process_manager.toml").write_text("this is no toml")
    Path(".env").write_bytes(b"\xff\xfe")
    monkeypatch.setenv("PROCESS_MANAGER_DATABASE_URL", "nonsense")
    monkeypatch.setenv("PROCESS_MANAGER_QUIET", "always")

    answer = office.ask("demo", "--rows", 10)

    assert answer.code == 0, answer.err
    assert "Proof: 0 rows left Claimed, 8 rows handed over, 8 elements in the queue, 0 doubled.\n" in answer.out
    assert not office.file.exists()


def test_a_folder_that_cannot_be_made_is_told(office: Shop) -> None:
    Path("taken").write_text("")

    answers = [office.ask("demo", "--folder", folder) for folder in ("taken", "taken/below")]

    assert [(answer.code, answer.err.count("\n")) for answer in answers] == [(2, 1), (2, 1)]


def test_a_file_in_the_place_of_the_crash_folder_is_told_and_kept(office: Shop) -> None:
    Path("demo-crash").write_text("mine")

    answer = office.ask("demo", "--crash")

    assert (answer.code, answer.err.count("\n"), Path("demo-crash").read_text()) == (2, 1, "mine")


@pytest.mark.parametrize("words", [["demo"], ["demo", "--crash"]])
def test_a_folder_with_an_offices_own_database_is_left_as_it_is(office: Shop, words: list[str]) -> None:
    office.start("fakturering")
    before = office.content()

    answer = office.ask(*words, "--folder", ".")

    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "holds a database that is not the demo's. Name another with --folder." in answer.err
    assert office.content() == before
    assert [file for file in office.folder.iterdir() if file.name in ("invoices.db", "openorchestrator.db")] == []
