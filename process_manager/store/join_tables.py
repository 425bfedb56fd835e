"""The tables of children: whose child a process is, and by which count its parent is woken."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.store.column_types import key_type, name_type
from process_manager.store.tables import NAME_LENGTH, REFERENCE_LENGTH, metadata, processes

children = sa.Table(
    "children",
    metadata,
    sa.Column(
        "parent_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="Whose child."
    ),
    sa.Column("key", name_type(REFERENCE_LENGTH), primary_key=True, doc="Its key among the children of its parent."),
    sa.Column("process_id", key_type, sa.ForeignKey(processes.c.id), nullable=False, doc="The child."),
    sqlite_with_rowid=False,
)
"""One row for each process that a step of another started."""

joins = sa.Table(
    "joins",
    metadata,
    sa.Column(
        "parent_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="The parent."
    ),
    sa.Column("open", sa.Integer, nullable=False, doc="How many of its children are neither closed nor need a person."),
    sa.Column("settled", sa.BigInteger, nullable=False, doc="How often one was closed or came to need a person."),
    sa.Column("waits", sa.Unicode(3), nullable=False, doc="all or any while the parent waits for them; or empty."),
    sa.Column("step_key", name_type(2 * NAME_LENGTH), nullable=False, doc="The step that waited last; or empty."),
    sa.Column("seen", sa.BigInteger, nullable=False, doc="How often one had settled when that step was woken last."),
    sa.Column("waking", sa.Integer, nullable=False, doc="1 while the parent is still to be woken."),
    sqlite_with_rowid=False,
)
"""One row to lock for each parent, after every other: whoever settles a child or begins to wait locks it."""
