"""What was sent to workers of Celery, until it is claimed."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "sent",
        sa.Column("process_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("fence", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("channel", migration_types.name(100), nullable=False),
        sa.Column("sent_at", migration_types.Moment, nullable=False),
        sa.PrimaryKeyConstraint("process_id", "fence", name="pk_sent"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("sent")
