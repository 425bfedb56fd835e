"""Store what people upload: a row for each file, and its content piece by piece."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.file_tables import file_pieces, files

f, pieces = files.c, file_pieces.c


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """Insert the row of a file."""
    connection.execute(sa.insert(files).values(row))


def insert_piece(connection: sa.Connection, content: str, number: int, data: bytes) -> None:
    """Insert a piece of a content."""
    connection.execute(sa.insert(file_pieces).values(content=content, number=number, bytes=data))


def complete(connection: sa.Connection, file_id: str, *, size: int, sha256: str) -> bool:
    """Record that all of a file is there, and return whether its row still was."""
    changed = sa.update(files).where(f.id == file_id).values(size=size, sha256=sha256)
    return bool(connection.execute(changed).rowcount)


def bind(connection: sa.Connection, process_id: int, ids: Collection[str]) -> int:
    """Give complete files that are nobody's yet to a process, and return how many there were."""
    free = (f.id.in_(sorted(ids)), f.process_id.is_(None), f.size.is_not(None))
    return connection.execute(sa.update(files).where(*free).values(process_id=process_id)).rowcount


def of_process(connection: sa.Connection, process_id: int, *, locked: bool = False) -> Sequence[sa.RowMapping]:
    """Return the files of a process; with `locked` nobody removes them until the transaction ends."""
    statement = sa.select(files).where(f.process_id == process_id).order_by(f.created_at, f.id)
    if locked:
        statement = hints.on(statement.with_for_update(), files, hints.LOCK)
    return connection.execute(statement).mappings().all()


def piece(connection: sa.Connection, content: str, number: int) -> bytes | None:
    """Return a piece of a content; None when there is none."""
    found: bytes | None = connection.execute(
        sa.select(pieces.bytes).where(pieces.content == content, pieces.number == number)
    ).scalar()
    return found


def unbound(connection: sa.Connection, *, before: datetime, most: int) -> Sequence[sa.RowMapping]:
    """Return the oldest files that came before a moment and are nobody's."""
    left = sa.select(files).where(f.process_id.is_(None), f.created_at < before)
    return connection.execute(left.order_by(f.process_id, f.created_at).limit(most)).mappings().all()


def delete_unbound(connection: sa.Connection, ids: Collection[str]) -> None:
    """Delete those of these files that are nobody's."""
    connection.execute(sa.delete(files).where(f.id.in_(sorted(ids)), f.process_id.is_(None)))


def delete_of_process(connection: sa.Connection, process_id: int) -> None:
    """Delete the files of a process."""
    connection.execute(sa.delete(files).where(f.process_id == process_id))


def unused(connection: sa.Connection, contents: Collection[str]) -> set[str]:
    """Return those of these contents that no file has."""
    used = sa.select(f.content).where(f.content.in_(sorted(contents)))
    return set(contents) - {content for (content,) in connection.execute(used)}


def delete_pieces(connection: sa.Connection, contents: Collection[str]) -> None:
    """Delete the pieces of these contents."""
    connection.execute(sa.delete(file_pieces).where(pieces.content.in_(sorted(contents))))
