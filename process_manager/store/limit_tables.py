"""The tables of what the fleet shares: limits and rates, and who holds the seats."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.store.column_types import Moment, always, key_type, name_type, text_type
from process_manager.store.tables import NAME_LENGTH, REFERENCE_LENGTH, metadata, processes

limits = sa.Table(
    "limits",
    metadata,
    sa.Column("name", name_type(NAME_LENGTH), primary_key=True, doc="What people call it."),
    sa.Column("period_ms", sa.BigInteger, doc="Of a rate: its period in milliseconds; empty for a limit of seats."),
    sa.Column("declared", sa.Integer, nullable=False, doc="How many the code declares: seats, or starts in a period."),
    sa.Column("chosen", sa.Integer, doc="How many a person chose instead."),
    sa.Column("next_at", Moment, doc="Of a rate: the moment before which none may start."),
    sa.Column("changed_at", Moment, doc="When a person chose last."),
    sa.Column("changed_by", sa.Unicode(REFERENCE_LENGTH), doc="Who that was."),
    sa.Column("versions", text_type, doc="The highest version of each class that named it, as JSON."),
    sqlite_with_rowid=False,
)
"""One row to lock for each limit and rate: whoever takes a seat or a start holds it until the commit."""

seats = sa.Table(
    "seats",
    metadata,
    sa.Column(
        "process_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="Who took it."
    ),
    sa.Column("fence", sa.BigInteger, primary_key=True, autoincrement=False, doc="The claim under which it was taken."),
    sa.Column("limit_name", name_type(NAME_LENGTH), nullable=False, doc="The limit whose seat it is."),
    sa.Column("step", name_type(NAME_LENGTH), nullable=False, doc="The step that needs it."),
    sa.Column("taken_at", Moment, nullable=False, doc="When it was taken."),
    sqlite_with_rowid=False,
)
"""Who holds the seats: a row counts while its process runs this step under this very claim, and is removed later."""


def is_held() -> sa.ColumnElement[bool]:
    """Return whether the process of a seat still runs that step under that claim.

    Whoever asks it to stop raises the fence, and it runs on until it has: its seat is held all the same.
    """
    p, s = processes.c, seats.c
    asked = sa.and_(p.fence == s.fence + 1, p.stop_requested_at.is_not(None))
    runs = (p.id == s.process_id, p.step == s.step, p.status == always(Status.RUNNING))
    return sa.and_(*runs, sa.or_(p.fence == s.fence, asked))
