"""The invariants as queries: each statement finds the rows that break one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.status import NEEDS_A_PERSON, OPEN, Status
from process_manager.store import join_invariants, task_invariants
from process_manager.store.event_tables import event_signals, event_waits
from process_manager.store.limit_tables import is_held, limits, seats
from process_manager.store.tables import dedup_keys, evidence, process_steps, processes

p, h, e, d = processes.c, process_steps.c, evidence.c, dedup_keys.c
s, w, seat, shared = event_signals.c, event_waits.c, seats.c, limits.c

SHOWN: Final = 5
"""The most rows that an answer names; it counts them all."""

Statement = sa.Select[*tuple[Any, ...]]


class Broken(NamedTuple):
    """The rows that break an invariant: the first of them by process id and place, and their total number."""

    first: tuple[tuple[int, str], ...]
    total: int


class Due(NamedTuple):
    """Processes that are due and stand at the same step."""

    name: str
    version: int
    channel: str
    step: str
    number: int
    oldest: datetime
    longest: int  # the id of the process that has been due longest, wherever that stands


def broken(connection: sa.Connection, statement: Statement, values: Mapping[str, object]) -> Broken:
    """Return what one of the statements of QUESTIONS finds."""
    rows = connection.execute(statement, values).all()
    return Broken(tuple((row.id, str(row.place)) for row in rows), rows[0].total if rows else 0)


def due(connection: sa.Connection, *, now: datetime) -> list[Due]:
    """Count what is due, grouped by what a worker must know to run it."""
    return [Due(*row) for row in connection.execute(due_statement(), {"now": now})]


def oldest_due_at(connection: sa.Connection, *, now: datetime) -> datetime | None:
    """Return since when the oldest due process has been due; None when nothing is due."""
    statement = sa.select(p.due_at).where(_is_due(p.due_at)).order_by(p.due_at).limit(1)
    return connection.execute(statement, {"now": now}).scalar()


@lru_cache
def due_statement() -> Statement:
    """Count due processes by one scan of the index on due rows, however many processes have ended."""
    of = (p.name, p.version, p.channel, p.step)
    counted = (sa.func.count().label("number"), sa.func.min(p.due_at).label("oldest"), _longest())
    return sa.select(*of, *counted).where(_is_due(p.due_at)).group_by(*of)


def _longest() -> sa.Label[int]:
    """Select the first process of that index scan."""
    o = processes.alias("o").c
    first = sa.select(o.id).where(_is_due(o.due_at)).order_by(o.due_at, o.id).limit(1)
    return first.scalar_subquery().label("longest")


def _is_due(moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    return moment <= sa.bindparam("now", type_=moment.type)


@lru_cache
def history_gaps_statement() -> Statement:
    """Select processes whose history does not count 1, 2, 3 …, with the first row that is out of place."""
    place = sa.func.row_number().over(partition_by=h.process_id, order_by=h.seq).label("place")
    numbered = sa.select(h.process_id, h.seq, place).subquery("numbered").c
    return _first(
        sa.select(numbered.process_id.label("id"), sa.func.min(numbered.seq).label("place"))
        .where(numbered.seq != numbered.place)
        .group_by(numbered.process_id)
    )


@lru_cache
def history_ends_statement() -> Statement:
    """Select processes whose newest history row is missing or is not the newest."""
    newest = sa.exists().where(h.process_id == p.id, h.seq == p.seq)
    missing = sa.select(p.id, p.seq.label("place")).where(p.seq > 0, ~newest)
    beyond = sa.select(p.id, p.seq.label("place")).join(process_steps, h.process_id == p.id).where(h.seq > p.seq)
    return _first(sa.union(missing, beyond))


@lru_cache
def orphans_statement() -> Statement:
    """Select history and evidence of processes that do not exist."""
    return _first(sa.union(_without_process(h.process_id, "history"), _without_process(e.process_id, "evidence")))


def _without_process(owner: sa.Column[int], what: str) -> Statement:
    known = sa.exists().where(p.id == owner)
    return sa.select(owner.label("id"), sa.literal_column(f"'{what}'").label("place")).where(~known)


@lru_cache
def unseen_statement() -> Statement:
    """Select processes that nothing will ever move and nobody is told of, and ended ones with an open status.

    Processes that wait in a lane are checked by their lane.
    """
    for_what = sa.func.coalesce(p.waiting_for, "")
    seen = sa.or_(
        p.due_at.is_not(None),
        p.status.in_(NEEDS_A_PERSON),
        sa.and_(p.status == Status.RUNNING, p.lease_ends_at.is_not(None)),
        sa.and_(p.status == Status.WAITING, for_what == "event"),
        sa.and_(p.status == Status.WAITING, for_what == "lane", p.order_key.is_not(None)),
    )
    strange = sa.or_(sa.and_(p.finished_at.is_(None), ~seen), sa.and_(p.finished_at.is_not(None), p.status.in_(OPEN)))
    return _first(sa.select(p.id, p.status.label("place")).where(strange))


@lru_cache
def leases_statement() -> Statement:
    """Select processes whose lease ended before `long_ago` and that nobody has taken over."""
    ended = p.lease_ends_at < sa.bindparam("long_ago", type_=p.lease_ends_at.type)
    return _first(sa.select(p.id, p.worker.label("place")).where(ended, p.status == Status.RUNNING))


@lru_cache
def lane_heads_statement() -> Statement:
    """Select processes that wait in a lane behind nobody."""
    moves = sa.case((sa.and_(p.status == Status.WAITING, p.waiting_for == "lane"), 0), else_=1)
    behind_nobody = sa.select(sa.func.min(p.id).label("id"), p.order_key.label("place")).where(*_in_lane())
    return _first(behind_nobody.group_by(p.order_key).having(sa.func.sum(moves) == 0))


@lru_cache
def lane_order_statement() -> Statement:
    """Select what is due, or runs and has no position, although another process of its lane comes first."""
    heads = _heads()
    has_begun = sa.and_(p.order_position.is_not(None), sa.or_(p.seq > 0, p.status == Status.RUNNING))
    goes = sa.and_(sa.or_(p.due_at.is_not(None), p.status == Status.RUNNING), ~has_begun)
    behind = sa.and_(heads.c.order_key == p.order_key, heads.c.id != p.id)
    return _first(sa.select(p.id, p.order_key.label("place")).join(heads, behind).where(*_in_lane(), goes))


@lru_cache
def lane_crowds_statement() -> Statement:
    """Select lanes in which more than one process is running, by the first of them."""
    running = sa.select(sa.func.min(p.id).label("id"), p.order_key.label("place")).where(
        *_in_lane(), p.status == Status.RUNNING
    )
    return _first(running.group_by(p.order_key).having(sa.func.count() > 1))


def _heads() -> sa.Subquery:
    place = sa.func.row_number().over(partition_by=p.order_key, order_by=[p.order_position, p.id]).label("place")
    numbered = sa.select(p.order_key, p.id, place).where(*_in_lane()).subquery("numbered").c
    return sa.select(numbered.order_key, numbered.id).where(numbered.place == 1).subquery("heads")


def _in_lane() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition of the index on lanes."""
    return p.order_key.is_not(None), p.finished_at.is_(None)


@lru_cache
def keys_left_statement() -> Statement:
    """Select dedup keys that should have been released: their process has ended or does not exist."""
    holder = sa.select(d.process_id.label("id"), d.name.label("place")).outerjoin(processes, p.id == d.process_id)
    return _first(holder.where(d.scope == "while_open", sa.or_(p.id.is_(None), p.finished_at.is_not(None))))


@lru_cache
def keys_missing_statement() -> Statement:
    """Select open processes that were started with a dedup key and do not hold it."""
    held = sa.exists().where(d.name == p.name, d.key_hash == p.dedup_hash, d.process_id == p.id)
    without = sa.select(p.id, p.name.label("place")).where(p.dedup_hash.is_not(None), p.finished_at.is_(None), ~held)
    return _first(without)


@lru_cache
def commands_statement() -> Statement:
    """Select commands of which more than one process is open, by the first of them."""
    open_ = sa.select(sa.func.min(p.id).label("id"), p.command_key.label("place")).where(
        p.command_key.is_not(None), p.finished_at.is_(None)
    )
    return _first(open_.group_by(p.command_key).having(sa.func.count() > 1))


@lru_cache
def event_waits_statement() -> Statement:
    """Select processes that wait for an event of which no row says which: no signal would ever wake them."""
    known = sa.exists().where(w.process_id == p.id, w.is_open == 1)
    waits = (
        p.status == Status.WAITING,
        p.waiting_for == "event",
        ~known,
        ~join_invariants.waits(),
        ~task_invariants.waits(),
    )
    return _first(sa.select(p.id, p.step.label("place")).where(*waits))


@lru_cache
def events_missed_statement() -> Statement:
    """Select processes that wait for an event although a signal that should have woken them was heard long ago."""
    heard = sa.exists().where(s.key == w.key, s.number > w.number, _is_long_ago(s.stated_at))
    waits = sa.select(p.id, w.key.label("place")).join(event_waits, sa.and_(w.process_id == p.id, w.is_open == 1))
    return _first(waits.where(p.status == Status.WAITING, p.waiting_for == "event", heard))


@lru_cache
def waits_left_statement() -> Statement:
    """Select processes that ended long ago and are still noted as waiting for an event."""
    left = sa.select(p.id, w.key.label("place")).join(event_waits, sa.and_(w.process_id == p.id, w.is_open == 1))
    return _first(left.where(_is_long_ago(p.finished_at)))


@lru_cache
def joins_statement() -> Statement:
    """Select parents of which another number of children is open than was counted."""
    return _first(join_invariants.miscounted())


@lru_cache
def joins_missed_statement() -> Statement:
    """Select processes that wait for children, of which none is open, since long ago."""
    return _first(join_invariants.missed(sa.bindparam("long_ago", type_=p.updated_at.type)))


@lru_cache
def tasks_missed_statement() -> Statement:
    """Select processes that wait for a person who has answered."""
    return _first(task_invariants.missed())


def _is_long_ago(moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[bool]:
    return moment < sa.bindparam("long_ago", type_=moment.type)


@lru_cache
def seats_statement() -> Statement:
    """Select limits of which more steps run than there are seats, by the first of them.

    Those that ran already when a person changed the number do not count.
    """
    since = sa.or_(shared.changed_at.is_(None), seat.taken_at > shared.changed_at)
    held = sa.select(sa.func.min(p.id).label("id"), shared.name.label("place"))
    held = held.select_from(
        seats.join(processes, is_held()).join(limits, sa.and_(shared.name == seat.limit_name, since))
    )
    most = sa.func.coalesce(shared.chosen, shared.declared)
    return _first(held.group_by(shared.name, shared.chosen, shared.declared).having(sa.func.count() > most))


def _first(found: Statement | sa.CompoundSelect[*tuple[Any, ...]]) -> Statement:
    """Return the first rows, each with the total number of rows."""
    rows = found.subquery("found").c
    total = sa.func.count().over().label("total")
    return sa.select(rows.id, rows.place, total).order_by(rows.id, rows.place).limit(SHOWN)


class Question(NamedTuple):
    """A statement, and whether it reads a table that grows with every ended process."""

    statement: Callable[[], Statement]
    scans: bool


QUESTIONS: Final[Mapping[str, Question]] = {
    "waits": Question(unseen_statement, scans=True),
    "leases": Question(leases_statement, scans=False),
    "lane_heads": Question(lane_heads_statement, scans=False),
    "lane_order": Question(lane_order_statement, scans=False),
    "lane_crowds": Question(lane_crowds_statement, scans=False),
    "seats": Question(seats_statement, scans=True),
    "keys_left": Question(keys_left_statement, scans=True),
    "keys_missing": Question(keys_missing_statement, scans=True),
    "commands": Question(commands_statement, scans=True),
    "event_waits": Question(event_waits_statement, scans=True),
    "events_missed": Question(events_missed_statement, scans=True),
    "waits_left": Question(waits_left_statement, scans=True),
    "joins": Question(joins_statement, scans=True),
    "joins_missed": Question(joins_missed_statement, scans=True),
    "tasks_missed": Question(tasks_missed_statement, scans=True),
    "history_gaps": Question(history_gaps_statement, scans=True),
    "history_ends": Question(history_ends_statement, scans=True),
    "orphans": Question(orphans_statement, scans=True),
}
