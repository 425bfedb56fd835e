"""The tables of the engine."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uuid", sa.Unicode(36), nullable=False),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_installation_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    online_ddl.create_table(
        "lanes",
        sa.Column("order_key", migration_types.name(200), nullable=False),
        sa.PrimaryKeyConstraint("order_key", name="pk_lanes"),
        sqlite_with_rowid=False,
    )
    online_ddl.create_table(
        "processes",
        sa.Column("id", migration_types.key, autoincrement=True, nullable=False),
        sa.Column("name", migration_types.name(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference", migration_types.name(200), nullable=True),
        sa.Column("channel", migration_types.name(100), nullable=False),
        sa.Column("order_key", migration_types.name(200), nullable=True),
        sa.Column("status", sa.Unicode(12), nullable=False),
        sa.Column("step", migration_types.name(100), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts_since", migration_types.Moment, nullable=True),
        sa.Column("round", sa.Integer(), server_default="1", nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("crashes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reruns", migration_types.long_text, nullable=True),
        sa.Column("due_at", migration_types.Moment, nullable=True),
        sa.Column("retry_after", migration_types.Moment, nullable=True),
        sa.Column("waiting_for", sa.Unicode(20), nullable=True),
        sa.Column("worker", sa.Unicode(200), nullable=True),
        sa.Column("lease_ends_at", migration_types.Moment, nullable=True),
        sa.Column("step_started_at", migration_types.Moment, nullable=True),
        sa.Column("parameters", migration_types.long_text, nullable=False),
        sa.Column("payload", migration_types.long_text, nullable=True),
        sa.Column("dedup_hash", sa.Unicode(64), nullable=True),
        sa.Column("rerun_of", migration_types.key, nullable=True),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.Column("created_by", sa.Unicode(200), nullable=False),
        sa.Column("updated_at", migration_types.Moment, nullable=False),
        sa.Column("finished_at", migration_types.Moment, nullable=True),
        sa.CheckConstraint(
            "(status = 'running' AND lease_ends_at IS NOT NULL AND worker IS NOT NULL AND step_started_at IS NOT NULL AND due_at IS NULL) OR (status <> 'running' AND lease_ends_at IS NULL AND worker IS NULL AND step_started_at IS NULL)",
            name="ck_processes_running_has_lease",
        ),
        sa.CheckConstraint(
            "(status = 'succeeded' AND step IS NULL) OR (status <> 'succeeded' AND step IS NOT NULL)",
            name="ck_processes_step",
        ),
        sa.CheckConstraint(
            "(status = 'waiting' AND waiting_for IS NOT NULL AND waiting_for IN ('moment', 'window', 'platform', 'event', 'lane') AND (due_at IS NOT NULL OR waiting_for IN ('event', 'lane'))) OR (status <> 'waiting' AND waiting_for IS NULL)",
            name="ck_processes_waiting_says_what_for",
        ),
        sa.CheckConstraint(
            "(status IN ('succeeded', 'skipped', 'rejected', 'abandoned') AND finished_at IS NOT NULL) OR (status NOT IN ('succeeded', 'skipped', 'rejected', 'abandoned') AND finished_at IS NULL)",
            name="ck_processes_closed_has_end",
        ),
        sa.CheckConstraint("due_at IS NULL OR status IN ('pending', 'waiting')", name="ck_processes_due_rests"),
        sa.CheckConstraint("status <> 'pending' OR due_at IS NOT NULL", name="ck_processes_pending_is_due"),
        sa.CheckConstraint(
            "status IN ('pending', 'running', 'waiting', 'failed', 'uncertain', 'quarantined', 'rejected', 'succeeded', 'skipped', 'abandoned')",
            name="ck_processes_status",
        ),
        sa.CheckConstraint(
            "attempts >= 0 AND round >= 1 AND seq >= 0 AND fence >= 0 AND crashes >= 0 AND version >= 1",
            name="ck_processes_counts",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
        sqlite_autoincrement=True,
    )
    online_ddl.index_new_table(
        "ix_processes_due",
        "processes",
        ["name", "version", "due_at", "id"],
        **migration_types.where("due_at IS NOT NULL"),
    )
    online_ddl.index_new_table(
        "ix_processes_lane",
        "processes",
        ["order_key", "id"],
        **migration_types.where("order_key IS NOT NULL AND finished_at IS NULL"),
    )
    online_ddl.index_new_table(
        "ix_processes_lease",
        "processes",
        ["lease_ends_at"],
        **migration_types.where("lease_ends_at IS NOT NULL"),
    )
    online_ddl.index_new_table(
        "ix_processes_reference",
        "processes",
        ["reference"],
        **migration_types.where("reference IS NOT NULL"),
    )
    online_ddl.create_table(
        "dedup_keys",
        sa.Column("name", migration_types.name(100), nullable=False),
        sa.Column("key_hash", sa.Unicode(64), nullable=False),
        sa.Column("process_id", migration_types.key, nullable=False),
        sa.Column("scope", sa.Unicode(10), nullable=False),
        sa.Column("expires_at", migration_types.Moment, nullable=True),
        sa.CheckConstraint("scope IN ('while_open', 'for_ever')", name="ck_dedup_keys_scope"),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_dedup_keys_process_id"),
        sa.PrimaryKeyConstraint("name", "key_hash", name="pk_dedup_keys"),
        sqlite_with_rowid=False,
    )
    online_ddl.create_table(
        "evidence",
        sa.Column("process_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Unicode(10), nullable=False),
        sa.Column("made_at", migration_types.Moment, nullable=False),
        sa.Column("body", migration_types.long_text, nullable=False),
        sa.CheckConstraint("kind IN ('exchange', 'log', 'progress')", name="ck_evidence_kind"),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_evidence_process_id"),
        sa.PrimaryKeyConstraint("process_id", "seq", "number", name="pk_evidence"),
        sqlite_with_rowid=False,
    )
    online_ddl.create_table(
        "process_steps",
        sa.Column("process_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", migration_types.name(100), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Unicode(20), nullable=False),
        sa.Column("code", sa.Unicode(100), nullable=True),
        sa.Column("message", sa.Unicode(2000), nullable=False),
        sa.Column("error", migration_types.long_text, nullable=True),
        sa.Column("payload", migration_types.long_text, nullable=True),
        sa.Column("started_at", migration_types.Moment, nullable=False),
        sa.Column("finished_at", migration_types.Moment, nullable=False),
        sa.Column("worker", sa.Unicode(200), nullable=True),
        sa.Column("by", sa.Unicode(200), nullable=True),
        sa.CheckConstraint("seq >= 1 AND round >= 1 AND attempt >= 0", name="ck_process_steps_counts"),
        sa.CheckConstraint(
            sa.or_(sa.column("worker").is_not(None), sa.column("by").is_not(None)), name="ck_process_steps_somebody"
        ),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_process_steps_process_id"),
        sa.PrimaryKeyConstraint("process_id", "seq", name="pk_process_steps"),
        sqlite_with_rowid=False,
    )
    row = {
        "id": sa.literal_column("1", sa.Integer()),
        "uuid": migration_types.new_id(online_ddl.dialect()),
        "created_at": migration_types.present(online_ddl.dialect()),
    }
    online_ddl.insert_once("installation", row, key="id")


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("process_steps")
    online_ddl.drop_table("evidence")
    online_ddl.drop_table("dedup_keys")
    online_ddl.drop_table("processes")
    online_ddl.drop_table("lanes")
    online_ddl.drop_table("installation")
