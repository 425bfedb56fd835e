"""The files of a process on its page: saved by whoever may read it, and what is personal only with a reason."""

from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import FastAPI
from invoice_pages import text
from pydantic import BaseModel
from rig import asked, execute, settings
from web_visitor import Visitor

from process_manager import Done, File, Personal, Process, StepRun, files
from process_manager.actor import CODE, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.files import StoredFile
from process_manager.web.app import create_app
from process_manager.web.office import Office


class PermitParameters(BaseModel):
    """What a permit is started with."""

    permit: Annotated[str, File()]
    letter: Annotated[str | None, File(), Personal] = None


class Permit(Process):
    """Has files."""

    parameters = PermitParameters
    STEPS = {"a": "step"}

    def step(self, run: StepRun) -> Done:
        return Done()


@pytest.fixture
def app(database: Database) -> FastAPI:
    return create_app(Office.of(settings(), database, Registry([Permit])))


def taken(database: Database, name: str, label: str, content: bytes) -> StoredFile:
    with files.Receiver(database, settings(), name=name, label=label, actor=CODE) as receiver:
        receiver.write(content)
    return receiver.file


def test_a_page_names_the_files_of_its_process_and_sends_them_to_be_saved(visitor: Visitor, database: Database) -> None:
    visitor.come_in(database, role=Role.VIEWER)
    given = [
        taken(database, "permit", "<b>Å-518.html", b"<script>alert(1)</script>" * 60),
        taken(database, "letter", "Ida Holm.txt", b"Dear Ida"),
    ]
    made = asked(database, Permit, files=given).id

    page, file = visitor.get(f"/processes/{made}"), visitor.get(f"/processes/{made}/files/permit")

    shown = text(page)
    assert "<b>Å-518.html permit · SHA-256" in shown
    assert "2 kB" in shown
    assert "letter is personal, so it is saved only with a reason" in shown
    assert "Ida" not in page.text
    assert "<b>" not in page.text.partition("Files that it was started with")[2].partition("</section>")[0].replace(
        "&lt;b&gt;", ""
    )
    assert file.headers["content-disposition"].startswith("attachment; ")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert file.content == b"<script>alert(1)</script>" * 60


def test_what_is_personal_is_saved_with_a_reason_that_the_audit_keeps(visitor: Visitor, database: Database) -> None:
    visitor.come_in(database)
    given = [taken(database, "permit", "p", b"p"), taken(database, "letter", "Ida Holm.txt", b"Dear Ida")]
    made = asked(database, Permit, files=given).id
    path = f"/processes/{made}/files/letter"

    assert visitor.get(path).status_code == 404
    assert visitor.post(f"{path}/reveal", {"reason": " "}).status_code == 422
    answer = visitor.post(f"{path}/reveal", {"reason": "she has called"})

    assert (answer.status_code, answer.content) == (200, b"Dear Ida")
    assert execute(database, "SELECT act, result, reason FROM audit ORDER BY number") == [
        ("reveal", "refused", ""),
        ("reveal", "done", "she has called"),
    ]


def test_a_process_without_files_says_nothing_of_them(visitor: Visitor, database: Database) -> None:
    visitor.come_in(database)
    made = asked(database, Permit, files=[taken(database, "permit", "p", b"p")]).id
    execute(database, "UPDATE files SET process_id = NULL")

    assert "Files that it was started with" not in visitor.get(f"/processes/{made}").text
