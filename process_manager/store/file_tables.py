"""The tables of what people upload: a row for each file of a process, and its content in pieces."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.store.column_types import Bytes, Moment, key_type, name_type
from process_manager.store.tables import HASH_LENGTH, NAME_LENGTH, REFERENCE_LENGTH, metadata, processes

ID_LENGTH = 32
LABEL_LENGTH = 200

files = sa.Table(
    "files",
    metadata,
    sa.Column("id", name_type(ID_LENGTH), primary_key=True, doc="Made here, of 128 random bits."),
    sa.Column("process_id", key_type, sa.ForeignKey(processes.c.id), doc="Whose it is; none before that was started."),
    sa.Column("name", name_type(NAME_LENGTH), nullable=False, doc="By which a step asks for it."),
    sa.Column(
        "content",
        name_type(ID_LENGTH),
        nullable=False,
        doc="Which pieces, or which file in the folder: a process that runs again shares them.",
    ),
    sa.Column("place", sa.Unicode(10), nullable=False, doc="Where the content is: database or folder."),
    sa.Column("label", sa.Unicode(LABEL_LENGTH), nullable=False, doc="What it was called where it came from."),
    sa.Column("media_type", sa.Unicode(NAME_LENGTH), nullable=False, doc="What its sender said it is."),
    sa.Column("size", sa.BigInteger, doc="Bytes; none until all of it is there."),
    sa.Column("sha256", sa.Unicode(HASH_LENGTH), doc="The hash of the content."),
    sa.Column("created_at", Moment, nullable=False, doc="When it began to come."),
    sa.Column("created_by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who sent it."),
    sqlite_with_rowid=False,
)
"""Files that people gave to processes. One whose process was never started is removed after a day."""

file_pieces = sa.Table(
    "file_pieces",
    metadata,
    sa.Column("content", name_type(ID_LENGTH), primary_key=True, doc="Of which content it is a piece."),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, doc="0, 1, 2 …"),
    sa.Column("bytes", Bytes(), nullable=False, doc="256 kB, the last one less."),
)
"""The content of files, in pieces, so that nobody ever holds a whole file in memory."""
