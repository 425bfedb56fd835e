"""The files that a process is started with: whether its class takes them, and that they become its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from process_manager.definition.file_fields import FileField, file_fields
from process_manager.definition.process import Process
from process_manager.errors import PayloadError
from process_manager.message import Message
from process_manager.operations.field_problems import FieldProblem

if TYPE_CHECKING:
    from process_manager.files import StoredFile


def with_files(process: type[Process], payload: Mapping[str, Any], given: Sequence[StoredFile]) -> Mapping[str, Any]:
    """Return the payload with what the files are called, each where its class wants it.

    A class without a model takes any file, as it takes any payload; the payload says nothing of them there.

    Raises:
        PayloadError: A file is not wanted, of another type, or missing although the payload names it.
    """
    fields = file_fields(process.parameters)
    if not given and not fields:
        return payload
    problems = list(_problems(process, fields, payload, given))
    if problems:
        told = "; ".join(f"{'.'.join(each.path)}: {each.why}" for each in problems)
        raise PayloadError(process=process.name, problems=told, fields=tuple(problems))
    return {**payload, **{fields[each.name].key: each.label for each in given if each.name in fields}}


def _problems(
    process: type[Process], fields: Mapping[str, FileField], payload: Mapping[str, Any], given: Sequence[StoredFile]
) -> Iterator[FieldProblem]:
    names = [each.name for each in given]
    for each in given:
        field = fields.get(each.name)
        if names.count(each.name) > 1:
            yield FieldProblem((each.name,), Message("Two files have this name, give each its own"))
        elif field is None and process.parameters is not None:
            yield FieldProblem((each.name,), _unwanted(fields))
        elif field is not None and field.endings and not each.label.lower().endswith(field.endings):
            endings = " or ".join(field.endings)
            yield FieldProblem((field.key,), Message("The file must end in %(endings)s", endings=endings))
    for field in fields.values():
        if field.name not in names and payload.get(field.key) is not None:
            yield FieldProblem((field.key,), Message("This is a file, upload it"))


def _unwanted(fields: Iterable[str]) -> Message:
    wanted = ", ".join(fields)
    if not wanted:
        return Message("No file is taken here, nor under any other name")
    return Message("No file is taken here, only as %(names)s", names=wanted)


def with_others(
    connection: sa.Connection, process_id: int, process: type[Process], given: Sequence[StoredFile]
) -> list[StoredFile]:
    """Return these files, and those of another process that none of them replaces and that the class still takes."""
    from process_manager import files

    kept = files.of_process(connection, process_id)
    left = kept.keys() - {each.name for each in given}
    if process.parameters is not None:
        left &= file_fields(process.parameters).keys()
    return [*given, *(kept[name] for name in sorted(left))]


def bind(connection: sa.Connection, process_id: int, given: Sequence[StoredFile]) -> None:
    """Let the files be those of a process, in the caller's transaction.

    Raises:
        NotFound: One is gone, or has become another's.
    """
    from process_manager import files

    files.bind(connection, process_id, given)
