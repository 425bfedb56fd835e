"""The tables of bots, which are processes that a front end starts with parameters, and of their jobs."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from process_manager.store.column_types import Moment, key_type, name_type, text_type
from process_manager.store.tables import MESSAGE_LENGTH, NAME_LENGTH, REFERENCE_LENGTH, metadata, processes

BOT_NAME_LENGTH: Final = 150

bots = sa.Table(
    "bots",
    metadata,
    sa.Column("id", key_type, primary_key=True, autoincrement=True, doc="By which its jobs know it."),
    sa.Column("name", name_type(BOT_NAME_LENGTH), nullable=False, doc="What people call it."),
    sa.Column("description", sa.Unicode(MESSAGE_LENGTH), nullable=False, doc="What it does."),
    sa.Column("process", name_type(NAME_LENGTH), nullable=False, doc="The name of the process that a job of it is."),
    sa.Column("parameter_schema", text_type, nullable=False, doc="JSON {name: what may be given for it}."),
    sa.Column("default_parameters", text_type, nullable=False, doc="JSON: what a job has that is given nothing else."),
    sa.Column("version", sa.Integer, nullable=False, server_default="1", doc="Raised by each edit."),
    sa.Column("created_at", Moment, nullable=False, doc="When it was made."),
    sa.Column("created_by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who made it."),
    sa.Column("changed_at", Moment, nullable=False, doc="When it was edited last."),
    sa.Column("disabled_at", Moment, doc="Since when no job of it may be started."),
    sqlite_autoincrement=True,  # an id is never used twice, even after a bot was deleted
)
"""Bots: processes that a front end starts, each with what may be given for it."""

bot_jobs = sa.Table(
    "bot_jobs",
    metadata,
    sa.Column(
        "process_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="The job."
    ),
    sa.Column("bot_id", key_type, sa.ForeignKey(bots.c.id), nullable=False, doc="Its bot."),
    sqlite_with_rowid=False,
)
"""Which processes are jobs, and of which bot."""
