"""How many processes stand in each status, counted up to a limit: exact for a person, cheap over a million rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.store.column_types import always
from process_manager.store.filters import IN_TROUBLE, Kinds, of_kinds
from process_manager.store.tables import processes

p = processes.c

MOST: Final = 10_000
"""More than so many are not counted."""


def capped_counts(connection: sa.Connection, *, name: str | None = None, kinds: Kinds = None) -> Mapping[str, int]:
    """Return how many processes stand in each status that is open, and how many there are, each up to `MOST` + 1.

    Args:
        connection: A connection in any transaction.
        name: Only those of this name.
        kinds: Only those that whoever asks may see.
    """
    shared = [*of_kinds(kinds), *([] if name is None else [p.name == name])]
    parts = [_counted(what, [*which, *shared]) for what, which in _parts()]
    found: dict[str, int] = {}
    for what, number in connection.execute(sa.union_all(*parts)):
        found[what] = min(found.get(what, 0) + number, MOST + 1)
    return found


def _parts() -> list[tuple[str, list[sa.ColumnElement[bool]]]]:
    """Return the conditions of each count, in the form of the index that holds its processes."""
    in_trouble = p.status.in_(map(always, IN_TROUBLE))
    bad = [(str(each), [p.status == always(each), in_trouble]) for each in _BAD]
    is_due = p.due_at.is_not(None)
    in_lane = [p.order_key.is_not(None), p.finished_at.is_(None), p.due_at.is_(None)]
    return [
        *bad,
        ("pending", [is_due, p.status == always(Status.PENDING)]),
        ("waiting", [is_due, p.status == always(Status.WAITING)]),
        ("waiting", [*in_lane, p.status == always(Status.WAITING)]),
        ("running", [p.lease_ends_at.is_not(None)]),
        ("all", []),
    ]


_BAD: Final = (Status.FAILED, Status.UNCERTAIN, Status.QUARANTINED)


def _counted(what: str, which: list[sa.ColumnElement[bool]]) -> sa.Select[Any]:
    some = sa.select(p.id).where(*which).limit(MOST + 1).subquery()
    return sa.select(always(what).label("what"), sa.func.count().label("number")).select_from(some)
