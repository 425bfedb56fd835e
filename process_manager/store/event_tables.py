"""The tables of events: which stand, who signalled them and with what, and which processes wait for which."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.store.column_types import Moment, key_type, name_type, text_type
from process_manager.store.tables import NAME_LENGTH, REFERENCE_LENGTH, metadata, processes

events = sa.Table(
    "events",
    metadata,
    sa.Column("key", name_type(REFERENCE_LENGTH), primary_key=True, doc="What it is called, such as paid:123."),
    sa.Column(
        "number", sa.BigInteger, nullable=False, server_default="0", doc="How often it was signalled; 0: waited for."
    ),
    sa.Column("stated_at", Moment, doc="Since when it stands; empty while it does not."),
    sa.Column("waking", sa.Integer, nullable=False, server_default="0", doc="1 while some it woke are still to go on."),
    sqlite_with_rowid=False,
)
"""One row to lock for each event: whoever signals, withdraws or begins to wait for it locks it."""

event_signals = sa.Table(
    "event_signals",
    metadata,
    sa.Column("key", name_type(REFERENCE_LENGTH), primary_key=True, doc="The event."),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False, doc="1, 2, 3 … of this event."),
    sa.Column("stated_at", Moment, nullable=False, doc="When it was signalled."),
    sa.Column("payload", text_type, doc="JSON that the signal carried."),
    sa.Column("by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who signalled it."),
    sa.Column("withdrawn_at", Moment, doc="When it was withdrawn."),
    sa.Column("withdrawn_by", sa.Unicode(REFERENCE_LENGTH), doc="Who withdrew it."),
    sqlite_with_rowid=False,
)
"""Every signal that was heard: what woke a process is read from here, long after the event was withdrawn."""

event_waits = sa.Table(
    "event_waits",
    metadata,
    sa.Column(
        "process_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="The process."
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, doc="The seq of the row that tells of it."),
    sa.Column("key", name_type(REFERENCE_LENGTH), nullable=False, doc="The event it waits for."),
    sa.Column("number", sa.BigInteger, nullable=False, doc="A signal with a higher number wakes it."),
    sa.Column("step_key", name_type(2 * NAME_LENGTH), nullable=False, doc="The step, and how often it was run again."),
    sa.Column("is_open", sa.Integer, nullable=False, doc="1 until it is woken, or goes on without that."),
    sa.Column("woken_number", sa.BigInteger, doc="The number of the signal that woke it."),
    sa.Column("woken_seq", sa.Integer, doc="The seq of the next history row, which tells of that."),
    sqlite_with_rowid=False,
)
"""One row for each time a process waited for an event, and what woke it."""
