"""The tables, once; the migrations make them and a test holds the two together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import sqlalchemy as sa

from process_manager.lifecycle.status import CLOSED, Status
from process_manager.store.column_types import Moment, key_type, name_type, text_type

SCHEMA: Final = "0010"
"""The newest migration: what this version of the code works with."""

NAME_LENGTH: Final = 100
REFERENCE_LENGTH: Final = 200
MESSAGE_LENGTH: Final = 2000


SOMEBODY: Final = sa.or_(sa.column("worker").is_not(None), sa.column("by").is_not(None))
"""Who did what the history tells of: a worker, or a person."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def listed(values: Iterable[Status]) -> str:
    """Return statuses as they stand in a list in the text of a statement."""
    return ", ".join(f"'{value}'" for value in values)


def _array(values: Iterable[Status]) -> str:
    return f"'{{{','.join(values)}}}'::text[]"


def _law(name: str, text: str, *, postgresql: str) -> Iterator[sa.CheckConstraint]:
    """A check, and the same said shortly: PostgreSQL reads the text of every check of a table for each statement."""
    yield sa.CheckConstraint(text, name=name).ddl_if(callable_=_is_elsewhere)
    yield sa.CheckConstraint(postgresql, name=name).ddl_if(dialect="postgresql")


def _is_elsewhere(*_what: object, dialect: sa.Dialect, **_options: object) -> bool:
    return dialect.name != "postgresql"


installation = sa.Table(
    "installation",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, doc="Always 1."),
    sa.Column("uuid", sa.Unicode(36), nullable=False, doc="Makes the keys of two databases differ."),
    sa.Column("created_at", Moment, nullable=False, doc="When the tables were made."),
    sa.CheckConstraint("id = 1", name="one_row"),
)
"""One row: what makes the idempotency keys of two databases differ."""

processes = sa.Table(
    "processes",
    metadata,
    sa.Column("id", key_type, primary_key=True, autoincrement=True, doc="Never used twice."),
    sa.Column("name", name_type(NAME_LENGTH), nullable=False, doc="The name of its class."),
    sa.Column("version", sa.Integer, nullable=False, doc="The version of its class that it runs on."),
    sa.Column("reference", name_type(REFERENCE_LENGTH), doc="The office's own number of the case."),
    sa.Column("channel", name_type(NAME_LENGTH), nullable=False, doc="Which workers take it."),
    sa.Column("order_key", name_type(REFERENCE_LENGTH), doc="Its lane: one at a time, in order."),
    sa.Column("status", sa.Unicode(12), nullable=False, doc="Where it stands."),
    sa.Column("step", name_type(NAME_LENGTH), doc="The current one; none once succeeded."),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0", doc="Used in this round, by this step."),
    sa.Column(
        "attempts_since", Moment, doc="When the first attempt that failed began: a policy's age counts from here."
    ),
    sa.Column("round", sa.Integer, nullable=False, server_default="1", doc="Raised by each restart."),
    sa.Column("seq", sa.Integer, nullable=False, server_default="0", doc="Of the newest history row."),
    sa.Column(
        "fence", sa.BigInteger, nullable=False, server_default="0", doc="Raised with each claim and each taking away."
    ),
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0", doc="Runs of this step that never answered."),
    sa.Column(
        "own_crashes",
        sa.Integer,
        nullable=False,
        server_default="0",
        doc="Of these, those in its own child: 3 quarantine it.",
    ),
    sa.Column("doubtful_since", Moment, doc="When a `once` step began of which no answer is known."),
    sa.Column("reruns", text_type, doc="JSON {step: how often it was run again after it was done}."),
    sa.Column("due_at", Moment, doc="From when it may be claimed: all that the claim asks."),
    sa.Column("retry_after", Moment, doc="What a step, a policy or the starter asked for."),
    sa.Column("waiting_for", sa.Unicode(20), doc="moment, window, platform, event or lane."),
    sa.Column("worker", sa.Unicode(REFERENCE_LENGTH), doc="Who holds it."),
    sa.Column("lease_ends_at", Moment, doc="Until when, unless it is renewed."),
    sa.Column("step_started_at", Moment, doc="When the step that runs began."),
    sa.Column("parameters", text_type, nullable=False, doc="JSON that it was started with."),
    sa.Column("payload", text_type, doc="JSON merged so far; none until a step adds to the parameters."),
    sa.Column("dedup_hash", sa.Unicode(64), doc="Of its dedup key."),
    sa.Column("command_key", name_type(64), doc="Of a command: its key with its argument."),
    sa.Column("rerun_of", key_type, doc="The process that it repeats."),
    sa.Column("created_at", Moment, nullable=False, doc="When it was started."),
    sa.Column("created_by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who started it."),
    sa.Column("updated_at", Moment, nullable=False, doc="When this row was changed last."),
    sa.Column("finished_at", Moment, doc="When it was closed."),
    *_law("status", f"status IN ({listed(Status)})", postgresql=f"status = ANY ({_array(Status)})"),
    *_law(
        "running_has_lease",
        "(status = 'running' AND lease_ends_at IS NOT NULL AND worker IS NOT NULL AND step_started_at IS NOT NULL"
        " AND due_at IS NULL)"
        " OR (status <> 'running' AND lease_ends_at IS NULL AND worker IS NULL AND step_started_at IS NULL)",
        postgresql="(status = 'running') = (lease_ends_at IS NOT NULL) AND (lease_ends_at IS NULL) = (worker IS NULL)"
        " AND (worker IS NULL) = (step_started_at IS NULL)",  # that due_at rests is a law of its own
    ),
    *_law(
        "closed_has_end",
        f"(status IN ({listed(CLOSED)}) AND finished_at IS NOT NULL)"
        f" OR (status NOT IN ({listed(CLOSED)}) AND finished_at IS NULL)",
        postgresql=f"(finished_at IS NULL) = (status <> ALL ({_array(CLOSED)}))",
    ),
    sa.CheckConstraint("due_at IS NULL OR status IN ('pending', 'waiting')", name="due_rests"),
    sa.CheckConstraint("status <> 'pending' OR due_at IS NOT NULL", name="pending_is_due"),
    *_law(
        "waiting_says_what_for",
        "(status = 'waiting' AND waiting_for IS NOT NULL"
        " AND waiting_for IN ('moment', 'window', 'platform', 'event', 'lane')"
        " AND (due_at IS NOT NULL OR waiting_for IN ('event', 'lane')))"
        " OR (status <> 'waiting' AND waiting_for IS NULL)",
        postgresql="(waiting_for IS NULL) = (status <> 'waiting') AND (waiting_for IS NULL"
        " OR waiting_for = ANY ('{event,lane}'::text[])"
        " OR due_at IS NOT NULL AND waiting_for = ANY ('{moment,window,platform}'::text[]))",
    ),
    *_law(
        "step",
        "(status = 'succeeded' AND step IS NULL) OR (status <> 'succeeded' AND step IS NOT NULL)",
        postgresql="(step IS NULL) = (status = 'succeeded')",
    ),
    sa.CheckConstraint(
        "attempts >= 0 AND round >= 1 AND seq >= 0 AND fence >= 0 AND crashes >= 0 AND version >= 1", name="counts"
    ),
    sqlite_autoincrement=True,  # an id is never used twice, even after a purge
)
"""One row for each process: where it stands, and all that a worker needs to go on with it."""

process_steps = sa.Table(
    "process_steps",
    metadata,
    sa.Column(
        "process_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="Whose."
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, doc="1, 2, 3 … without gaps."),
    sa.Column("round", sa.Integer, nullable=False, doc="The round that it belongs to."),
    sa.Column("step", name_type(NAME_LENGTH), doc="The step that ran."),
    sa.Column("attempt", sa.Integer, nullable=False, doc="Counts the runs that use the budget."),
    sa.Column(
        "outcome",
        sa.Unicode(20),
        nullable=False,
        doc="done, skip, wait, retry, reject, doubt, lost, released, or a person's act.",
    ),
    sa.Column("code", sa.Unicode(NAME_LENGTH), doc="Of a business error."),
    sa.Column("message", sa.Unicode(MESSAGE_LENGTH), nullable=False, doc="What the step or the person said."),
    sa.Column("error", text_type, doc="The traceback, without locals."),
    sa.Column("payload", text_type, doc="JSON that the step answered."),
    sa.Column("started_at", Moment, nullable=False, doc="When the step began."),
    sa.Column("finished_at", Moment, nullable=False, doc="When its end was recorded."),
    sa.Column("worker", sa.Unicode(REFERENCE_LENGTH), doc="Who ran it."),
    sa.Column("by", sa.Unicode(REFERENCE_LENGTH), doc="The person, for what a person did."),
    sa.CheckConstraint("seq >= 1 AND round >= 1 AND attempt >= 0", name="counts"),
    sa.CheckConstraint(SOMEBODY, name="somebody"),
    sqlite_with_rowid=False,
)
"""The history: append-only; seq 1, 2, 3 … for each process, without gaps."""

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column(
        "process_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="Whose."
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, doc="Of the history row that it belongs to."),
    sa.Column(
        "number",
        sa.Integer,
        primary_key=True,
        autoincrement=False,
        doc="In the order made; 0 is the progress, kept in place.",
    ),
    sa.Column("kind", sa.Unicode(10), nullable=False, doc="exchange, log or progress."),
    sa.Column("made_at", Moment, nullable=False, doc="When it was said."),
    sa.Column("body", text_type, nullable=False, doc="JSON: what was said."),
    sa.CheckConstraint("kind IN ('exchange', 'log', 'progress')", name="kind"),
    sqlite_with_rowid=False,
)
"""What a step said while it ran: exchanges, log lines and progress, stored when made."""

lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("order_key", name_type(REFERENCE_LENGTH), primary_key=True, doc="The lane."),
    sqlite_with_rowid=False,
)
"""A row to lock for each order key: who starts, closes or restarts in a lane holds it."""

dedup_keys = sa.Table(
    "dedup_keys",
    metadata,
    sa.Column("name", name_type(NAME_LENGTH), primary_key=True, doc="The name of the class."),
    sa.Column("key_hash", sa.Unicode(64), primary_key=True, doc="Of the key, which may be of any length."),
    sa.Column("process_id", key_type, sa.ForeignKey(processes.c.id), nullable=False, doc="Who holds the key."),
    sa.Column("scope", sa.Unicode(10), nullable=False, doc="while_open or for_ever."),
    sa.Column("expires_at", Moment, doc="When the key is free again."),
    sa.CheckConstraint("scope IN ('while_open', 'for_ever')", name="scope"),
    sqlite_with_rowid=False,
)
"""Keys that a second start may not use: deleted with the end, or kept for ever."""

switches = sa.Table(
    "switches",
    metadata,
    sa.Column("key", name_type(64), primary_key=True, doc="What is disabled: all, a process, a command or a channel."),
    sa.Column("reason", sa.Unicode(MESSAGE_LENGTH), nullable=False, doc="Why."),
    sa.Column("by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who threw it."),
    sa.Column("since", Moment, nullable=False, doc="From when."),
    sa.Column("until", Moment, doc="Until when; open when empty."),
    sqlite_with_rowid=False,
)
"""Keys that are disabled for the whole fleet."""

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.Unicode(REFERENCE_LENGTH), primary_key=True, doc="Another for each start of a worker."),
    sa.Column("host", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="The machine that it runs on."),
    sa.Column("pid", sa.Integer, nullable=False, doc="Its number there."),
    sa.Column("started_at", Moment, nullable=False, doc="When it began."),
    sa.Column("seen_at", Moment, nullable=False, doc="When it last renewed its leases."),
    sa.Column("concurrency", sa.Integer, nullable=False, doc="How many steps it runs at once."),
    sa.Column("channels", text_type, nullable=False, doc="JSON; an empty list is every channel."),
    sa.Column("knows", text_type, nullable=False, doc="JSON: the names, versions and steps that it can run."),
    sqlite_with_rowid=False,
)
"""Workers that are alive: each says so as often as it renews its leases."""

left_behind = sa.Table(
    "left_behind",
    metadata,
    sa.Column("what", name_type(20), primary_key=True, doc="lane: it rested in a lane behind nobody."),
    sa.Column("number", sa.Integer, nullable=False, doc="How often."),
    sa.Column("process_id", key_type, nullable=False, autoincrement=False, doc="The latest."),
    sa.Column("found_at", Moment, nullable=False, doc="When the latest was found."),
    sqlite_with_rowid=False,
)
"""What a sweep found that nobody would ever have moved: how often, and the latest of it."""
