"""`/processes/ID/files`: the files that a process was started with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from fastapi import Path
from starlette.responses import Response

from process_manager import inspection
from process_manager.files import StoredFile
from process_manager.governance.process_actions import Reveal
from process_manager.inspection import ProcessFile, Viewer
from process_manager.web import file_answers
from process_manager.web.api import examples
from process_manager.web.api.asking import Doing, Reader, Reading
from process_manager.web.api.process_acts import RevealRequest
from process_manager.web.api.router import ApiRouter, answers, problem
from process_manager.web.api.values import IdInPath

router = ApiRouter("processes")

NameInPath = Annotated[str, Path(max_length=100, description="By which its steps ask for the file.")]


@dataclass(frozen=True, slots=True)
class FileList:
    """The files of a process."""

    items: list[ProcessFile]


def _content(*problems: int) -> dict[str, Any]:
    """Return what the document says of an answer that is a file."""
    kind: Final = {"content": {file_answers.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
    wrong = {each: problem(each) for each in (401, 403, 404, 422, 503, *problems)}
    return {"response_class": Response, "responses": {200: {"description": "The file.", **kind}, **wrong}}


@router.get("/{process_id}/files", summary="List the files of a process", **answers({"items": [examples.FILE]}, 404))
def list_files(reader: Reading, process_id: IdInPath) -> FileList:
    """Return what the files are called, with their sizes and hashes."""
    with reader.office.database.read() as connection:
        return FileList(inspection.process_files(connection, process_id, viewer=reader.viewer))


@router.get("/{process_id}/files/{name}", summary="Download a file of a process", **_content())
def get_file(reader: Reading, process_id: IdInPath, name: NameInPath) -> Response:
    """Return its content, to be saved. What is personal or secret is there for `reveal` only."""
    return file_answers.sent(reader.office, _stored(reader, process_id, name, reader.viewer))


@router.post("/{process_id}/files/{name}/reveal", summary="Download a file that is masked", **_content())
def reveal_file(reader: Reading, doer: Doing, process_id: IdInPath, name: NameInPath, body: RevealRequest) -> Response:
    """Return its content once the audit chain says to whom, and why."""
    doer.act(Reveal(process_id, reason=body.reason))
    return file_answers.sent(reader.office, _stored(reader, process_id, name, replace(reader.viewer, reveals=True)))


def _stored(reader: Reader, process_id: int, name: str, viewer: Viewer) -> StoredFile:
    with reader.office.database.read() as connection:
        return inspection.stored_file(connection, process_id, name, viewer=viewer)
