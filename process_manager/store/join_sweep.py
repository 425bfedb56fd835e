"""Wake parents whose rows were locked when the last of their children settled, and count children anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.children import Join, recounted
from process_manager.lifecycle.status import SETTLED
from process_manager.store import joins, notify
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.join_tables import children
from process_manager.store.join_tables import joins as joins_table
from process_manager.store.tables import processes

j, c, p = joins_table.c, children.c, processes.c

READ: Final = 10_000
"""The most joins among which one look finds parents that wait."""

COUNTED: Final = 100
"""The most parents of which one look counts the children."""

_PICKED: Final[sa.BindParameter[int]] = sa.bindparam("picked", expanding=True)
_BELOW: Final[sa.BindParameter[int]] = sa.bindparam("below", type_=j.parent_id.type)
_IS_OPEN: Final = p.status.not_in([always(each) for each in SETTLED])


class Miscounted(NamedTuple):
    """Parents of which another number of children is open than was counted, and where the look goes on (None: done)."""

    parents: list[int]
    below: int | None


def go_on(connection: sa.Connection, parents: Sequence[int], *, now: datetime) -> None:
    """Wake those of these parents that can be woken now; those that somebody has locked are left to the next sweep."""
    before = _held(connection, parents)
    _change(connection, before, {parent: each._replace(waking=0) for parent, each in before.items()}, now=now)


def miscounted(connection: sa.Connection, below: int) -> Miscounted:
    """Return some of the parents with ids below this one that wait, and whose children are not those that are counted.

    That is what a worker leaves that settles a child and knows of no parents: one from before there were any.
    """
    edge = connection.execute(edge_statement(), {"below": below}).scalar()
    rows = connection.execute(page_statement(), {"below": below, "edge": edge or 0}).all()
    wrong = [id_ for id_, counted, is_open in rows if counted != is_open]
    return Miscounted(wrong, rows[-1].parent_id if len(rows) == COUNTED else edge)


@lru_cache
def edge_statement() -> sa.Select[int]:
    """Select the last of the joins that one look reads; none where there are fewer."""
    return sa.select(j.parent_id).where(j.parent_id < _BELOW).order_by(j.parent_id.desc()).limit(1).offset(READ - 1)


@lru_cache
def page_statement() -> sa.Select[Any]:
    """Select the parents among those that wait, with how many children were counted as open, and how many are."""
    edge = sa.bindparam("edge", type_=j.parent_id.type)
    page = sa.select(j.parent_id, j.open).where(j.parent_id < _BELOW, j.parent_id >= edge, j.waits != always(""))
    found = page.order_by(j.parent_id.desc()).limit(COUNTED).subquery("page")
    number = sa.select(sa.func.count()).select_from(children).join(processes, p.id == c.process_id)
    number = number.where(c.parent_id == found.c.parent_id, _IS_OPEN)
    number = hints.on(hints.on(number, children, hints.SEEK), processes, hints.SEEK)
    return sa.select(*found.c, number.scalar_subquery().label("is_open")).order_by(found.c.parent_id.desc())


def recount(connection: sa.Connection, parents: Sequence[int], *, now: datetime) -> None:
    """Count the open children of these parents anew, as committed while their joins are locked, and wake who is due.

    Whoever changes a child changes the join in the same transaction, and so afterwards.
    """
    before = _held(connection, parents)
    if before:
        counts = {row[0]: row[1] for row in connection.execute(count_statement(), {"picked": sorted(before)})}
        after = {parent: recounted(each, counts.get(parent, 0)) for parent, each in before.items()}
        _change(connection, before, after, now=now)


@lru_cache
def count_statement() -> sa.Select[int, int]:
    """Count the open children of each of these parents; those without any are left out."""
    found = sa.select(c.parent_id, sa.func.count()).join(processes, p.id == c.process_id)
    found = found.where(c.parent_id.in_(_PICKED), _IS_OPEN).group_by(c.parent_id)
    return hints.on(hints.on(found, children, hints.SEEK), processes, hints.SEEK)


def _held(connection: sa.Connection, parents: Sequence[int]) -> dict[int, Join]:
    """Return how these joins stand, locked; those that another has locked are left out."""
    held = sorted(joins.hold(connection, parents))
    return joins.lock(connection, held) if held else {}


def _change(connection: sa.Connection, before: Mapping[int, Join], after: Mapping[int, Join], *, now: datetime) -> None:
    if joins.change(connection, before, after, now=now):
        notify.hint(connection)
