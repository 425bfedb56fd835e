"""Why a process stopped until someone acts, and an index by which those of one cause are counted."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0018"
down_revision = "0017"

STOPPED = "status IN ('failed', 'uncertain', 'quarantined')"
CAUSED = f"cause IS NOT NULL AND {STOPPED}"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("processes", sa.Column("cause", migration_types.name(16), nullable=True))
    online_ddl.add_column("processes", sa.Column("stopped_at", migration_types.Moment, nullable=True))
    columns = ["cause", "status", "stopped_at", "id"]
    online_ddl.create_index("ix_processes_cause", "processes", columns, **migration_types.where(CAUSED))
    # Of those that stopped before, nobody knows the cause yet: whoever serves the pages finds it out.
    online_ddl.change_rows("processes", "cause = '', stopped_at = updated_at", where=STOPPED)


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_index("ix_processes_cause", "processes")
    online_ddl.drop_column("processes", "stopped_at")
    online_ddl.drop_column("processes", "cause")
