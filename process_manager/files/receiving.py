"""Taking in a file piece by piece: hashed and counted on its way, and never whole in memory."""

from __future__ import annotations

import hashlib
import secrets
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import sqlalchemy as sa

from process_manager import clock
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import FileTooLarge, IllegalValue, NotFound
from process_manager.files import folder, keeping, names
from process_manager.files.stored_file import DATABASE, FOLDER, PIECE, StoredFile
from process_manager.settings import Settings
from process_manager.store import files as store

MEGABYTE: Final = 1_000_000


class Receiver:
    """Takes in one file, for the length of its `with` block; what raises there leaves nothing of it."""

    def __init__(  # noqa: PLR0913 - all but two by name
        self,
        database: Database,
        settings: Settings,
        *,
        name: str,
        label: str | None,
        actor: Actor,
        media_type: str | None = None,
    ) -> None:
        """Prepare to take it in.

        Args:
            database: The engine's database.
            settings: How much is taken, of which types, and where it is stored.
            name: By which a step asks for it.
            label: What it is called where it comes from.
            actor: Who sends it.
            media_type: What its sender says it is.

        Raises:
            IllegalValue: The name is none, or files of this type are not taken.
        """
        self._database = database
        self._settings = settings
        self._folder = settings.files_folder
        self._most = settings.upload_limit * MEGABYTE
        id_ = secrets.token_hex(16)
        self._row: dict[str, Any] = {
            "id": id_,
            "content": id_,
            "name": names.checked_name(name),
            "label": names.safe_label(label),
            "media_type": names.safe_media_type(media_type),
            "place": DATABASE if self._folder is None else FOLDER,
            "created_at": clock.now(),
            "created_by": actor.name,
        }
        _refuse_type(self._row["label"], settings.upload_types)
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._size = self._number = 0
        self._has_row = False
        self._file: BinaryIO | None = None
        self._stored: StoredFile | None = None

    def __enter__(self) -> Self:
        keeping.sweep(self._database, self._settings, self._row["created_at"])
        return self

    def __exit__(self, kind: object, *_exception: object) -> None:
        if kind is None:
            self._end()
        else:
            self._drop()

    @property
    def file(self) -> StoredFile:
        """What was stored, once the block has ended."""
        if self._stored is None:
            raise RuntimeError("The file is not taken in yet: its `with` block has not ended.")
        return self._stored

    def write(self, data: bytes) -> None:
        """Take in some bytes; raise FileTooLarge once there are more than are taken."""
        self._size += len(data)
        if self._size > self._most:
            raise FileTooLarge(label=self._row["label"], most=f"{self._most // MEGABYTE} MB")
        self._buffer += data
        while len(self._buffer) >= PIECE:
            self._store(bytes(self._buffer[:PIECE]))
            del self._buffer[:PIECE]

    def _store(self, piece: bytes) -> None:
        self._hash.update(piece)
        if self._folder is None:
            self._database.run(partial(self._insert, piece=piece))
            self._has_row = True
        else:
            self._append(self._folder, piece)
        self._number += 1

    def _insert(self, connection: sa.Connection, piece: bytes) -> None:
        if not self._has_row:
            store.insert(connection, self._row)
        store.insert_piece(connection, self._row["content"], self._number, piece)

    def _append(self, there: Path, piece: bytes) -> None:
        if self._file is None:  # its row first: no file lies there of which nobody knows
            self._database.run(partial(store.insert, row=self._row))
            self._has_row = True
            self._file = folder.create(there, self._row["content"])
        with folder.explained(there):
            self._file.write(piece)

    def _end(self) -> None:
        if self._buffer or self._number == 0:
            self._store(bytes(self._buffer))
        if self._folder is not None and self._file is not None:
            folder.close(self._folder, self._file)
        whole = {"size": self._size, "sha256": self._hash.hexdigest()}
        id_ = self._row["id"]
        if not self._database.run(lambda connection: store.complete(connection, id_, **whole)):  # type: ignore[arg-type]
            raise NotFound(problem=f"{self._row['label']} took too long to come, and was removed meanwhile.")
        self._stored = StoredFile(**self._row, **whole, process_id=None)  # type: ignore[arg-type]  # as the row says

    def _drop(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._has_row:
            keeping.drop(self._database, self._folder, [self._row])


def _refuse_type(label: str, allowed: tuple[str, ...] | None) -> None:
    found = names.ending(label)
    if allowed and found not in allowed:
        problem = f"ends in {found}" if found else "has no ending"
        hint = f"Here are taken: {', '.join(allowed)}."
        raise IllegalValue(what="file", value=label, problem=problem, hint=hint)
