"""The table of schedules: rules that start processes by the clock."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from process_manager.store.column_types import Moment, key_type, name_type, text_type
from process_manager.store.tables import MESSAGE_LENGTH, NAME_LENGTH, REFERENCE_LENGTH, metadata

RULE_LENGTH: Final = 1000

schedules = sa.Table(
    "schedules",
    metadata,
    sa.Column("name", name_type(NAME_LENGTH), primary_key=True, doc="What people call it."),
    sa.Column("process", name_type(NAME_LENGTH), nullable=False, doc="The name of the process that it starts."),
    sa.Column("version", sa.Integer, doc="The version of the class that declares it; empty where a person made it."),
    sa.Column("rule", sa.Unicode(RULE_LENGTH), nullable=False, doc="A cron text, or `at` and moments."),
    sa.Column("zone", sa.Unicode(NAME_LENGTH), nullable=False, doc="The zone whose clock counts."),
    sa.Column("working_days", sa.Unicode(10), nullable=False, doc="any, next or only: what a holiday does to a slot."),
    sa.Column("holidays", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="The calendar of holidays; may be empty."),
    sa.Column("missed", sa.Unicode(10), nullable=False, doc="none, last or all: which missed slots are made up for."),
    sa.Column("overlap", sa.Unicode(10), nullable=False, doc="skip, queue or start: what a slot does beside another."),
    sa.Column("jitter", sa.Integer, nullable=False, doc="Seconds up to which a process may begin later."),
    sa.Column("parameters", text_type, nullable=False, doc="JSON that each process is started with."),
    sa.Column("next_at", Moment, doc="The next slot that nobody has started; empty when there is none any more."),
    sa.Column("slot_at", Moment, doc="The last slot that was decided."),
    sa.Column("process_id", key_type, doc="The process that it started last."),
    sa.Column("told", sa.Unicode(MESSAGE_LENGTH), doc="Why the last slot started nothing; empty when it did."),
    sa.Column("paused_at", Moment, doc="Since when it starts nothing."),
    sa.Column("paused_by", sa.Unicode(REFERENCE_LENGTH), doc="Who paused it; `code` where no class declares it."),
    sa.Column("paused_reason", sa.Unicode(MESSAGE_LENGTH), doc="Why."),
    sa.Column("created_at", Moment, nullable=False, doc="When it was made, or first seen in code."),
    sa.Column("created_by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who made it; `code` for a class."),
    sa.Column("changed_at", Moment, nullable=False, doc="When what it says was changed last."),
    sqlite_with_rowid=False,
)
"""One row for each schedule: its rule, and the next slot that is to be started."""
