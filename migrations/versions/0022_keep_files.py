"""Files of processes, in pieces."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "files",
        sa.Column("id", migration_types.name(32), nullable=False),
        sa.Column("process_id", migration_types.key, nullable=True),
        sa.Column("name", migration_types.name(100), nullable=False),
        sa.Column("content", migration_types.name(32), nullable=False),
        sa.Column("place", sa.Unicode(10), nullable=False),
        sa.Column("label", sa.Unicode(200), nullable=False),
        sa.Column("media_type", sa.Unicode(100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Unicode(64), nullable=True),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.Column("created_by", sa.Unicode(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_files_process_id"),
        sqlite_with_rowid=False,
    )
    online_ddl.index_new_table("ix_files_process", "files", ["process_id", "created_at"])
    online_ddl.index_new_table("ix_files_content", "files", ["content"])
    online_ddl.create_table(
        "file_pieces",
        sa.Column("content", migration_types.name(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bytes", migration_types.Bytes(), nullable=False),
        sa.PrimaryKeyConstraint("content", "number", name="pk_file_pieces"),
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("file_pieces")
    online_ddl.drop_table("files")
