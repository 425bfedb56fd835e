"""An index of the processes that need a person, however many others there are."""

from __future__ import annotations

from process_manager.database import migration_types, online_ddl

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the change."""
    condition = migration_types.where("status IN ('failed', 'uncertain', 'quarantined')")
    online_ddl.create_index("ix_processes_attention", "processes", ["status", "id"], **condition)


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_index("ix_processes_attention", "processes")
