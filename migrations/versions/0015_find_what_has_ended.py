"""An index of the processes that have ended, by when: reports read a day of them, and nothing that ended before."""

from __future__ import annotations

from process_manager.database import migration_types, online_ddl

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the change."""
    condition = migration_types.where("finished_at IS NOT NULL")
    online_ddl.create_index("ix_processes_finished", "processes", ["finished_at", "id"], **condition)


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_index("ix_processes_finished", "processes")
