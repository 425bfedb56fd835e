"""The tables of batches: one act on many processes, done wave by wave."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.store.column_types import Moment, key_type, name_type, text_type
from process_manager.store.tables import MESSAGE_LENGTH, NAME_LENGTH, REFERENCE_LENGTH, REQUEST_LENGTH, metadata

batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", key_type, primary_key=True, autoincrement=True, doc="By which people and programs know it."),
    sa.Column("act", sa.Unicode(20), nullable=False, doc="restart or abandon."),
    sa.Column("reason", sa.Unicode(MESSAGE_LENGTH), nullable=False, doc="Why, for the history of each process."),
    sa.Column("asked", text_type, nullable=False, doc="JSON: by what the processes were chosen."),
    sa.Column("name", name_type(NAME_LENGTH), doc="The name of its processes; empty where they have several."),
    sa.Column("actor", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who started it: their role is read anew."),
    sa.Column("is_person", sa.Integer, nullable=False, doc="1 for a user, 0 for a token."),
    sa.Column("way", sa.Unicode(10), nullable=False, doc="page or api."),
    sa.Column("address", sa.Unicode(NAME_LENGTH), doc="From where they came."),
    sa.Column("request_id", sa.Unicode(REQUEST_LENGTH), doc="The id of their request."),
    sa.Column("created_at", Moment, nullable=False, doc="When it was started."),
    sa.Column("total", sa.Integer, nullable=False, doc="How many processes were chosen."),
    sa.Column("ramp", sa.Integer, nullable=False, doc="How many waves have passed that are looked after; -1: none is."),
    sa.Column("wave", sa.Integer, nullable=False, server_default="0", doc="The number of the newest wave."),
    sa.Column("watched", sa.Integer, nullable=False, server_default="0", doc="1 while that wave has yet to pass."),
    sa.Column("position", sa.Integer, nullable=False, server_default="0", doc="The number of the last item done."),
    sa.Column("done", sa.Integer, nullable=False, server_default="0", doc="To how many it was done."),
    sa.Column("refused", sa.Integer, nullable=False, server_default="0", doc="To how many it could not be done."),
    sa.Column("skipped", sa.Integer, nullable=False, server_default="0", doc="With how many somebody was quicker."),
    sa.Column("ending", sa.Unicode(20), doc="done, asked, failed, forbidden or revoked: why nothing more is done."),
    sa.Column("ended_by", sa.Unicode(REFERENCE_LENGTH), doc="Who stopped it."),
    sa.Column("finished_at", Moment, doc="From when nothing more is done."),
    sa.Column("runner", sa.Unicode(REFERENCE_LENGTH), doc="The web server that does it."),
    sa.Column("lease_ends_at", Moment, doc="Until when no other takes it."),
    sa.Column("fence", sa.BigInteger, nullable=False, server_default="0", doc="Raised with each taking."),
    sa.Column("role", sa.Unicode(20), doc="The role that a proxy gave them; empty where they have their own."),
    sa.Column("token_id", sa.BigInteger, doc="The token by which a program started it: with its scopes it is done."),
)
"""One act on many processes, which whichever web server is up does wave by wave."""

batch_items = sa.Table(
    "batch_items",
    metadata,
    sa.Column(
        "batch_id", key_type, sa.ForeignKey(batches.c.id), primary_key=True, autoincrement=False, doc="Its batch."
    ),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, doc="1, 2, 3 … in the order of the ids."),
    sa.Column("process_id", key_type, nullable=False, autoincrement=False, doc="The process."),
    sa.Column(
        "seq", sa.Integer, nullable=False, doc="Of its newest history row when it was chosen: another is skipped."
    ),
    sa.Column("step", name_type(NAME_LENGTH), doc="Where it stood."),
    sa.Column("result", sa.Unicode(10), doc="done, refused or skipped; empty until its turn."),
    sa.Column("message", sa.Unicode(MESSAGE_LENGTH), doc="Why it was not done."),
    sa.Column("wave", sa.Integer, doc="In which wave."),
    sqlite_with_rowid=False,
)
"""The processes of each batch as they were chosen, and what became of each."""
