"""Who waits or ever waited for an event, found by indexes, from one process on."""

from __future__ import annotations

from process_manager.database import migration_types, online_ddl

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_index("ix_event_waits_key", "event_waits", ["key", "is_open", "process_id"])
    _index_open(["key", "process_id"])


def downgrade() -> None:
    """Take it back."""
    _index_open(["key", "is_open", "process_id"])
    online_ddl.drop_index("ix_event_waits_key", "event_waits")


def _index_open(columns: list[str]) -> None:
    where = migration_types.where("is_open = 1")
    online_ddl.drop_index("ix_event_waits_open", "event_waits")
    online_ddl.create_index("ix_event_waits_open", "event_waits", columns, mssql_include=["number"], **where)
