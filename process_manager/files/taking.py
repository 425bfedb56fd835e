"""Files for one start: taken in before it, and removed again unless it made them its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import IllegalValue, ProcessManagerError
from process_manager.files import keeping
from process_manager.files.receiving import Receiver
from process_manager.files.stored_file import PIECE, StoredFile
from process_manager.settings import Settings


def take(database: Database, settings: Settings, name: str, source: Path, *, actor: Actor) -> StoredFile:
    """Take in a file of this host.

    Args:
        database: The engine's database.
        settings: How much is taken, of which types, and where it is stored.
        name: By which a step asks for it.
        source: The file.
        actor: Who gives it.

    Returns:
        What was stored; it is nobody's yet.

    Raises:
        IllegalValue: The name is none, files of this type are not taken, or the file cannot be read.
        FileTooLarge: It has more bytes than are taken.
    """
    try:
        opened = source.open("rb")
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        raise IllegalValue(what="file", value=str(source), problem=problem, hint="Name another.") from None
    with opened, Receiver(database, settings, name=name, label=source.name, actor=actor) as receiver:
        while data := opened.read(PIECE):
            receiver.write(data)
    return receiver.file


@contextmanager
def taken(
    database: Database, settings: Settings, sources: Mapping[str, Path], *, actor: Actor
) -> Iterator[Sequence[StoredFile]]:
    """Take in files of this host for the length of the block, in which a process is started with them.

    Args:
        database: The engine's database.
        settings: How much is taken, of which types, and where it is stored.
        sources: The files, by the names by which steps ask for them.
        actor: Who gives them.

    Yields:
        The files. At the end of the block those are removed that are nobody's then.
    """
    found: list[StoredFile] = []
    try:
        for name, source in sources.items():
            found.append(take(database, settings, name, source, actor=actor))
        yield found
    finally:
        with suppress(sa.exc.SQLAlchemyError, ProcessManagerError):  # what is left is removed by a sweep
            keeping.discard(database, settings, found)
