"""Joins: count the children of a parent that are settled, and wake it. They are locked after every other row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.database.short_lock_wait import wait_briefly
from process_manager.lifecycle import children
from process_manager.lifecycle.children import Join
from process_manager.lifecycle.next_state import LEAST_WAIT
from process_manager.lifecycle.status import Status
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.event_tables import event_waits
from process_manager.store.insert_new import insert_new, unless_exists
from process_manager.store.join_tables import joins
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import processes
from process_manager.store.task_tables import tasks

j, p, w, t = joins.c, processes.c, event_waits.c, tasks.c

FEW: Final = 100
"""The most parents that one look of a sweep wakes."""

_PICKED: Final[sa.BindParameter[int]] = sa.bindparam("picked", expanding=True)
_RESTS: Final = sa.and_(p.status == always(Status.WAITING), p.waiting_for == always("event"))


def hold(connection: sa.Connection, parents: Iterable[int]) -> set[int]:
    """Lock the joins of these parents that nobody else has locked, and return those that nobody else has locked.

    One that does not exist yet is nobody's: only the record of its parent makes it.
    """
    wanted = sorted(set(parents))
    if not wanted:
        return set()
    held = {row.parent_id for row in connection.execute(pass_statement(), {"picked": wanted})}
    missing = [each for each in wanted if each not in held]
    if not missing:
        return held
    there = set(connection.execute(existing_statement(), {"picked": missing}).scalars())
    return held | ({*missing} - there)


def lock(connection: sa.Connection, parents: Iterable[int], *, waits: bool = True) -> dict[int, Join]:
    """Lock the joins of these parents, and return how they stand; one that does not exist is made.

    Args:
        connection: Inside a transaction that takes no lock after these; new parents are locked in it.
        parents: The parents.
        waits: Wait for a join that another has locked; otherwise only as long as the record of another worker takes.
    """
    wanted = sorted(set(parents))
    connection.execute(make_statement(connection.dialect.name), {"rows": pack((each,) for each in wanted)})
    held = [] if waits else connection.execute(pass_statement(), {"picked": wanted}).all()
    if len(held) < len(wanted):
        if not waits:
            wait_briefly(connection)
        held = connection.execute(lock_statement(), {"picked": wanted}).all()
    return {row.parent_id: Join(*row) for row in held}


@lru_cache
def make_statement(dialect: str) -> sa.Insert:
    """Insert a join for each parent that has none."""
    wanted = json_rows(j.parent_id)
    none = [*(always(0).label(name) for name in _COUNTS), *(always("").label(name) for name in _NAMES)]
    missing = sa.select(wanted.c.parent_id, *none).where(
        unless_exists(j.parent_id, joins, j.parent_id == wanted.c.parent_id)
    )
    return insert_new(joins, dialect).from_select(["parent_id", *_COUNTS, *_NAMES], missing)


_COUNTS: Final = ("open", "settled", "seen", "waking")
_NAMES: Final = ("waits", "step_key")


@lru_cache
def lock_statement() -> sa.Select[Any]:
    """Lock the joins of these parents in sorted order, and select how they stand."""
    return hints.on(_rows(), joins, hints.LOCK).with_for_update()


@lru_cache
def pass_statement() -> sa.Select[Any]:
    """Do the same, and skip those that another transaction has locked: a record waits for nobody."""
    return hints.on(_rows(), joins, hints.SKIP_LOCKED).with_for_update(skip_locked=True)


def _rows() -> sa.Select[Any]:
    return sa.select(*(j[name] for name in Join._fields)).where(j.parent_id.in_(_PICKED)).order_by(j.parent_id)


@lru_cache
def existing_statement() -> sa.Select[int]:
    """Select the parents that have a join, as was last committed."""
    return hints.on(sa.select(j.parent_id).where(j.parent_id.in_(_PICKED)), joins, hints.NO_LOCK)


def change(
    connection: sa.Connection, before: Mapping[int, Join], after: Mapping[int, Join], *, now: datetime
) -> list[int]:
    """Write how joins stand that are locked, make due the parents that no longer wait for anything, and return those.

    A parent whose row another transaction has locked is left to a sweep.
    """
    ripe = [each.parent_id for each in after.values() if each.is_ripe]
    rows = _parents(connection, ripe) if ripe else {}
    stand = {parent: _decided(each, rows) for parent, each in after.items()}
    changed = [each for parent, each in stand.items() if each != before[parent]]
    if changed:
        connection.execute(change_statement(), [_values(each) for each in changed])
    resting = [parent for parent, rests in rows.items() if rests]
    at_once = [parent for parent in resting if after[parent].has_news]
    if at_once:
        connection.execute(due_statement(), {"now": now, "picked": at_once})
    if later := sorted({*resting} - {*at_once}):
        connection.execute(later_statement(), {"now": now, "at": now + LEAST_WAIT, "picked": later})
    return at_once


def _decided(join: Join, rows: Mapping[int, bool]) -> Join:
    if not join.is_ripe:
        return join
    if join.parent_id not in rows:
        return join._replace(waking=1)
    return children.woken(join) if rows[join.parent_id] else children.gone_on(join)


def _parents(connection: sa.Connection, ids: Sequence[int]) -> dict[int, bool]:
    """Lock the rows of parents that nobody else has locked, and return whether each still waits."""
    rows = connection.execute(parents_statement(), {"picked": sorted(ids)})
    return {id_: bool(rests) for id_, rests in rows}


def _values(join: Join) -> dict[str, object]:
    return {f"to_{name}": value for name, value in join._asdict().items()}


@lru_cache
def change_statement() -> sa.Update:
    """Write how a join stands."""
    values = {name: sa.bindparam(f"to_{name}", type_=j[name].type) for name in Join._fields[1:]}
    return sa.update(joins).where(j.parent_id == sa.bindparam("to_parent_id", type_=j.parent_id.type)).values(values)


@lru_cache
def parents_statement() -> sa.Select[int, int]:
    """Lock the rows of parents, and select whether each waits for its children; skip those that others have locked."""
    for_event = sa.exists().where(w.process_id == p.id, w.is_open == always(1))  # what it waited for before is past
    for_answer = sa.exists().where(t.process_id == p.id, t.seq == p.seq, t.is_open == always(1))
    rests = sa.and_(_RESTS, ~for_event, ~for_answer)
    found = sa.select(p.id, sa.case((rests, 1), else_=0)).where(p.id.in_(_PICKED)).order_by(p.id)
    found = found.with_hint(processes, "FORCE INDEX (PRIMARY)", dialect_name="mariadb")
    return hints.on(found, processes, hints.SKIP_LOCKED).with_for_update(skip_locked=True, key_share=True, of=processes)


@lru_cache
def due_statement() -> sa.Update:
    """Make these parents due."""
    due = {"status": always(Status.PENDING), "waiting_for": always(None), "retry_after": always(None)}
    return _resting().values(due | {"due_at": _moment("now"), "updated_at": _moment("now")})


@lru_cache
def later_statement() -> sa.Update:
    """Let these parents rest for a moment, of which no child settled since they were woken last."""
    at = _moment("at")
    soon = sa.case((p.due_at <= at, p.due_at), else_=at)
    return _resting().values(waiting_for=always("moment"), due_at=soon, retry_after=soon, updated_at=_moment("now"))


def _resting() -> sa.Update:
    return hints.update(processes).where(p.id.in_(_PICKED), _RESTS)


def _moment(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=p.due_at.type)


def left(connection: sa.Connection) -> list[int]:
    """Return some of the parents that are still to be woken."""
    found = sa.select(j.parent_id).where(j.waking == always(1)).order_by(j.parent_id).limit(FEW)
    return list(connection.execute(found).scalars())
