"""Bots, which a front end starts with parameters, and which processes are jobs of them."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "bots",
        sa.Column("id", migration_types.key, autoincrement=True, nullable=False),
        sa.Column("name", migration_types.name(150), nullable=False),
        sa.Column("description", sa.Unicode(2000), nullable=False),
        sa.Column("process", migration_types.name(100), nullable=False),
        sa.Column("parameter_schema", migration_types.long_text, nullable=False),
        sa.Column("default_parameters", migration_types.long_text, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.Column("created_by", sa.Unicode(200), nullable=False),
        sa.Column("changed_at", migration_types.Moment, nullable=False),
        sa.Column("disabled_at", migration_types.Moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_bots"),
        sqlite_autoincrement=True,
    )
    online_ddl.index_new_table("uq_bots_name", "bots", ["name"], unique=True)
    online_ddl.create_table(
        "bot_jobs",
        sa.Column("process_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("bot_id", migration_types.key, nullable=False),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_bot_jobs_process_id"),
        sa.ForeignKeyConstraint(["bot_id"], ["bots.id"], name="fk_bot_jobs_bot_id"),
        sa.PrimaryKeyConstraint("process_id", name="pk_bot_jobs"),
        sqlite_with_rowid=False,
    )
    online_ddl.index_new_table("ix_bot_jobs_bot", "bot_jobs", ["bot_id", "process_id"])


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("bot_jobs")
    online_ddl.drop_table("bots")
