"""Lanes: processes with one order key run strictly one after the other, and only the head of a lane is ever due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.database import ask
from process_manager.lifecycle.status import Status
from process_manager.store import claiming
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.guarded_update import in_portions
from process_manager.store.insert_new import insert_new, unless_exists
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import lanes, process_steps, processes

_others = processes.alias("q")
p, q = processes.c, _others.c


def place_of(c: Any) -> tuple[sa.ColumnElement[Any], ...]:
    """Return the columns by which processes stand in their lanes."""
    return (c.order_key, c.order_position, c.id)


_NOW: Final = sa.bindparam("now", type_=p.due_at.type)
_KIND: Final = ("name", "version", "channel", "step")


def lock(connection: sa.Connection, order_keys: Iterable[str | None]) -> None:
    """Lock these lanes until the transaction ends, in sorted order, so that no two transactions deadlock."""
    wanted = sorted({key for key in order_keys if key is not None})
    if wanted:
        hold_made(connection, wanted, waits=True)


def hold(connection: sa.Connection, order_keys: Iterable[str | None], *, waits: bool) -> set[str]:
    """Lock lanes whose row exists, as the lane of every process does.

    Args:
        connection: Inside the transaction that shall hold the lanes.
        order_keys: The lanes; None is ignored.
        waits: Wait for lanes that others have locked; otherwise skip them.

    Returns:
        The lanes now locked. With `waits` that is all of them: a lane whose row is gone needs no lock.
    """
    wanted = sorted({key for key in order_keys if key is not None})
    if not wanted or connection.dialect.name == "sqlite":  # whose single writer makes a lock superfluous
        return set(wanted)
    statement = lock_statement() if waits else pass_statement()
    held = {key for (key,) in ask(connection, statement, {"rows": pack((key,) for key in wanted)})}
    return set(wanted) if waits else held


def hold_made(connection: sa.Connection, order_keys: Iterable[str], *, waits: bool) -> set[str]:
    """Lock lanes, also those of which no process was started yet, whose rows are made; return those now locked."""
    wanted = sorted(set(order_keys))
    if wanted:
        rows = {"rows": pack((key,) for key in wanted)}
        connection.execute(make_statement(connection.dialect.name), rows)
    return hold(connection, wanted, waits=waits)


@lru_cache
def make_statement(dialect: str) -> sa.Insert:
    """Insert a row for each lane that has none; wait for another transaction that inserts the same one."""
    wanted = json_rows(lanes.c.order_key)
    lane = lanes.c.order_key
    missing = sa.select(wanted.c.order_key).where(unless_exists(lane, lanes, lane == wanted.c.order_key))
    return insert_new(lanes, dialect).from_select(["order_key"], missing)


@lru_cache
def lock_statement() -> sa.Select[str]:
    """Lock the rows of the lanes in sorted order."""
    return _rows(hints.LOCK).with_for_update()


@lru_cache
def pass_statement() -> sa.Select[str]:
    """Lock the rows of the lanes and skip those that another transaction has locked: a record waits for nobody."""
    return _rows(hints.SKIP_LOCKED).with_for_update(skip_locked=True)


def _rows(hint: str) -> sa.Select[str]:
    wanted = sa.select(json_rows(lanes.c.order_key).c.order_key)
    rows = sa.select(lanes.c.order_key).where(lanes.c.order_key.in_(wanted)).order_by(lanes.c.order_key)
    return hints.on(rows, lanes, hint)


def heads(connection: sa.Connection, order_keys: Iterable[str | None]) -> Mapping[str, int]:
    """Return the first open process of each of these lanes; lanes without one are left out."""
    return {key: abs(head) for key, head in first_of(connection, order_keys).items()}


def first_of(connection: sa.Connection, order_keys: Iterable[str | None]) -> Mapping[str, int]:
    """Return the first open process of each of these lanes, as a negative number where that has a position.

    Lanes without an open process are left out.
    """
    wanted = sorted({key for key in order_keys if key is not None})
    if not wanted:
        return {}
    found = ask(connection, heads_statement(connection.dialect.name), {"rows": pack((key,) for key in wanted)})
    return {key: head for key, head in found if head is not None}


@lru_cache
def heads_statement(dialect: str) -> sa.Select[str, int]:
    """Select the first index entry at or after each lane's key: an entry of another lane shows that this one has none.

    Asked for the lowest id of the lane, PostgreSQL may scan all ids instead, those of finished processes first. SQL
    Server is asked for this lane alone: it might otherwise wait for a transaction that changes a process of the next
    one.
    """
    wanted = json_rows(lanes.c.order_key)
    lane = wanted.c.order_key
    head = _head(wanted, q.order_key == lane if dialect == "mssql" else q.order_key >= lane)
    return sa.select(lane, head.label("id"))


def _head(
    wanted: sa.FromClause, from_where: sa.ColumnElement[bool], *which: sa.ColumnElement[bool]
) -> sa.ScalarSelect[int]:
    """Return the id of the first open process of each wanted lane, negative where that has a position.

    So what moves a lane on by this id alone leaves one with positions as it is: its next process may be outdated.
    """
    is_of_another = q.order_key != wanted.c.order_key
    first = (
        sa.select(sa.case((is_of_another, None), (q.order_position.is_(None), q.id), else_=-q.id))
        .where(from_where, q.order_key.is_not(None), q.finished_at.is_(None), *which)
        .order_by(*place_of(q))
        .limit(1)
    )
    return hints.on(first, _others, hints.SEEK).scalar_subquery()


def advance(connection: sa.Connection, order_keys: Iterable[str | None], *, now: datetime) -> None:
    """Make the head of each of these lanes due, if it rests only because it was behind another process."""
    wanted = sorted({key for key in order_keys if key is not None})
    if not wanted:
        return
    dialect = connection.dialect.name
    if dialect != "mariadb":
        connection.execute(advance_statement(dialect), {"rows": pack((key,) for key in wanted), "now": now})
        return
    first = sorted(head for head in first_of(connection, wanted).values() if head > 0)
    for ids in in_portions(first):
        connection.execute(advance_statement(dialect), {"picked": ids, "now": now})


@lru_cache
def advance_statement(dialect: str) -> sa.Update:
    """Make a head that waits in its lane due now, or at the moment it was started for if that is still ahead."""
    if dialect == "mariadb":  # it cannot update what a subquery reads; a join may lock rows that do not match
        return _update_waiting_head(p.id.in_(sa.bindparam("picked", expanding=True))).values(_made_due())
    return _update_waiting_head(p.id == heads_statement(dialect).subquery("heads").c.id).values(_made_due())


ENDED_IN_LANE = (p.order_key, p.id, p.name, p.version, p.channel, p.step)
"""The columns for a process that ends in a lane: its own, and the step at which the next is claimed, if it is."""


def freed(ended: sa.ColumnElement[Any]) -> sa.CTE:
    """Return those rows of the parameter `led` whose ids are in this array (PostgreSQL)."""
    led = json_rows(*ENDED_IN_LANE, parameter="led", alias="led")
    return sa.select(led).where(led.c.id == sa.any_(ended)).cte("freed")


def following(ended: sa.CTE, *returns: sa.ColumnElement[Any]) -> sa.CTE:
    """Return `advance` as part of the statement that ends the processes before (PostgreSQL).

    A head of the kind given in `led` is claimed under the lease. This part sees nothing that the rest of the statement
    writes, so it skips the processes that end. The lanes have to be locked beforehand.
    """
    others = q.id.not_in(sa.select(ended.c.id))
    head = _head(ended, q.order_key >= ended.c.order_key, others)
    heads = sa.select(*(ended.c[name] for name in _KIND), head.label("id")).subquery("heads")
    is_alike = [p[name] == heads.c[name] for name in _KIND]
    is_taken = sa.and_(*is_alike, p.command_key.is_(None), (p.retry_after > _NOW).is_not(True))
    rests, taken = _made_due(), claiming.taking()
    values = {name: sa.case((is_taken, taken[name]), else_=rests.get(name, p[name])) for name in taken}
    return _update_waiting_head(p.id == heads.c.id).values(values).returning(*returns).cte("following")


def _update_waiting_head(is_head: sa.ColumnElement[bool]) -> sa.Update:
    return hints.update(processes).where(is_head, p.status == always(Status.WAITING), p.waiting_for == always("lane"))


def _made_due() -> dict[str, sa.ColumnElement[Any]]:
    """Return the column values of a process that is no longer behind another."""
    later = p.retry_after > _NOW
    return {
        "status": sa.case((later, always(Status.WAITING)), else_=always(Status.PENDING)),
        "waiting_for": sa.case((later, always("moment"))),
        "due_at": sa.case((later, p.retry_after), else_=_NOW),
        "updated_at": _NOW,
    }


def step_back(connection: sa.Connection, order_key: str, *, behind: int, now: datetime) -> None:
    """Make every process of the lane that comes after `behind` and has not begun rest behind it."""
    values = {"key": order_key, "behind": behind, "now": now}
    connection.execute(step_back_statement(), values)


@lru_cache
def step_back_statement() -> sa.Update:
    """Move the due processes of a lane back to waiting in it."""
    return (
        sa.update(processes)
        .where(
            p.order_key == sa.bindparam("key"),
            p.id > sa.bindparam("behind"),
            p.finished_at.is_(None),
            p.due_at.is_not(None),
        )
        .values(
            status=always(Status.WAITING),
            waiting_for=always("lane"),
            due_at=always(None),
            updated_at=sa.bindparam("now", type_=p.updated_at.type),
        )
    )


def later_that_ran(connection: sa.Connection, order_key: str, process_id: int) -> int | None:
    """Return the first process of the lane after this one of which a step runs or ever ran; None if there is none."""
    ran = sa.exists().where(process_steps.c.process_id == p.id, process_steps.c.worker.is_not(None))
    which = sa.select(sa.func.min(p.id)).where(
        p.order_key == order_key, p.id > process_id, sa.or_(p.status == Status.RUNNING.value, ran)
    )
    return connection.execute(which).scalar()
