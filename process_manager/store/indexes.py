"""The indexes of the tables; with them, `metadata` is complete.

They are apart from the tables because a worker needs none of them: a partial index makes SQLAlchemy load every dialect
that it names.
"""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.lifecycle.pool import WAITS
from process_manager.lifecycle.status import NEEDS_A_PERSON
from process_manager.store.account_tables import tokens
from process_manager.store.audit_chain import audit
from process_manager.store.batch_tables import batches
from process_manager.store.bot_tables import bot_jobs, bots
from process_manager.store.column_types import where
from process_manager.store.event_tables import event_waits, events
from process_manager.store.file_tables import files
from process_manager.store.filters import IN_TROUBLE
from process_manager.store.join_tables import children, joins
from process_manager.store.ledger import ledger
from process_manager.store.limit_tables import seats
from process_manager.store.saved_views import saved_views
from process_manager.store.schedule_tables import schedules
from process_manager.store.search_values import search_values
from process_manager.store.sent import sent
from process_manager.store.tables import dedup_keys, listed, metadata, processes
from process_manager.store.task_tables import tasks

__all__ = ["metadata", "saved_views", "schedules", "sent"]

p, taken = processes.c, ledger.c

# Only on SQL Server does the index include what a claim checks beside the range: a row that had to be looked up for
# that might stay locked although it is skipped. Running rows are not in the index, so a step change costs it nothing.
sa.Index(
    "ix_processes_due",
    p.name,
    p.version,
    p.due_at,
    p.id,
    mssql_include=["step", "channel", "command_key"],
    **where("due_at IS NOT NULL"),
)
# The same, for who takes some channels only: what is due in the others is not read.
sa.Index(
    "ix_processes_channel",
    p.name,
    p.version,
    p.channel,
    p.due_at,
    p.id,
    mssql_include=["step", "command_key"],
    **where("due_at IS NOT NULL"),
)
# What rests in a pool, which is asked only while there is a seat or a start for it. On MariaDB, which has no partial
# index, what it waits for keeps out the rest.
sa.Index(
    "ix_processes_pool",
    p.waiting_for,
    p.name,
    p.version,
    p.pool,
    p.pool_since,
    p.id,
    mssql_include=["step", "channel", "command_key"],
    **where(f"waiting_for = '{WAITS}'"),
)
sa.Index("ix_processes_lease", p.lease_ends_at, **where("lease_ends_at IS NOT NULL"))
# The place in a lane is the position, then the id; where no process of a lane has a position, the id alone. SQL Server
# also cannot use a filter `column IS NULL` unless the index includes that column.
sa.Index(
    "ix_processes_place",
    p.order_key,
    p.order_position,
    p.id,
    mssql_include=["finished_at"],
    **where("order_key IS NOT NULL AND finished_at IS NULL"),
)
# What a person looks for among much that went well. Of what has ended, it holds only what ended badly.
sa.Index("ix_processes_trouble", p.status, p.id, **where(f"status IN ({listed(IN_TROUBLE)})"))
# What ended in a stretch of time: reports read it a day at a time. A row is added to it once, when its process ends.
sa.Index("ix_processes_finished", p.finished_at, p.id, **where("finished_at IS NOT NULL"))
# What has stopped by its cause, which is written only when it stops: a count of each reads nothing but the index.
# Nobody who looks a process up by its id and status is sent through all of these: that they have a cause is not known.
sa.Index(
    "ix_processes_cause",
    p.cause,
    p.status,
    p.stopped_at,
    p.id,
    **where(f"cause IS NOT NULL AND status IN ({listed(NEEDS_A_PERSON)})"),
)
sa.Index("ix_processes_reference", p.reference, **where("reference IS NOT NULL"))
sa.Index("ix_processes_command", p.command_key, p.id, **where("command_key IS NOT NULL"))

# A DELETE of a process looks for keys that reference it: without this index, by a scan of all keys.
sa.Index("ix_dedup_keys_process", dedup_keys.c.process_id)

# What a person asks of the chain, the newest first. It is written to by people only, so each index costs nothing.
for column in (audit.c.actor, audit.c.act, audit.c.name, audit.c.target, audit.c.result, audit.c.at):
    sa.Index(f"ix_audit_{column.name}", column, audit.c.number)
sa.Index("ix_audit_process", audit.c.process_id, audit.c.number)

# Who searches for a value has its hash. The key finds the rows of a process.
sa.Index("ix_search_values_hash", search_values.c.value_hash, search_values.c.process_id)
sa.Index("ix_batches_open", batches.c.id, mssql_include=["finished_at"], **where("finished_at IS NULL"))

_open = {"mssql_include": ["closed_at"], **where("closed_at IS NULL")}
# MariaDB has no partial index, so the migration creates one there that is not unique.
sa.Index("uq_ledger_open", taken.source, taken.row_id, unique=True, **_open)
sa.Index("ix_ledger_process", taken.process_id, taken.id, **_open)
sa.Index("ix_ledger_row", taken.source, taken.row_id, taken.id)

sa.Index("uq_bots_name", bots.c.name, unique=True)
sa.Index("ix_bot_jobs_bot", bot_jobs.c.bot_id, bot_jobs.c.process_id)
# By the first, those of a process are found, and those of none: the oldest are removed.
sa.Index("ix_files_process", files.c.process_id, files.c.created_at)
sa.Index("ix_files_content", files.c.content)

# What a signal wakes, who waits or ever waited for an event, and of which some are still to be woken. MariaDB has no
# partial index: the second one has those that wait together there.
w = event_waits.c
sa.Index("ix_event_waits_open", w.key, w.process_id, mssql_include=["number"], **where("is_open = 1"))
sa.Index("ix_event_waits_key", w.key, w.is_open, w.process_id)
sa.Index("ix_events_waking", events.c.waking, events.c.key, **where("waking = 1"))

# Whose child a process is, and which parents are still to be woken.
sa.Index("ix_children_process", children.c.process_id, unique=True)
sa.Index("ix_joins_waking", joins.c.waking, joins.c.parent_id, **where("waking = 1"))
sa.Index("ix_seats_limit", seats.c.limit_name, seats.c.process_id)

# What people are asked now, by when it is due: of all, and of one group. MariaDB has no partial index.
k = tasks.c
sa.Index("ix_tasks_open", k.is_open, k.orders_at, k.id, **where("is_open = 1"))
sa.Index("ix_tasks_group", k.is_open, k.group_name, k.orders_at, k.id, **where("is_open = 1"))
sa.Index("ix_tasks_next", k.next_at, k.id, **where("next_at IS NOT NULL"))
sa.Index("uq_tasks_process", k.process_id, k.seq, unique=True)

sa.Index("uq_tokens_hash", tokens.c.hash, unique=True)
