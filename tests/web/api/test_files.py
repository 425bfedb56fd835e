"""Files through the API: stored while they come, counted, called harmlessly, and sent to be saved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from api_caller import PREFIX, Caller, give_token
from fastapi import FastAPI
from pydantic import BaseModel
from rig import abandon, execute, settings, work

from process_manager import Done, File, Personal, Process, StepRun
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.files import PIECE
from process_manager.web.app import create_app
from process_manager.web.office import Office

CONTENT = b"number;amount\r\n" + b"7;100\r\n" * (PIECE // 7)


class ImportParameters(BaseModel):
    """What an import is started with."""

    month: str
    rows: Annotated[str, File(".csv", ".xlsx")]
    letter: Annotated[str | None, File(), Personal] = None


class Import(Process):
    """Counts what is in a file."""

    parameters = ImportParameters
    STEPS = {"count": "count"}

    def count(self, run: StepRun) -> Done:
        with run.files["rows"].open() as content:
            return Done(f"{sum(1 for _ in content)} lines")


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """What the API works with: an import and a folder for switch files."""
    folder = tmp_path / "locks"
    folder.mkdir()
    return Office.of(settings(locks_folder=folder, upload_limit=1), database, Registry([Import]))


@pytest.fixture
def app(office: Office) -> FastAPI:
    return create_app(office)


def send(caller: Caller, path: str = "/processes", **files: tuple[str, bytes]) -> Any:
    form = {"name": "import", "payload": '{"month": "november"}', "reference": ""}
    return caller.client.post(f"{PREFIX}{path}", data=form if path == "/processes" else {}, files=files)


def stored(database: Database) -> list[tuple[int, ...]]:
    """How many processes, files and pieces there are."""
    return [execute(database, f"SELECT count(*) FROM {each}")[0] for each in ("processes", "files", "file_pieces")]  # noqa: S608


def test_a_process_is_started_with_a_file_which_its_step_reads(caller: Caller, database: Database) -> None:
    answer = send(caller, rows=("november.csv", CONTENT))

    assert answer.status_code == 201
    work(database, Import)
    history = caller.get(f"/processes/{answer.json()['id']}/history").json()
    assert history["items"][0]["message"] == f"{PIECE // 7 + 1} lines"


def test_its_files_are_listed_and_downloaded_to_be_saved(caller: Caller, database: Database) -> None:
    made = send(caller, rows=("Fakturaer nov. æøå.csv", CONTENT)).json()["id"]

    (listed,) = caller.get(f"/processes/{made}/files").json()["items"]
    answer = caller.get(f"/processes/{made}/files/rows/")

    assert (listed["name"], listed["label"], listed["size"]) == ("rows", "Fakturaer nov. æøå.csv", len(CONTENT))
    assert answer.content == CONTENT
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"Fakturaer_nov.____.csv\"; filename*=UTF-8''Fakturaer%20nov.%20%C3%A6%C3%B8%C3%A5.csv"
    )


def test_a_name_like_a_path_is_stored_safely(caller: Caller, database: Database) -> None:
    made = send(caller, rows=("../../x.csv", b"1"), letter=("C:\\a\\b.html", b"<script>")).json()["id"]

    assert execute(database, "SELECT name, label FROM files ORDER BY name") == [
        ("letter", "b.html"),
        ("rows", "x.csv"),
    ]
    assert execute(database, "SELECT parameters FROM processes") == [
        ('{"month":"november","rows":"x.csv","letter":"b.html"}',)
    ]
    assert 'filename="x.csv"' in caller.get(f"/processes/{made}/files/rows").headers["content-disposition"]


def test_what_is_too_large_is_refused_and_leaves_nothing(caller: Caller, database: Database) -> None:
    answer = send(caller, rows=("big.csv", b"x" * 1_000_001))

    assert (answer.status_code, answer.json()["code"]) == (413, "file-too-large")
    assert stored(database) == [(0,), (0,), (0,)]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "rows: Field required"),
        ({"rows": ("a.pdf", b"1")}, "rows: The file must end in .csv or .xlsx"),
        ({"rows": ("a.csv", b"1"), "other": ("b", b"2")}, "other: No file is taken here, only as rows, letter"),
        ({"rows": ("a.csv", b"1"), "a b": ("b", b"2")}, "file name 'a b' is not a letter"),
    ],
)
def test_what_its_class_does_not_ask_for_is_refused_and_leaves_nothing(
    caller: Caller, database: Database, files: dict[str, tuple[str, bytes]], problem: str
) -> None:
    answer = send(caller, **(files or {"month": ("", b"")}))

    assert answer.status_code == 422
    assert problem in answer.json()["detail"]
    assert stored(database) == [(0,), (0,), (0,)]


def test_a_dry_run_and_a_start_that_was_there_before_leave_no_file(caller: Caller, database: Database) -> None:
    files = {"rows": ("a.csv", b"1")}
    form = {"name": "import", "payload": '{"month": "november"}', "dedup_key": "k"}
    send_form = caller.client.post
    tried = send_form(f"{PREFIX}/processes", data={**form, "dry_run": "true"}, files=files)
    first = send_form(f"{PREFIX}/processes", data=form, files=files)
    again = send_form(f"{PREFIX}/processes", data=form, files=files)

    assert [each.status_code for each in (tried, first, again)] == [200, 201, 200]
    assert stored(database) == [(1,), (1,), (1,)]


def test_a_rerun_keeps_the_files_but_for_those_that_are_sent(caller: Caller, database: Database) -> None:
    first = send(caller, rows=("a.csv", b"1"), letter=("b.txt", b"2")).json()["id"]
    abandon(database, first)

    kept = caller.post(f"/processes/{first}/rerun").json()["new_id"]
    replaced = send(caller, f"/processes/{first}/rerun", rows=("c.csv", b"three")).json()["new_id"]

    listed = {
        each: sorted((name, label) for name, label in execute(database, SQL, id=each)) for each in (kept, replaced)
    }
    assert listed == {
        kept: [("letter", "b.txt"), ("rows", "a.csv")],
        replaced: [("letter", "b.txt"), ("rows", "c.csv")],
    }
    assert caller.get(f"/processes/{replaced}/files/rows").content == b"three"
    assert caller.get(f"/processes/{kept}/files/rows").content == b"1"


SQL = "SELECT name, label FROM files WHERE process_id = :id"


def test_what_is_personal_is_masked_and_read_by_an_act_that_is_recorded(caller: Caller, database: Database) -> None:
    made = send(caller, rows=("a.csv", b"1"), letter=("Ida Holm.txt", b"Dear Ida")).json()["id"]
    path = f"/processes/{made}/files/letter"

    listed = {each["name"]: each for each in caller.get(f"/processes/{made}/files").json()["items"]}
    refused, revealed = caller.get(path), caller.post(f"{path}/reveal", {"reason": "she has called"})

    assert (listed["letter"]["label"], listed["letter"]["is_masked"]) == ("***", True)
    assert (refused.status_code, "is masked. Reveal it" in refused.json()["detail"]) == (404, True)
    assert revealed.content == b"Dear Ida"
    assert execute(database, "SELECT act, reason FROM audit") == [("reveal", "she has called")]


def test_a_file_that_is_not_there_is_told_as_such(caller: Caller, database: Database) -> None:
    made = send(caller, rows=("a.csv", b"1")).json()["id"]

    answers = [caller.get(f"/processes/{path}") for path in (f"{made}/files/other", "999/files/rows")]

    assert [each.status_code for each in answers] == [404, 404]


def test_who_may_start_nothing_sends_nothing(app: FastAPI, database: Database) -> None:
    give_token(database, "*:read")

    answer = send(Caller(app), rows=("a.csv", b"1"))

    assert answer.status_code == 403
    assert stored(database) == [(0,), (0,), (0,)]


def test_who_sees_other_kinds_only_gets_no_file_of_this_one(app: FastAPI, caller: Caller, database: Database) -> None:
    made = send(caller, rows=("a.csv", b"1")).json()["id"]
    give_token(database, "letter:start,read,act", secret="pm_another", name="other")  # noqa: S106 - of a test
    other = Caller(app, "Bearer pm_another")

    assert [other.get(f"/processes/{made}/files{each}").status_code for each in ("", "/rows")] == [404, 404]
    assert send(other, rows=("a.csv", b"1")).status_code == 404
    assert stored(database) == [(1,), (1,), (1,)]


BOUNDARY = {"Content-Type": "multipart/form-data; boundary=x"}
PART = b'--x\r\nContent-Disposition: form-data; name="rows"; filename="a.csv"\r\n\r\n1\r\n'


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Type": "multipart/form-data"}, PART, 400),
        (BOUNDARY, PART, 400),
        (BOUNDARY, b"nonsense", 400),
        (BOUNDARY, b"--x\r\n" + b"X-Long: " + b"a" * 5000 + b"\r\n\r\n--x--\r\n", 400),
        (BOUNDARY, b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n" * 211 + b"--x--\r\n", 413),
        (BOUNDARY, PART.replace(b"a.csv", b"") + PART.replace(b"rows", b"") + b"--x--\r\n", 422),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(
    caller: Caller, database: Database, headers: dict[str, str], body: bytes, status: int
) -> None:
    answer = caller.client.post(f"{PREFIX}/processes", content=body, headers=headers)

    assert answer.status_code == status
    assert stored(database) == [(0,), (0,), (0,)]


def test_at_most_ten_files_come_at_once(caller: Caller, database: Database) -> None:
    answer = send(caller, **{f"file{number}": ("a.csv", b"1") for number in range(11)})

    assert answer.status_code == 413
    assert stored(database) == [(0,), (0,), (0,)]


def test_no_other_address_takes_more_than_a_form(caller: Caller, database: Database) -> None:
    answer = caller.client.post(f"{PREFIX}/processes/1/restart", files={"a": ("a.csv", b"x" * 1_000_001)})

    assert answer.status_code == 413
