"""How many sign-ins have failed, by address and by name."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "sign_in_failures",
        sa.Column("key_hash", migration_types.name(64), nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("ends_at", migration_types.Moment, nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name="pk_sign_in_failures"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("sign_in_failures")
