"""What was sent to Celery: a row for each message that may still be on its way.

Only the fleet writes here: without Celery nobody reads or writes any of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from process_manager.database import ask
from process_manager.lifecycle.claim import Claim
from process_manager.store import claiming, due
from process_manager.store import sqlserver_hints as hints
from process_manager.store.claiming import Lease
from process_manager.store.column_types import Moment, key_type, moment_text, name_type
from process_manager.store.due import ClaimRequest, Shape
from process_manager.store.guarded_update import Change, apply, change
from process_manager.store.json_rows import delete_rows, json_rows, pack
from process_manager.store.tables import NAME_LENGTH, metadata, processes

sent = sa.Table(
    "sent",
    metadata,
    sa.Column("process_id", key_type, primary_key=True, autoincrement=False, doc="The process."),
    sa.Column(
        "fence", sa.BigInteger, primary_key=True, autoincrement=False, doc="Its fence then: who claims it raises that."
    ),
    sa.Column("channel", name_type(NAME_LENGTH), nullable=False, doc="Its channel: the queue that it was sent to."),
    sa.Column("sent_at", Moment, nullable=False, doc="When it was sent."),
    sqlite_with_rowid=False,
)
"""One row for each message to a worker of Celery, until the process is claimed or the message is too old."""

s, p = sent.c, processes.c


class SentMark(NamedTuple):
    """A process that was sent, with the fence that its message carries."""

    process_id: int
    fence: int
    channel: str
    sent_at: datetime
    is_due: bool = True  # nobody has claimed it since


def marks(connection: sa.Connection) -> list[SentMark]:
    """Return every mark: there are never more of them than may be on their way."""
    found = connection.execute(marks_statement()).all()
    rows = pack((process_id, fence) for process_id, fence, _channel, _at in found)
    waiting = {(id_, fence) for id_, fence in ask(connection, waiting_statement(), {"rows": rows})} if found else set()
    return [SentMark(*each, is_due=(each[0], each[1]) in waiting) for each in found]


@lru_cache
def marks_statement() -> sa.Select[int, int, str, datetime]:
    """Select the marks."""
    return sa.select(s.process_id, s.fence, s.channel, s.sent_at).order_by(s.process_id, s.fence)


@lru_cache
def waiting_statement() -> sa.Select[int, int]:
    """Select those of the given processes that still wait to be claimed under their fences.

    They are given as rows, for a join with the table of marks might scan all processes: it is believed to be as large
    as it once was.
    """
    r = json_rows(p.id, p.fence).c
    waits = (p.id == r.id, p.fence == r.fence, p.due_at.is_not(None))
    found = sa.select(p.id, p.fence).where(*waits)
    found = found.with_hint(processes, "FORCE INDEX (PRIMARY)", dialect_name="mariadb")
    return hints.on(found, processes, hints.SEEK)


def due_now(connection: sa.Connection, request: ClaimRequest, *, now: datetime, limit: int) -> list[tuple[int, int]]:
    """Return the processes that have been due longest, each with its fence; none of them is locked.

    Args:
        connection: In any transaction.
        request: What may be sent.
        now: The present moment.
        limit: The most to return.

    Returns:
        The ids and fences, at most `limit`.
    """
    found: list[tuple[int, int]] = []
    for portion in request.portions() if request.ranges else ():
        statement = due_statement(portion.shape, connection.dialect.name)
        values = {**portion.values(), "now": now, "count": limit - len(found)}
        found += [(id_, fence) for id_, fence in connection.execute(statement, values)]
        if len(found) == limit:
            break
    return found


@lru_cache
def due_statement(shape: Shape, dialect: str) -> sa.Select[int, int]:
    """Select the longest due rows of one short index range for each name and version."""
    ranges = [_first(each, dialect).subquery() for each in _ranges(shape, dialect)]
    parts = [sa.select(each) for each in ranges]
    found = (sa.union_all(*parts) if len(parts) > 1 else parts[0]).alias("due").c
    return _first(sa.select(found.id, found.fence).order_by(found.due_at, found.id), dialect)


def _ranges(shape: Shape, dialect: str) -> Iterator[sa.Select[Any]]:
    for each in due.ranges(shape, dialect):
        yield hints.on(each.add_columns(p.fence, shape.since.label("due_at")), processes, hints.READ_PAST)


def _first(rows: sa.Select[Any], dialect: str) -> sa.Select[Any]:
    return hints.in_order(rows.limit(sa.bindparam("count", type_=sa.Integer())), dialect)


def mark(connection: sa.Connection, new: Sequence[SentMark]) -> None:
    """Insert marks; IntegrityError when another tick has just marked one of them."""
    rows = pack((each.process_id, each.fence, each.channel, moment_text(each.sent_at)) for each in new)
    connection.execute(mark_statement(), {"rows": rows})


@lru_cache
def mark_statement() -> sa.Insert:
    """Insert all marks at once."""
    columns = (s.process_id, s.fence, s.channel, s.sent_at)
    r = json_rows(*columns).c
    picked = sa.select(*(r[column.name] for column in columns))
    return sa.insert(sent).from_select([column.name for column in columns], picked)


def age(connection: sa.Connection, process_id: int, fence: int, *, sent_at: datetime) -> None:
    """Have a mark look as old as if it had been made at this moment, so that it is sent again sooner."""
    which = (s.process_id == process_id, s.fence == fence, s.sent_at > sent_at)
    connection.execute(sa.update(sent).where(*which).values(sent_at=sent_at))


def unmark(connection: sa.Connection, keys: Iterable[tuple[int, int]]) -> None:
    """Delete the marks of these processes and fences: what is due of them is sent by the next tick."""
    connection.execute(unmark_statement(connection.dialect.name), {"rows": pack(sorted(keys))})


@lru_cache
def unmark_statement(dialect: str) -> sa.Delete:
    """Delete marks by their keys."""
    return delete_rows(sent, [s.process_id, s.fence], dialect)


def claim(connection: sa.Connection, process_id: int, fence: int, lease: Lease) -> Claim | None:
    """Claim the process that a message names, if it is due and nobody has claimed it since it was sent."""
    values = {**claiming.lease_values(lease), "process_id": process_id, "sent_fence": fence}
    taken = apply(connection, claim_change(), values)
    return Claim(*taken[0]) if taken else None


@lru_cache
def claim_change() -> Change:
    """Take a due process by its id, under the fence with which it was sent."""
    is_sent = (p.id == sa.bindparam("process_id"), p.fence == sa.bindparam("sent_fence"))
    is_due = p.due_at <= sa.bindparam("now", type_=p.due_at.type)
    return change([*is_sent, is_due, due.can_be_claimed()], claiming.taking(), *claiming.CLAIM_COLUMNS)
