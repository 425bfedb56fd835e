"""A job started anew from its form: what it was started with stands there, and never what is hidden."""

from __future__ import annotations

import html
import re
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field
from rig import execute, settings
from web_visitor import Visitor

from process_manager import Done, File, Personal, Process, StepRun, clock, files, serialization
from process_manager.actor import CODE, Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import bots
from process_manager.governance.bot_actions import StartJob
from process_manager.web.app import create_app
from process_manager.web.office import Office


class Wanted(BaseModel):
    """What a job is started with."""

    year: int = Field(title="Year")
    cpr: Annotated[str | None, Personal] = None
    note: str | None = None
    told: Annotated[bool, Personal] = True
    heard: bool | None = None
    letter: str = ""
    sheet: Annotated[str | None, File()] = None


class Sheet(Process):
    """Reads a sheet."""

    parameters = Wanted
    STEPS = {"a": "step"}

    def step(self, run: StepRun) -> Done:
        return Done()


KNOWN = Registry([Sheet])
LETTER = "  Dear\r\nAda,\nall is well.\n"
GIVEN = {
    "year": 2026,
    "cpr": "010203-1234",
    "note": "first",
    "told": True,
    "heard": None,
    "letter": LETTER,
    "sheet": "November.csv",
}


@pytest.fixture
def visitor(database: Database) -> Visitor:
    visitor = Visitor(create_app(Office.of(settings(), database, KNOWN)))
    visitor.come_in(database, role=Role.OPERATOR)
    return visitor


@pytest.fixture
def job(database: Database) -> int:
    """A job that was stopped."""
    new = bots.NewBot("Read the sheet", "sheet", default_parameters={"year": 2025})
    bot = database.run(lambda connection: bots.create(connection, new, KNOWN, by="root", now=clock.now()))
    with files.Receiver(database, settings(), name="sheet", label="November.csv", actor=CODE) as receiver:
        receiver.write(b"a;b")
    given = {name: value for name, value in GIVEN.items() if name != "sheet"}
    action = StartJob(bot.id, "sheet", registry=KNOWN, given=given, files=[receiver.file])
    made = database.run(lambda connection: action.perform(connection, Actor("ada"))).id
    done = "status = 'succeeded', step = NULL, due_at = NULL, finished_at = created_at"
    execute(database, f"UPDATE processes SET {done} WHERE id = :id", id=made)  # noqa: S608 - ours
    return made


def sent(visitor: Visitor, job: int, **fields: str) -> Any:
    """The answer to the form."""
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="p.{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Origin": visitor.address}
    return visitor.ask("POST", f"/jobs/{job}/rerun", content=f"{parts}--x--\r\n".encode(), headers=headers)


def made_by(answer: Any) -> int:
    return int(re.search(r"job=(\d+)", answer.headers["location"])[1])  # type: ignore[index]


def started_with(database: Database, job: int) -> dict[str, Any]:
    (found,) = execute(database, "SELECT parameters FROM processes WHERE id = :id", id=job)
    return serialization.loads(found[0])  # type: ignore[no-any-return]


def test_the_form_has_what_the_job_was_started_with_and_nothing_personal(visitor: Visitor, job: int) -> None:
    page = visitor.get(f"/jobs/{job}/rerun").text

    assert re.search(r'name="p.year"[^>]* value="2026"', page)
    assert re.search(r'name="p.note"[^>]* value="first"', page)
    assert "010203" not in page and re.search(r'name="p.cpr"', page) and "Left empty, it stays as it was" in page
    assert "is the one of the old job: November.csv" in page
    assert f'href="/jobs/{job}/rerun"' in visitor.get("/jobs").text


def test_what_is_typed_is_what_the_new_job_has_and_what_is_hidden_stays(
    visitor: Visitor, database: Database, job: int
) -> None:
    answer = sent(visitor, job, year="2027", cpr="", note="")

    new = made_by(answer)
    assert started_with(database, new) == {**GIVEN, "year": 2027, "note": None, "letter": ""}
    assert execute(database, "SELECT rerun_of FROM processes WHERE id = :id", id=new) == [(job,)]


def test_what_nobody_changes_is_as_it_was_to_the_letter(visitor: Visitor, database: Database, job: int) -> None:
    page = visitor.get(f"/jobs/{job}/rerun").text
    shown = re.search(r'<textarea[^>]* name="p.letter"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    assert shown is not None
    sent_letter = html.unescape(shown[1]).replace("\r\n", "\n").replace("\n", "\r\n")  # as a browser sends it

    answer = sent(visitor, job, year="2026", cpr="", note="first", told="", heard="", letter=sent_letter)

    assert started_with(database, made_by(answer)) == GIVEN


def test_a_hidden_box_is_as_it_was_or_yes_or_no(visitor: Visitor, database: Database, job: int) -> None:
    page = visitor.get(f"/jobs/{job}/rerun").text
    choices = re.findall(r'<input type="radio" name="p.told" value="(.*?)"( checked)?> (.*?)</label>', page)
    assert choices == [("", " checked", "As it was"), ("yes", "", "Yes"), ("no", "", "No")]

    found = {typed: started_with(database, made_by(sent(visitor, job, year="1", told=typed))) for typed in ("", "no")}

    assert {typed: each["told"] for typed, each in found.items()} == {"": True, "no": False}


def test_a_box_stays_a_box_whatever_its_options(visitor: Visitor, database: Database, job: int) -> None:
    options = {"heard": {"type": "boolean", "options": [True, False]}}
    schema = serialization.dumps({"year": {"type": "integer"}, "sheet": {"type": "file"}, **options})
    execute(database, "UPDATE bots SET parameter_schema = :schema", schema=schema)
    answer = sent(visitor, job, year="2026", heard="yes")
    again = made_by(answer)
    execute(database, "UPDATE processes SET status = 'succeeded', step = NULL, due_at = NULL, finished_at = created_at")

    page = visitor.get(f"/jobs/{again}/rerun").text

    assert started_with(database, again)["heard"] is True
    assert re.search(r'<input type="checkbox" id="p-heard" name="p.heard" value="yes" checked', page)
    assert started_with(database, made_by(sent(visitor, again, year="2026", heard="yes")))["heard"] is True


def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_started(
    visitor: Visitor, database: Database, job: int
) -> None:
    answer = sent(visitor, job, year="next", cpr="", note="")

    assert (answer.status_code, "Nothing was started." in answer.text) == (422, True)
    assert re.search(r'name="p.year"[^>]*value="next"[^>]*aria-invalid="true"', answer.text)
    assert execute(database, "SELECT count(*) FROM processes") == [(1,)]


def test_its_files_are_there_to_save(visitor: Visitor, job: int) -> None:
    assert f'<a href="/processes/{job}/files/sheet">November.csv</a>' in visitor.get(f"/jobs?job={job}").text
