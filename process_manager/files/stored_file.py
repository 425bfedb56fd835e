"""A file as it is stored: what is known of it, without its content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

import sqlalchemy as sa

PIECE: Final = 256 * 1024
"""Bytes of each piece but the last."""

DATABASE: Final = "database"
FOLDER: Final = "folder"

Row = sa.RowMapping | dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is stored.

    Attributes:
        id: Made here.
        process_id: Whose it is; None before that was started.
        name: By which a step asks for it.
        label: What it was called where it came from, made harmless: for people to read, never a path.
        media_type: What its sender said it is; nothing is decided by it.
        size: Bytes.
        sha256: The hash of its content.
        created_at: When it began to come.
        created_by: Who sent it.
        place: Where its content is: in the database, or in the folder.
        content: By which its content is found there.
    """

    id: str
    process_id: int | None
    name: str
    label: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime
    created_by: str
    place: str
    content: str

    @classmethod
    def of(cls, row: Row) -> Self:
        """Return the file of a row."""
        return cls(**{name: row[name] for name in cls.__slots__})
