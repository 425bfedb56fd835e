"""What a board asks: when each step of some processes ended last, and how often people restarted them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.json_rows import json_rows, number, pack
from process_manager.store.tables import process_steps, processes

p, h = processes.c, process_steps.c

FAR: Final = 200
"""Rows of a history that are looked at, from its end: what ended before them is done, nobody says when."""
ENDED: Final = ("done", "skip-step", "resolve")
"""The outcomes after which a step is not run again by itself."""


def ends(connection: sa.Connection, ids: Sequence[int]) -> Sequence[sa.RowMapping]:
    """Return for each step of these processes that ended: how, and when it did so last."""
    return connection.execute(ends_statement(), {"rows": pack((each,) for each in ids)}).mappings().all()


@lru_cache
def ends_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select the last end of each step, among the newest rows of each history."""
    columns = (h.process_id, h.step, h.outcome)
    return _newest(*columns, sa.func.max(h.finished_at).label("at")).where(h.outcome.in_(ENDED)).group_by(*columns)


def restarts(connection: sa.Connection, ids: Sequence[int]) -> dict[int, int]:
    """Return how often people restarted these processes; those that nobody did are left out."""
    found = connection.execute(restarts_statement(), {"rows": pack((each,) for each in ids)})
    return {row.process_id: row.number for row in found}


@lru_cache
def restarts_statement() -> sa.Select[*tuple[Any, ...]]:
    """Count the restarts, among the newest rows of each history."""
    counted = _newest(h.process_id, sa.func.count().label("number"))
    return counted.where(h.outcome == "restart").group_by(h.process_id)


def _newest(*columns: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    wanted = json_rows(number("id"))
    newest = sa.and_(h.process_id == p.id, h.seq > p.seq - FAR)
    statement = sa.select(*columns).join_from(wanted, processes, p.id == wanted.c.id).join(process_steps, newest)
    return hints.on(hints.on(statement, processes, hints.SEEK), process_steps, hints.SEEK)
