"""The table of tasks: what steps ask people, who has claimed it, and what was answered."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.lifecycle.asking import FORM_LENGTH, GROUP_LENGTH
from process_manager.store.column_types import Moment, key_type, name_type, text_type
from process_manager.store.tables import (
    MESSAGE_LENGTH,
    NAME_LENGTH,
    REFERENCE_LENGTH,
    WAY_LENGTH,
    metadata,
    processes,
)

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", key_type, primary_key=True, autoincrement=True, doc="By which a person finds it."),
    sa.Column("process_id", key_type, sa.ForeignKey(processes.c.id), nullable=False, doc="The process that asks."),
    sa.Column("seq", sa.Integer, nullable=False, doc="The row of its history that tells of the wait."),
    sa.Column("step", name_type(NAME_LENGTH), nullable=False, doc="The step that asks."),
    sa.Column("step_key", name_type(2 * NAME_LENGTH), nullable=False, doc="The step, and how often it was run again."),
    sa.Column("round", sa.Integer, nullable=False, doc="The round in which it asks."),
    sa.Column("title", sa.Unicode(MESSAGE_LENGTH), nullable=False, doc="What is asked."),
    sa.Column("details", text_type, nullable=False, doc="What they should know besides."),
    sa.Column("group_name", name_type(GROUP_LENGTH), doc="Who is asked now; empty: who may work on the process."),
    sa.Column("form", sa.Unicode(FORM_LENGTH), nullable=False, doc="The form as module:class."),
    sa.Column("form_schema", text_type, nullable=False, doc="Its JSON schema."),
    sa.Column(
        "marks",
        text_type,
        nullable=False,
        doc="JSON: what is personal or secret in an answer.",
    ),
    sa.Column("not_by", sa.Unicode(20), doc="starter: whoever started the process may not answer."),
    sa.Column("overdue_to", name_type(GROUP_LENGTH), doc="The group that is asked instead once it is overdue."),
    sa.Column("remind_every", sa.Unicode(40), doc="How often they are reminded, such as 1 workday."),
    sa.Column("zone", sa.Unicode(NAME_LENGTH), nullable=False, doc="The zone whose clock counts working days."),
    sa.Column("holidays", text_type, nullable=False, doc="The calendars of holidays, such as DK+optional."),
    sa.Column("asked_at", Moment, nullable=False, doc="When it was asked."),
    sa.Column("due_at", Moment, doc="By when it should be answered."),
    sa.Column("orders_at", Moment, nullable=False, doc="The same, or the end of time: by which lists are ordered."),
    sa.Column("overdue_at", Moment, doc="When somebody noted that it is overdue, and gave it to another group."),
    sa.Column("remind_at", Moment, doc="When they are reminded next."),
    sa.Column("reminded_at", Moment, doc="When they were reminded last."),
    sa.Column("reminders", sa.Integer, nullable=False, server_default="0", doc="How often they were reminded."),
    sa.Column("next_at", Moment, doc="When the sweep looks at it next; empty when there is no reason."),
    sa.Column("claimed_at", Moment, doc="When it was claimed or given to a person."),
    sa.Column("claimed_by", name_type(REFERENCE_LENGTH), doc="Who has it."),
    sa.Column("is_open", sa.Integer, nullable=False, doc="1 until it is answered, or its process waits no longer."),
    sa.Column("answered_at", Moment, doc="When it was answered."),
    sa.Column("answered_by", sa.Unicode(REFERENCE_LENGTH), doc="Who answered."),
    sa.Column("answered_way", sa.Unicode(WAY_LENGTH), doc="How they came: code, console, api or page."),
    sa.Column("answer", text_type, doc="JSON of the form as it was filled in."),
)
"""One row for each time a step asked a person."""
