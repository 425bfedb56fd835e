"""Lanes with positions or spacing: which process is next, which are skipped, and when the next one is due.

Whoever calls these holds the lanes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.database import ask
from process_manager.lifecycle import lane_skips
from process_manager.lifecycle.lane_rules import LaneRules
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import Transition
from process_manager.store import lanes, transition_rows
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always, moment_text
from process_manager.store.guarded_update import Change, apply, change
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import lanes as lanes_table
from process_manager.store.tables import processes

_others = processes.alias("q")
p, q, lane = processes.c, _others.c, lanes_table.c

MOST: Final = 100
"""How many processes are skipped in one statement."""

HANDLED: Final = (Status.SUCCEEDED, Status.SKIPPED)
"""What has ended like this is handled; what is rejected or abandoned is not."""


Record = Callable[[sa.Connection, Sequence[Transition]], object]
"""What records transitions as any other: that of `recording`, which moves lanes on by this module."""


class LaneStanding(NamedTuple):
    """What a lane's row says."""

    handled: str | None = None  # the highest position that ended well
    supersedes: int | None = None
    spacing_ms: int | None = None
    free_at: datetime | None = None  # no process begins before

    def declared(self, rules: LaneRules) -> LaneStanding:
        """Return the same with what the class of its newest process declares."""
        return self._replace(supersedes=int(rules.skips_superseded) or None, spacing_ms=rules.spacing_ms or None)

    def ended(self, position: str | None, now: datetime) -> LaneStanding:
        """Return the same after the end of a process; its position is given where it ended well."""
        handled = max(self.handled or "", position or "") or None
        free_at = now + timedelta(milliseconds=self.spacing_ms) if self.spacing_ms else self.free_at
        return self._replace(handled=handled, free_at=free_at)


class Active(NamedTuple):
    """The process of a lane that does not rest behind another: it is due, has begun, or waits for anything else."""

    id: int
    position: str | None
    seq: int
    due_at: datetime | None

    @property
    def may_give_way(self) -> bool:
        """Whether it has not begun."""
        return self.seq == 0 and self.due_at is not None

    @property
    def place(self) -> tuple[str, int]:
        """Where it stands in its lane."""
        return (self.position or "", self.id)


class PlaceInLane(NamedTuple):
    """A new process of a lane, which rests in it until it is decided who is next."""

    id: int
    order_key: str
    position: str | None
    rules: LaneRules


def started(connection: sa.Connection, new: Sequence[PlaceInLane], *, record: Record, now: datetime) -> None:
    """Decide who is next in the lanes of new processes: one with a lower position goes before what has not begun."""
    stand = standing(connection, {each.order_key for each in new})
    declared = {each.order_key: stand[each.order_key].declared(each.rules) for each in new}
    _write(connection, {key: lane for key, lane in declared.items() if lane != stand[key]})
    kept = set()
    for key, first in active(connection, declared).items():
        lowest = min((each.position or "", each.id) for each in new if each.order_key == key)
        is_overtaken = first.may_give_way and (lowest < first.place or declared[key].supersedes)
        if not (is_overtaken and give_way(connection, first.id, now=now)):
            kept.add(key)
    _go_on(connection, {key: lane for key, lane in declared.items() if key not in kept}, record=record, now=now)


def ended(connection: sa.Connection, transitions: Sequence[Transition], *, record: Record, now: datetime) -> None:
    """Note what became of the heads of these lanes, and make the next processes due; skip those that are outdated."""
    heads = {each.claim.id: each for each in transitions if each.rested is None or each.rested.waiting_for != "lane"}
    if not heads:  # those rested behind the heads of their lanes, which are still there
        return
    found = ask(connection, ended_statement(), {"rows": pack((id_,) for id_ in sorted(heads))})
    stand: dict[str, LaneStanding] = {}
    after: dict[str, LaneStanding] = {}
    for id_, order_key, position, *row in found:
        stand[order_key] = before = LaneStanding(*row)
        is_handled = heads[id_].state.status in HANDLED
        after[order_key] = before.ended(position if is_handled else None, heads[id_].at)
    _write(connection, {key: lane for key, lane in after.items() if lane != stand[key]})
    _go_on(connection, after, record=record, now=now)


def advance(connection: sa.Connection, order_keys: Collection[str], *, record: Record, now: datetime) -> list[int]:
    """Make the next process due in each of these lanes of which none is active; return the ids of those made due."""
    busy = active(connection, order_keys)
    return _go_on(connection, standing(connection, set(order_keys) - busy.keys()), record=record, now=now)


def _go_on(connection: sa.Connection, stand: Mapping[str, LaneStanding], *, record: Record, now: datetime) -> list[int]:
    """Skip what is outdated or superseded in these lanes, of which none has a head, and make the next ones due."""
    if not stand:
        return []
    for key in sorted(stand):
        if stand[key].handled is not None or stand[key].supersedes:
            while passed := _passed(connection, key, stand[key], now=now):
                record(connection, passed)
    first = ask(connection, first_statement(), {"rows": _keys(stand)})
    rows = [(id_, moment_text(_later(after, stand[key].free_at, now))) for key, id_, after in first]
    found = apply(connection, due_change(), {"rows": pack(sorted(rows)), "now": now}) if rows else []
    return sorted(id_ for (id_,) in found)


def _later(retry_after: datetime | None, free_at: datetime | None, now: datetime) -> datetime | None:
    """Return the moment before which a process does not begin; None when it may now."""
    return max((each for each in (retry_after, free_at) if each is not None and each > now), default=None)


def _passed(connection: sa.Connection, order_key: str, stand: LaneStanding, *, now: datetime) -> list[Transition]:
    """Return how some processes of a lane are skipped: outdated ones and, where it says so, superseded ones."""
    handled = stand.handled or ""
    newest = _newest(connection, order_key) if stand.supersedes else None
    upto, spared = handled, 0
    if newest is not None and newest[1] > handled:
        spared, upto = newest
    values = {"key": order_key, "upto": upto, "spared": spared}
    rows = connection.execute(passed_statement(), values).mappings()
    return [_skipped(row, handled, newest, now) for row in rows]


def _skipped(row: sa.RowMapping, handled: str, newest: tuple[int, str] | None, now: datetime) -> Transition:
    seen, position = transition_rows.seen(row), row["order_position"]
    if position <= handled or newest is None:
        return lane_skips.outdated(seen, position, handled, now)
    return lane_skips.superseded(seen, position, newest, now)


def _newest(connection: sa.Connection, order_key: str) -> tuple[int, str] | None:
    row = connection.execute(newest_statement(), {"key": order_key}).one_or_none()
    return None if row is None else (row.id, row.order_position)


def standing(connection: sa.Connection, order_keys: Collection[str]) -> dict[str, LaneStanding]:
    """Return what the rows of these lanes say."""
    if not order_keys:
        return {}
    found = ask(connection, standing_statement(), {"rows": _keys(order_keys)})
    return dict.fromkeys(order_keys, LaneStanding()) | {key: LaneStanding(*row) for key, *row in found}


_STANDING: Final = (lane.handled, lane.supersedes, lane.spacing_ms, lane.free_at)


@lru_cache
def standing_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select the rows of some lanes."""
    wanted = sa.select(json_rows(lane.order_key).c.order_key)
    rows = sa.select(lane.order_key, *_STANDING).where(lane.order_key.in_(wanted))
    return hints.on(rows, lanes_table, hints.SEEK)


@lru_cache
def ended_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select what the rows of the lanes say in which these processes ended, with their positions."""
    r = json_rows(p.id)
    joined = r.join(processes, p.id == r.c.id).join(lanes_table, lane.order_key == p.order_key)
    found = sa.select(p.id, p.order_key, p.order_position, *_STANDING).select_from(joined).order_by(p.id)
    return hints.on(hints.on(found, processes, hints.SEEK), lanes_table, hints.SEEK)


def _write(connection: sa.Connection, stand: Mapping[str, LaneStanding]) -> None:
    for key in stand:
        row = {f"new_{name}": value for name, value in stand[key]._asdict().items() if value is not None}
        connection.execute(write_statement(frozenset(row)), {"which": key, **row})


@lru_cache
def write_statement(given: frozenset[str]) -> sa.Update:
    """Update the row of a lane with these parameters; what is not given is emptied, for no NULL is a parameter."""
    there = [column for column in _STANDING if f"new_{column.name}" in given]
    values = {column.name: sa.bindparam(f"new_{column.name}", type_=column.type) for column in there}
    empty = {column.name: sa.null() for column in _STANDING}
    return sa.update(lanes_table).where(lane.order_key == sa.bindparam("which")).values(empty | values)


def active(connection: sa.Connection, order_keys: Iterable[str]) -> dict[str, Active]:
    """Return the process of each of these lanes that does not rest behind another; lanes without one are left out."""
    found = ask(connection, active_statement(), {"rows": _keys(order_keys)})
    return {key: Active(*row) for key, *row in found}


@lru_cache
def active_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select the first open process of each lane that does not rest in it; mostly it is the very first."""
    return _first(p.order_key, p.id, p.order_position, p.seq, p.due_at, which=~_rests(q))


@lru_cache
def first_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select the first open process of each lane."""
    return _first(p.order_key, p.id, p.retry_after)


def _first(*columns: sa.ColumnElement[Any], which: sa.ColumnElement[bool] | None = None) -> sa.Select[Any]:
    wanted = json_rows(lane.order_key)
    is_open = (q.order_key == wanted.c.order_key, q.order_key.is_not(None), q.finished_at.is_(None))
    first = sa.select(q.id).where(*is_open, *([] if which is None else [which])).order_by(*lanes.place_of(q)).limit(1)
    seek = hints.on(first, _others, hints.SEEK).scalar_subquery()
    ids = sa.select(seek.label("id")).select_from(wanted).subquery("first")
    return hints.on(sa.select(*columns).join(ids, ids.c.id == p.id), processes, hints.SEEK)


def _rests(c: Any) -> sa.ColumnElement[bool]:
    """Return whether a process rests behind another in its lane."""
    return sa.and_(c.status == always(Status.WAITING), sa.func.coalesce(c.waiting_for, always("")) == always("lane"))


def _in_lane() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of what rests in the lane of the parameter `key`."""
    is_there = p.order_key == sa.bindparam("key", type_=p.order_key.type)
    return (is_there, p.order_key.is_not(None), p.finished_at.is_(None), _rests(p))


@lru_cache
def passed_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select the first processes that rest in a lane up to a position, without the one that is spared."""
    upto = p.order_position <= sa.bindparam("upto", type_=p.order_position.type)
    which = (*_in_lane(), upto, p.id != sa.bindparam("spared", type_=p.id.type))
    return sa.select(processes).where(*which).order_by(*lanes.place_of(p)).limit(MOST)


@lru_cache
def newest_statement() -> sa.Select[int, str]:
    """Select the process with the highest position that rests in a lane."""
    order = [column.desc() for column in lanes.place_of(p)]
    which = (*_in_lane(), p.order_position.is_not(None))
    return sa.select(p.id, p.order_position).where(*which).order_by(*order).limit(1)


@lru_cache
def due_change() -> Change:
    """Make processes due that rest in their lanes: now, or at the moment that is given with them."""
    r = json_rows(p.id, p.retry_after).c
    now = sa.bindparam("now", type_=p.due_at.type)
    later = r.retry_after.is_not(None)
    values = {
        "status": sa.case((later, always(Status.WAITING)), else_=always(Status.PENDING)),
        "waiting_for": sa.case((later, always("moment"))),
        "due_at": sa.func.coalesce(r.retry_after, now),
        "retry_after": sa.func.coalesce(r.retry_after, p.retry_after),
        "updated_at": now,
    }
    return change([p.id == r.id, _rests(p)], values)


def give_way(connection: sa.Connection, process_id: int, *, now: datetime) -> bool:
    """Make a process rest in its lane again; return False when it has begun meanwhile."""
    return bool(apply(connection, give_way_change(), {"process_id": process_id, "now": now}))


@lru_cache
def give_way_change() -> Change:
    """Make a process rest in its lane unless it has begun."""
    values = {
        "status": always(Status.WAITING),
        "waiting_for": always("lane"),
        "due_at": always(None),
        "updated_at": sa.bindparam("now", type_=p.updated_at.type),
    }
    return change([p.id == sa.bindparam("process_id"), p.due_at.is_not(None), p.seq == 0], values)


def _keys(order_keys: Iterable[str]) -> str:
    return pack((key,) for key in sorted(order_keys))
