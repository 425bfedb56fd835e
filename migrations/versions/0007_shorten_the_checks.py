"""The checks of a process in fewer words on PostgreSQL, which reads them anew for each statement that writes one."""

from __future__ import annotations

from typing import Final

from process_manager.database import online_ddl

revision = "0007"
down_revision = "0006"

STATUSES: Final = "pending,running,waiting,failed,uncertain,quarantined,rejected,succeeded,skipped,abandoned"
CLOSED: Final = "succeeded,skipped,rejected,abandoned"

SHORT: Final = {
    "status": f"status = ANY ('{{{STATUSES}}}'::text[])",
    "running_has_lease": "(status = 'running') = (lease_ends_at IS NOT NULL)"
    " AND (lease_ends_at IS NULL) = (worker IS NULL) AND (worker IS NULL) = (step_started_at IS NULL)",
    "closed_has_end": f"(finished_at IS NULL) = (status <> ALL ('{{{CLOSED}}}'::text[]))",
    "waiting_says_what_for": "(waiting_for IS NULL) = (status <> 'waiting') AND (waiting_for IS NULL"
    " OR waiting_for = ANY ('{event,lane}'::text[])"
    " OR due_at IS NOT NULL AND waiting_for = ANY ('{moment,window,platform}'::text[]))",
    "step": "(step IS NULL) = (status = 'succeeded')",
}


def _listed(names: str) -> str:
    return ", ".join(f"'{name}'" for name in names.split(","))


LONG: Final = {
    "status": f"status IN ({_listed(STATUSES)})",
    "running_has_lease": "(status = 'running' AND lease_ends_at IS NOT NULL AND worker IS NOT NULL"
    " AND step_started_at IS NOT NULL AND due_at IS NULL)"
    " OR (status <> 'running' AND lease_ends_at IS NULL AND worker IS NULL AND step_started_at IS NULL)",
    "closed_has_end": f"(status IN ({_listed(CLOSED)}) AND finished_at IS NOT NULL)"
    f" OR (status NOT IN ({_listed(CLOSED)}) AND finished_at IS NULL)",
    "waiting_says_what_for": "(status = 'waiting' AND waiting_for IS NOT NULL"
    " AND waiting_for IN ('moment', 'window', 'platform', 'event', 'lane')"
    " AND (due_at IS NOT NULL OR waiting_for IN ('event', 'lane'))) OR (status <> 'waiting' AND waiting_for IS NULL)",
    "step": "(status = 'succeeded' AND step IS NULL) OR (status <> 'succeeded' AND step IS NOT NULL)",
}


def upgrade() -> None:
    """Make the change."""
    online_ddl.respell_checks("processes", SHORT)


def downgrade() -> None:
    """Take it back."""
    online_ddl.respell_checks("processes", LONG)
