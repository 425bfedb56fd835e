"""Children: start them for their parent, and say whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from process_manager.actor import Actor
from process_manager.lifecycle.children import ChildStart, dedup_hash
from process_manager.store import dedup_keys, lane_places, lanes, search_values, starting
from process_manager.store import sqlserver_hints as hints
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.join_tables import children
from process_manager.store.json_rows import given_ids, json_rows, pack
from process_manager.store.starting import NewProcess
from process_manager.store.tables import processes

if TYPE_CHECKING:
    from process_manager.store.lane_rules import Record

c, p = children.c, processes.c


def start(
    connection: sa.Connection, parent_id: int, wanted: Sequence[ChildStart], *, record: Record, now: datetime
) -> list[int]:
    """Start the children that the parent does not have yet, its row and their lanes locked; return those.

    One that does not fit its lane raises MixedLane, which fails the step that starts it.
    """
    there = keys(connection, parent_id, [each.key for each in wanted])
    new = list({each.key: each for each in reversed(wanted) if each.key not in there}.values())[::-1]
    if not new:
        return []
    first = lanes.first_of(connection, {each.order_key for each in new})
    rows = lane_places.in_lanes([_row(parent_id, each) for each in new], first)
    ids = starting.insert(connection, rows, actor=Actor(f"process {parent_id}"), now=now)
    made = list(zip(new, rows, ids, strict=True))
    dedup_keys.take(connection, [(row.name, row.dedup_hash or "", id_, row.dedup_scope) for _, row, id_ in made])
    search_values.keep(connection, [(id_, row.terms) for _, row, id_ in made if row.terms])
    connection.execute(insert_statement(), {"rows": pack((parent_id, each.key, id_) for each, _, id_ in made)})
    lane_places.decide(connection, [(row, id_) for _, row, id_ in made], record=record, now=now)
    return ids


def _row(parent_id: int, wanted: ChildStart) -> NewProcess:
    facts = wanted._asdict()
    return NewProcess(dedup_hash=dedup_hash(parent_id, facts.pop("key")), **facts)


def keys(connection: sa.Connection, parent_id: int, wanted: Iterable[str]) -> set[str]:
    """Return which of these keys children of the parent have."""
    rows = {"rows": pack((parent_id, key) for key in sorted(set(wanted)))}
    return set(connection.execute(keys_statement(), rows).scalars())


@lru_cache
def keys_statement() -> sa.Select[str]:
    """Select the keys of the batch that are taken."""
    r = json_rows(c.parent_id, c.key).c
    found = sa.select(c.key).where(c.parent_id == r.parent_id, c.key == r.key)
    return hints.on(found, children, hints.SEEK)


@lru_cache
def insert_statement() -> sa.Insert:
    """Insert every child of the batch."""
    rows = json_rows(c.parent_id, c.key, c.process_id)
    return sa.insert(children).from_select(["parent_id", "key", "process_id"], sa.select(*rows.c))


class ChildRow(NamedTuple):
    """A child, and where it stands."""

    key: str
    id: int
    name: str
    status: str
    payload: str  # JSON


def of_parent(connection: sa.Connection, parent_id: int) -> list[ChildRow]:
    """Return the children of a process, in the order in which they were started."""
    return [ChildRow(*row) for row in connection.execute(of_parent_statement(), {"of_parent": parent_id})]


@lru_cache
def of_parent_statement() -> sa.Select[Any]:
    """Select the children of a process with where they stand."""
    payload = sa.func.coalesce(p.payload, p.parameters)
    found = (
        sa.select(c.key, p.id, p.name, p.status, payload)
        .select_from(children)
        .join(processes, p.id == c.process_id)
        .where(c.parent_id == sa.bindparam("of_parent"))
        .order_by(p.id)
    )
    return hints.on(hints.on(found, children, hints.SEEK), processes, hints.SEEK)


class ChildKey(NamedTuple):
    """A child, and its key among the children of its parent."""

    key: str
    id: int


def page(connection: sa.Connection, parent_id: int, *, above: int, limit: int, kinds: Kinds = None) -> list[ChildKey]:
    """Return the first children of a process with ids above this one, in the order in which they were started."""
    given = {"of_parent": parent_id, "above": above}
    found = page_statement().where(*of_kinds(kinds)).limit(limit)
    return [ChildKey(*row) for row in connection.execute(found, given)]


@lru_cache
def page_statement() -> sa.Select[Any]:
    """Select the children of a process with ids above this one."""
    above = sa.bindparam("above", type_=c.process_id.type)
    found = sa.select(c.key, c.process_id).join(processes, p.id == c.process_id)
    found = found.where(c.parent_id == sa.bindparam("of_parent"), c.process_id > above).order_by(c.process_id)
    return hints.on(hints.on(found, children, hints.SEEK), processes, hints.SEEK)


def open_below(connection: sa.Connection, process_id: int) -> list[int]:
    """Return which of the children of a process are open, and of theirs, however deep."""
    found: set[int] = set()
    level = [process_id]
    while level:
        rows = connection.execute(_below(level)).all()
        found |= {id_ for id_, finished_at in rows if finished_at is None}
        level = [id_ for id_, _finished_at in rows]
    return sorted(found)


def _below(parents: Sequence[int]) -> sa.Select[Any]:
    found = sa.select(p.id, p.finished_at).join(children, c.process_id == p.id)
    found = found.where(c.parent_id.in_(given_ids(parents)))
    return hints.on(hints.on(found, children, hints.SEEK), processes, hints.SEEK)
