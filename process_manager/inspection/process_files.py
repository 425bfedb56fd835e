"""The files of a process: what they are called, and whether whoever asks may read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from process_manager import files
from process_manager.definition.markers import ANY, Marks
from process_manager.errors import NotFound
from process_manager.files import StoredFile
from process_manager.inspection import masking
from process_manager.inspection.masking import Shield
from process_manager.inspection.processes import require
from process_manager.inspection.unreadable import Row
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.message import Message
from process_manager.redaction import MASK


@dataclass(frozen=True, slots=True)
class ProcessFile:
    """A file of a process.

    Attributes:
        name: By which its steps ask for it.
        label: What it was called where it came from.
        media_type: What its sender said it is.
        size: Bytes.
        sha256: The hash of its content.
        created_at: When it came.
        created_by: Who sent it.
        is_masked: Whether it is personal or secret, so that it is read only by an act that is recorded.
    """

    name: str
    label: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime
    created_by: str
    is_masked: bool = False


def process_files(connection: sa.Connection, process_id: int, *, viewer: Viewer = CONSOLE) -> list[ProcessFile]:
    """Return the files of a process.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        viewer: Who asks.

    Returns:
        Its files; those that are personal or secret without what they were called.

    Raises:
        UnknownId: There is no such process.
    """
    found, shield = _found(connection, process_id, viewer)
    return files_shown(found, shield)


def stored_file(connection: sa.Connection, process_id: int, name: str, *, viewer: Viewer = CONSOLE) -> StoredFile:
    """Return a file of a process, to be opened.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        name: By which its steps ask for it.
        viewer: Who asks.

    Returns:
        The file.

    Raises:
        UnknownId: There is no such process.
        NotFound: It has no such file, or the file is personal or secret and the viewer reveals nothing.
    """
    found, shield = _found(connection, process_id, viewer)
    if name not in found:
        raise NotFound(problem=Message("Process %(id)s has no file %(name)s.", id=process_id, name=repr(name[:100])))
    if shield is not None and _is_marked(name, shield.marks):
        raise NotFound(
            problem=Message(
                "File %(name)s of process %(id)s is masked. Reveal it, and say why.", name=repr(name), id=process_id
            )
        )
    return found[name]


def files_shown(found: Mapping[str, StoredFile], shield: Shield | None) -> list[ProcessFile]:
    """Return files as they are shown."""
    return [_shown(each, shield) for each in found.values()]


def _found(
    connection: sa.Connection, process_id: int, viewer: Viewer
) -> tuple[Mapping[str, StoredFile], Shield | None]:
    return _found_of(connection, require(connection, process_id, viewer), viewer)


def files_of(connection: sa.Connection, row: Row, viewer: Viewer) -> list[ProcessFile]:
    """Return the files of the process whose row has been read."""
    return files_shown(*_found_of(connection, row, viewer))


def _found_of(connection: sa.Connection, row: Row, viewer: Viewer) -> tuple[Mapping[str, StoredFile], Shield | None]:
    found = files.of_process(connection, row["id"])
    return found, masking.shields(connection, [row], viewer).get(row["id"]) if found else None


def _shown(stored: StoredFile, shield: Shield | None) -> ProcessFile:
    is_masked = shield is not None and _is_marked(stored.name, shield.marks)
    label = stored.label if shield is None else shield.value(stored.label)
    return ProcessFile(
        name=stored.name,
        label=MASK if is_masked else label,
        media_type=stored.media_type,
        size=stored.size,
        sha256=MASK if is_masked else stored.sha256,
        created_at=stored.created_at,
        created_by=stored.created_by,
        is_masked=is_masked,
    )


def _is_marked(name: str, marks: Marks) -> bool:
    """Return whether a file is personal or secret: its field is marked, or anything below its name."""
    return marks.is_unknown or any(path[:1] in ((ANY,), (name,)) for path in marks.paths)
