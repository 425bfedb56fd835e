"""People who may sign in, and tokens by which programs are known."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "users",
        sa.Column("name", migration_types.name(100), nullable=False),
        sa.Column("role", sa.Unicode(20), nullable=False),
        sa.Column("kinds", migration_types.long_text, nullable=True),
        sa.Column("password_hash", sa.Unicode(200), nullable=False),
        sa.Column("password_changed_at", migration_types.Moment, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failing_since", migration_types.Moment, nullable=True),
        sa.Column("signed_in_at", migration_types.Moment, nullable=True),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.Column("created_by", sa.Unicode(200), nullable=False),
        sa.Column("disabled_at", migration_types.Moment, nullable=True),
        sa.CheckConstraint("role IN ('viewer', 'caseworker', 'operator', 'admin')", name="ck_users_role"),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
        sqlite_with_rowid=False,
    )
    online_ddl.create_table(
        "tokens",
        sa.Column("id", migration_types.key, autoincrement=True, nullable=False),
        sa.Column("name", migration_types.name(100), nullable=False),
        sa.Column("hash", sa.Unicode(64), nullable=False),
        sa.Column("hint", sa.Unicode(12), nullable=False),
        sa.Column("scopes", migration_types.long_text, nullable=False),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.Column("created_by", sa.Unicode(200), nullable=False),
        sa.Column("expires_at", migration_types.Moment, nullable=False),
        sa.Column("last_used_at", migration_types.Moment, nullable=True),
        sa.Column("revoked_at", migration_types.Moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
    )
    online_ddl.index_new_table("uq_tokens_hash", "tokens", ["hash"], unique=True)


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("tokens")
    online_ddl.drop_table("users")
