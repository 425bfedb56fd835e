"""The tables, declared once; migrations create them, and a test keeps the two equal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import sqlalchemy as sa

from process_manager.lifecycle.cause import KEY_LENGTH
from process_manager.lifecycle.status import CLOSED, Status
from process_manager.store.column_types import Moment, key_type, name_type, text_type

SCHEMA: Final = "0037"
"""The newest migration: the schema that this version of the code works with."""

NAME_LENGTH: Final = 100
REFERENCE_LENGTH: Final = 200
MESSAGE_LENGTH: Final = 2000
WAY_LENGTH: Final = 10
REQUEST_LENGTH: Final = 100
HASH_LENGTH: Final = 64
DIGITS: Final = 20


SOMEBODY: Final = sa.or_(sa.column("worker").is_not(None), sa.column("by").is_not(None))
"""Whoever did what a history row tells: a worker or a person."""

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


def _check(name: str, text: str, *, postgresql: str) -> Iterator[sa.CheckConstraint]:
    """Yield a check constraint, and a short form for PostgreSQL, which parses all checks at each statement."""
    yield sa.CheckConstraint(text, name=name).ddl_if(callable_=_is_elsewhere)
    yield sa.CheckConstraint(postgresql, name=name).ddl_if(dialect="postgresql")


def _is_elsewhere(*_what: object, dialect: sa.Dialect, **_options: object) -> bool:
    return dialect.name != "postgresql"


installation = sa.Table(
    "installation",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, doc="Always 1."),
    sa.Column("uuid", sa.Unicode(36), nullable=False, doc="Makes the keys of two databases differ."),
    sa.Column("created_at", Moment, nullable=False, doc="When the tables were created."),
    sa.CheckConstraint("id = 1", name="one_row"),
)
"""One row: the id that makes the idempotency keys of two databases differ."""

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
    sa.Column(
        "round", sa.Integer, nullable=False, server_default="1", doc="Raised by each restart, skip, edit or resolve."
    ),
    sa.Column("seq", sa.Integer, nullable=False, server_default="0", doc="The seq of the newest history row."),
    sa.Column(
        "fence", sa.BigInteger, nullable=False, server_default="0", doc="Raised with each claim and each taking away."
    ),
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0", doc="Runs of this step that never answered."),
    sa.Column(
        "own_crashes",
        sa.Integer,
        nullable=False,
        server_default="0",
        doc="Crashes among these of its own child process: three quarantine it.",
    ),
    sa.Column("doubtful_since", Moment, doc="When a `once` step began whose outcome is unknown."),
    sa.Column("reruns", text_type, doc="JSON {step: how often it was run again after it was done}."),
    sa.Column("due_at", Moment, doc="From when it may be claimed: the only thing the claim checks."),
    sa.Column("retry_after", Moment, doc="What a step, a policy or the starter asked for."),
    sa.Column("waiting_for", sa.Unicode(20), doc="moment, window, platform, event or lane."),
    sa.Column("worker", sa.Unicode(REFERENCE_LENGTH), doc="The worker that holds it."),
    sa.Column("lease_ends_at", Moment, doc="When the lease ends unless it is renewed."),
    sa.Column("step_started_at", Moment, doc="When the running step began."),
    sa.Column("parameters", text_type, nullable=False, doc="JSON that it was started with."),
    sa.Column("payload", text_type, doc="JSON merged so far; empty until a step adds to the parameters."),
    sa.Column("dedup_hash", sa.Unicode(64), doc="The hash of its dedup key."),
    sa.Column("command_key", name_type(64), doc="Of a command: its key with its argument."),
    sa.Column("rerun_of", key_type, doc="The process that it repeats."),
    sa.Column("created_at", Moment, nullable=False, doc="When it was started."),
    sa.Column("created_by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who started it."),
    sa.Column("created_way", sa.Unicode(WAY_LENGTH), doc="How they came: console, api or page; empty for code."),
    sa.Column("request_id", sa.Unicode(REQUEST_LENGTH), doc="The id of the request that started it."),
    sa.Column("updated_at", Moment, nullable=False, doc="When this row was changed last."),
    sa.Column("finished_at", Moment, doc="When it was closed."),
    sa.Column("cause", name_type(KEY_LENGTH), doc="The key of why it last stopped until someone acts."),
    sa.Column("stopped_at", Moment, doc="When that was."),
    sa.Column("stop_requested_at", Moment, doc="When somebody asked it to stop while it ran; empty once it has."),
    sa.Column("stop_requested_by", sa.Unicode(REFERENCE_LENGTH), doc="Who asked it to stop."),
    sa.Column("stop_requested_reason", sa.Unicode(MESSAGE_LENGTH), doc="Why."),
    # Before `pool`: MariaDB sets columns in this order, each from what those before it are by now.
    sa.Column("pool_since", Moment, doc="Since when it rests in its pool, the longest first; empty once it is taken."),
    sa.Column("pool", name_type(NAME_LENGTH), doc="Where it rests, or last did, for a seat or a start of the fleet."),
    sa.Column("order_position", name_type(DIGITS), doc="Where it stands in its lane: 20 digits; empty: by its id."),
    *_check("status", f"status IN ({listed(Status)})", postgresql=f"status = ANY ({_array(Status)})"),
    *_check(
        "running_has_lease",
        "(status = 'running' AND lease_ends_at IS NOT NULL AND worker IS NOT NULL AND step_started_at IS NOT NULL"
        " AND due_at IS NULL)"
        " OR (status <> 'running' AND lease_ends_at IS NULL AND worker IS NULL AND step_started_at IS NULL)",
        postgresql="(status = 'running') = (lease_ends_at IS NOT NULL) AND (lease_ends_at IS NULL) = (worker IS NULL)"
        " AND (worker IS NULL) = (step_started_at IS NULL)",  # due_at has a check of its own: due_rests
    ),
    *_check(
        "closed_has_end",
        f"(status IN ({listed(CLOSED)}) AND finished_at IS NOT NULL)"
        f" OR (status NOT IN ({listed(CLOSED)}) AND finished_at IS NULL)",
        postgresql=f"(finished_at IS NULL) = (status <> ALL ({_array(CLOSED)}))",
    ),
    sa.CheckConstraint("due_at IS NULL OR status IN ('pending', 'waiting')", name="due_rests"),
    sa.CheckConstraint("status <> 'pending' OR due_at IS NOT NULL", name="pending_is_due"),
    *_check(
        "waiting_says_what_for",
        "(status = 'waiting' AND waiting_for IS NOT NULL"
        " AND waiting_for IN ('moment', 'window', 'platform', 'event', 'lane')"
        " AND (due_at IS NOT NULL OR waiting_for IN ('event', 'lane')))"
        " OR (status <> 'waiting' AND waiting_for IS NULL)",
        postgresql="(waiting_for IS NULL) = (status <> 'waiting') AND (waiting_for IS NULL"
        " OR waiting_for = ANY ('{event,lane}'::text[])"
        " OR due_at IS NOT NULL AND waiting_for = ANY ('{moment,window,platform}'::text[]))",
    ),
    *_check(
        "step",
        "(status = 'succeeded' AND step IS NULL) OR (status <> 'succeeded' AND step IS NOT NULL)",
        postgresql="(step IS NULL) = (status = 'succeeded')",
    ),
    sa.CheckConstraint(
        "attempts >= 0 AND round >= 1 AND seq >= 0 AND fence >= 0 AND crashes >= 0 AND version >= 1", name="counts"
    ),
    sqlite_autoincrement=True,  # an id is never used twice, even after a purge
)
"""One row for each process: where it stands, and all that a worker needs to run it."""

process_steps = sa.Table(
    "process_steps",
    metadata,
    sa.Column(
        "process_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="The process."
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, doc="1, 2, 3 … without gaps."),
    sa.Column("round", sa.Integer, nullable=False, doc="The round it belongs to."),
    sa.Column("step", name_type(NAME_LENGTH), doc="The step that ran."),
    sa.Column("attempt", sa.Integer, nullable=False, doc="The number of the run among those that use the budget."),
    sa.Column(
        "outcome",
        sa.Unicode(20),
        nullable=False,
        doc="done, skip, wait, retry, reject, doubt, lost, released, or a person's act.",
    ),
    sa.Column("code", sa.Unicode(NAME_LENGTH), doc="The code of a business error."),
    sa.Column("message", sa.Unicode(MESSAGE_LENGTH), nullable=False, doc="The message of the step or the person."),
    sa.Column("error", text_type, doc="The traceback, without locals."),
    sa.Column("payload", text_type, doc="JSON that the step returned, or what a person changed."),
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
        "process_id", key_type, sa.ForeignKey(processes.c.id), primary_key=True, autoincrement=False, doc="The process."
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False, doc="The seq of its history row."),
    sa.Column(
        "number",
        sa.Integer,
        primary_key=True,
        autoincrement=False,
        doc="Counts in order; 0 is the progress, replaced in place.",
    ),
    sa.Column("kind", sa.Unicode(10), nullable=False, doc="exchange, log or progress."),
    sa.Column("made_at", Moment, nullable=False, doc="When it was made."),
    sa.Column("body", text_type, nullable=False, doc="JSON: the exchange, log line or progress."),
    sa.CheckConstraint("kind IN ('exchange', 'log', 'progress')", name="kind"),
    sqlite_with_rowid=False,
)
"""What a step reported while it ran: exchanges, log lines and progress, stored as they are made."""

lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("order_key", name_type(REFERENCE_LENGTH), primary_key=True, doc="The lane."),
    sa.Column("handled", name_type(DIGITS), doc="The highest position that ended well."),
    sa.Column("supersedes", sa.Integer, doc="1: what has not begun is skipped when a newer position waits."),
    sa.Column("spacing_ms", sa.Integer, doc="How long it rests after each of its processes, in milliseconds."),
    sa.Column("free_at", Moment, doc="The moment before which the next one does not begin."),
    sqlite_with_rowid=False,
)
"""One row to lock for each order key: whoever starts, closes or restarts a process in a lane locks it."""

dedup_keys = sa.Table(
    "dedup_keys",
    metadata,
    sa.Column("name", name_type(NAME_LENGTH), primary_key=True, doc="The name of the class."),
    sa.Column("key_hash", sa.Unicode(64), primary_key=True, doc="The hash of the key, which may have any length."),
    sa.Column("process_id", key_type, sa.ForeignKey(processes.c.id), nullable=False, doc="The process that holds it."),
    sa.Column("scope", sa.Unicode(10), nullable=False, doc="while_open or for_ever."),
    sa.Column("expires_at", Moment, doc="When the key is free again."),
    sa.CheckConstraint("scope IN ('while_open', 'for_ever')", name="scope"),
    sqlite_with_rowid=False,
)
"""Keys that no second start may use: deleted when their process ends, or kept for ever."""

switches = sa.Table(
    "switches",
    metadata,
    sa.Column("key", name_type(64), primary_key=True, doc="What is disabled: all, a process, a command or a channel."),
    sa.Column("reason", sa.Unicode(MESSAGE_LENGTH), nullable=False, doc="Why."),
    sa.Column("by", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="Who threw it."),
    sa.Column("since", Moment, nullable=False, doc="From when."),
    sa.Column("until", Moment, doc="Until when; empty means without end."),
    sqlite_with_rowid=False,
)
"""Keys that are disabled for the whole fleet."""

workers = sa.Table(
    "workers",
    metadata,
    sa.Column("name", sa.Unicode(REFERENCE_LENGTH), primary_key=True, doc="A new one at each start of a worker."),
    sa.Column("host", sa.Unicode(REFERENCE_LENGTH), nullable=False, doc="The machine that it runs on."),
    sa.Column("pid", sa.Integer, nullable=False, doc="Its process id there."),
    sa.Column("started_at", Moment, nullable=False, doc="When it started."),
    sa.Column("seen_at", Moment, nullable=False, doc="When it last renewed its leases."),
    sa.Column("concurrency", sa.Integer, nullable=False, doc="How many steps it runs at once."),
    sa.Column("channels", text_type, nullable=False, doc="JSON; an empty list means every channel."),
    sa.Column("knows", text_type, nullable=False, doc="JSON: the names, versions and steps that it can run."),
    sa.Column("drain_asked_at", Moment, doc="When somebody asked it to take no more and end."),
    sqlite_with_rowid=False,
)
"""Workers that are alive: each updates its row whenever it renews its leases."""

left_behind = sa.Table(
    "left_behind",
    metadata,
    sa.Column("what", name_type(20), primary_key=True, doc="lane: a process that waited in a lane behind nobody."),
    sa.Column("number", sa.Integer, nullable=False, doc="How often."),
    sa.Column("process_id", key_type, nullable=False, autoincrement=False, doc="The latest."),
    sa.Column("found_at", Moment, nullable=False, doc="When the latest was found."),
    sqlite_with_rowid=False,
)
"""What a sweep found that nobody would ever have moved: how often, and the latest of it."""
