"""The files that a process is started with: those that its class asks for, and no others."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, Field
from rig import abandon, asked, row, settings

from process_manager import Done, File, Process, StepRun, files, operations, serialization
from process_manager.actor import CODE
from process_manager.database import Database
from process_manager.definition.file_fields import file_fields
from process_manager.definition.registry import Registry
from process_manager.errors import IllegalValue, PayloadError
from process_manager.files import StoredFile


class Parameters(BaseModel):
    """What an import is started with."""

    month: str
    rows: Annotated[str, File(".xlsx", ".csv")]
    letter: Annotated[str, File()] | None = Field(None, alias="brev")


class Import(Process):
    """Takes files."""

    STEPS = {"a": "step"}
    parameters = Parameters

    def step(self, run: StepRun) -> Done:
        return Done()


class Plain(Import):
    """Takes none."""

    name = "plain"

    class Parameters(BaseModel):
        month: str

    parameters = Parameters


def taken(database: Database, name: str = "rows", label: str = "november.xlsx") -> StoredFile:
    with files.Receiver(database, settings(), name=name, label=label, actor=CODE) as receiver:
        receiver.write(b"1;2")
    return receiver.file


def test_the_payload_has_what_the_files_are_called(database: Database) -> None:
    given = [taken(database), taken(database, "letter", "Brev.docx")]

    made = asked(database, Import, {"month": "11"}, files=given)

    payload = serialization.loads(row(database, made.id)["parameters"])
    assert payload == {"month": "11", "rows": "november.xlsx", "letter": "Brev.docx"}


@pytest.mark.parametrize(
    ("payload", "given", "problem"),
    [
        ({"month": "11"}, [], "rows: Field required"),
        ({"month": "11", "rows": "x.xlsx"}, [], "rows: This is a file, upload it"),
        ({"month": "11"}, [("rows", "x.pdf")], "rows: The file must end in .xlsx or .csv"),
        ({"month": "11"}, [("rows", "x.csv"), ("rows", "y.csv")], "rows: Two files have this name"),
        ({"month": "11"}, [("rows", "x.CSV"), ("other", "y")], "other: No file is taken here, only as rows, letter"),
    ],
)
def test_what_is_not_asked_for_is_refused(
    database: Database, payload: dict[str, str], given: list[tuple[str, str]], problem: str
) -> None:
    with pytest.raises(PayloadError, match=problem):
        asked(database, Import, payload, files=[taken(database, *each) for each in given])


def test_a_class_whose_parameters_name_no_file_takes_none(database: Database) -> None:
    with pytest.raises(PayloadError, match="rows: No file is taken here, nor under any other name"):
        asked(database, Plain, {"month": "11"}, files=[taken(database)])


def test_what_runs_again_has_its_files_as_far_as_they_are_still_asked_for(database: Database) -> None:
    class Fewer(BaseModel):
        month: str
        rows: Annotated[str, File()]

    newer = type("Import", (Import,), {"version": 2, "parameters": Fewer})
    made = asked(database, Import, {"month": "11"}, files=[taken(database), taken(database, "letter", "b")])
    abandon(database, made.id)
    with database.begin() as connection:
        again = operations.rerun(connection, made.id, registry=Registry([Import, newer]))

    with database.read() as connection:
        assert [*files.of_process(connection, again)] == ["rows"]
        assert {*files.of_process(connection, made.id)} == {"rows", "letter"}


def test_a_bulk_gives_each_start_its_own(database: Database) -> None:
    wanted = [
        operations.Start(Import, {"month": "11"}, files=[taken(database, label="a.csv")]),
        operations.Start(Import, {}, files=[taken(database, label="b.csv")]),
        operations.Start(Import, {"month": "12"}, files=[taken(database, label="c.csv")]),
    ]
    with database.begin() as connection:
        first, wrong, last = operations.start_each(connection, wanted)
        assert isinstance(first, operations.Started)
        assert isinstance(wrong, PayloadError)
        assert isinstance(last, operations.Started)
        labels = [files.of_process(connection, each.id)["rows"].label for each in (first, last)]

    assert labels == ["a.csv", "c.csv"]


def test_a_start_with_files_is_more_than_one_statement(database: Database) -> None:
    assert operations.is_one_statement(operations.Start(Import))
    assert not operations.is_one_statement(operations.Start(Import, files=[taken(database)]))


def test_the_fields_that_take_files_are_those_of_the_model() -> None:
    found = file_fields(Parameters)

    assert [(each.name, each.key, each.endings) for each in found.values()] == [
        ("rows", "rows", (".xlsx", ".csv")),
        ("letter", "brev", ()),
    ]
    with pytest.raises(IllegalValue, match="is not how a file name ends"):
        File("xlsx")


def test_files_of_other_types_are_not_even_taken_in(database: Database, tmp_path: Path) -> None:
    source = tmp_path / "program.exe"
    source.write_bytes(io.BytesIO(b"MZ").read())

    with pytest.raises(IllegalValue, match=r"'program.exe' ends in .exe. Here are taken: .pdf, .xlsx."):
        files.take(database, settings(upload_types=(".pdf", ".xlsx")), "rows", source, actor=CODE)
