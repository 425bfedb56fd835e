"""The files of processes: which there are, and removing them with all that was theirs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from process_manager.database import Database
from process_manager.errors import NotFound
from process_manager.files import folder
from process_manager.files.stored_file import FOLDER, Row, StoredFile
from process_manager.settings import Settings
from process_manager.store import files as store

AT_ONCE: Final = 50
"""Files that one sweep removes at most: whoever uploads waits for it."""


def of_process(connection: sa.Connection, process_id: int) -> dict[str, StoredFile]:
    """Return the files of a process, by name."""
    return {row["name"]: StoredFile.of(row) for row in store.of_process(connection, process_id)}


def bind(connection: sa.Connection, process_id: int, given: Sequence[StoredFile]) -> None:
    """Let files be those of a process, in the caller's transaction; it shares those that are another's already.

    Args:
        connection: The caller's connection, in a transaction.
        process_id: The process, which was started in it.
        given: The files.

    Raises:
        NotFound: One is gone, or has become another's.
    """
    new = [each.id for each in given if each.process_id is None]
    if store.bind(connection, process_id, new) != len(new):
        names = ", ".join(each.label for each in given if each.process_id is None)
        raise NotFound(problem=f"Of {names} one is gone, or was used already. Upload it again.")
    for owner in sorted({each.process_id for each in given if each.process_id is not None}):
        _share(connection, process_id, owner, [each for each in given if each.process_id == owner])


def _share(connection: sa.Connection, process_id: int, owner: int, given: Sequence[StoredFile]) -> None:
    """Give a process the files of another, which nobody removes meanwhile."""
    there = {row["content"] for row in store.of_process(connection, owner, locked=True)}
    for each in given:
        if each.content not in there:
            raise NotFound(problem=f"{each.label} of process {owner} is gone. Upload it again.")
        row = {**asdict(each), "id": secrets.token_hex(16), "process_id": process_id}
        store.insert(connection, row)


def discard(database: Database, settings: Settings, files: Iterable[StoredFile]) -> None:
    """Remove files that no process has; those that one has by now are left alone.

    Args:
        database: The engine's database.
        settings: Where the folder of the files is.
        files: The files.
    """
    rows = [{"id": each.id, "content": each.content, "place": each.place} for each in files]
    if rows:
        drop(database, settings.files_folder, rows)


def drop(database: Database, there: Path | None, rows: Sequence[Row]) -> None:
    """Remove the rows that are nobody's, and the contents that nobody has."""

    def dropped(connection: sa.Connection) -> set[str]:
        store.delete_unbound(connection, [row["id"] for row in rows])
        return _delete_contents(connection, rows)

    _delete_files(there, rows, database.run(dropped))


def remove(database: Database, settings: Settings, process_id: int) -> None:
    """Remove all files of a process, for whoever removes processes: what another process shares is left.

    Args:
        database: The engine's database.
        settings: Where the folder of the files is.
        process_id: The process.
    """

    def removed(connection: sa.Connection) -> tuple[Sequence[Row], set[str]]:
        rows = store.of_process(connection, process_id, locked=True)
        store.delete_of_process(connection, process_id)
        return rows, _delete_contents(connection, rows)

    rows, gone = database.run(removed)
    _delete_files(settings.files_folder, rows, gone)


def sweep(database: Database, settings: Settings, now: datetime) -> int:
    """Remove files that have been nobody's for too long, and return how many there were.

    Args:
        database: The engine's database.
        settings: How long they are kept, and where the folder of the files is.
        now: The present moment.
    """
    with database.read() as connection:
        rows = store.unbound(connection, before=now - settings.upload_keep, most=AT_ONCE)
    if rows:
        drop(database, settings.files_folder, rows)
    return len(rows)


def _delete_contents(connection: sa.Connection, rows: Sequence[Row]) -> set[str]:
    """Delete the pieces of what no file has any more, and return which contents those are."""
    gone = store.unused(connection, {row["content"] for row in rows})
    if any(row["place"] != FOLDER and row["content"] in gone for row in rows):
        store.delete_pieces(connection, gone)
    return gone


def _delete_files(there: Path | None, rows: Sequence[Row], gone: set[str]) -> None:
    """Delete from the folder what is committed to be gone; what cannot be deleted is of no harm."""
    if there is None:
        return
    for row in rows:
        if row["place"] == FOLDER and row["content"] in gone:
            folder.delete(there, row["content"])
