"""Reading a stored file: as a file that can be sought in, of which one piece at most is in memory."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO, Protocol

import sqlalchemy as sa

from process_manager.errors import FolderUnusable, NotFound
from process_manager.files import folder
from process_manager.files.stored_file import FOLDER, PIECE, StoredFile
from process_manager.store import files as store

if TYPE_CHECKING:
    from process_manager.settings import Settings


class ReadableDatabase(Protocol):
    """What is needed of a database: a step has less of it than a worker."""

    def read(self) -> AbstractContextManager[sa.Connection]:
        """Return a read transaction."""


def opened(database: ReadableDatabase, settings: Settings, stored: StoredFile) -> BinaryIO:
    """Open a stored file; the caller closes it.

    Args:
        database: The engine's database.
        settings: Where the folder of the files is.
        stored: The file.

    Returns:
        A binary file: it can be read and sought in, and no connection is held between two reads.

    Raises:
        FolderUnusable: Its content is in a folder, and that is not as it was.
    """
    if stored.place == FOLDER:
        if settings.files_folder is None:
            hint = "Name it in PROCESS_MANAGER_FILES_FOLDER."
            raise FolderUnusable(folder="of the files", problem=f"no setting says where {stored.id} is", hint=hint)
        return folder.open_(settings.files_folder, stored.content, size=stored.size)

    def piece(number: int) -> bytes:
        with database.read() as connection:
            found = store.piece(connection, stored.content, number)
        if found is None:
            raise NotFound(problem=f"Piece {number} of file {stored.name!r} is gone: its process was removed.")
        return found

    return io.BufferedReader(_Pieces(piece, stored.size))


class _Pieces(io.RawIOBase):
    """The bytes of a file that is stored in pieces; the last piece that was read is kept."""

    def __init__(self, piece: Callable[[int], bytes], size: int) -> None:
        self._piece = piece
        self._size = size
        self._at = 0
        self._kept = (-1, b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Let the next read begin elsewhere."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as BufferedReader calls it
        """Read into a buffer, at most to the end of a piece."""
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, PIECE)
        if self._kept[0] != number:
            self._kept = (number, self._piece(number))
        data = self._kept[1][within : within + len(buffer)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
