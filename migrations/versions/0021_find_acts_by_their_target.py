"""An index of the audit chain by what else an act concerned: a switch, a command, a user, a token."""

from __future__ import annotations

from process_manager.database import online_ddl

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_index("ix_audit_target", "audit", ["target", "number"])


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_index("ix_audit_target", "audit")
