"""Processes and their history, as a person asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from process_manager import serialization
from process_manager.database import error_codes
from process_manager.errors import UnknownId
from process_manager.inspection import unreadable
from process_manager.inspection.unreadable import Row
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import Status
from process_manager.store import filters, lanes, queries
from process_manager.store.filters import Filter

__all__ = [
    "Filter",
    "History",
    "Overview",
    "Watched",
    "get",
    "history",
    "page",
    "watched",
]


@dataclass(frozen=True, slots=True)
class Overview:
    """A process as a person sees it. `attempt` is the running attempt, else the number of the last one."""

    id: int
    name: str
    version: int
    reference: str | None
    status: str
    step: str | None
    attempt: int
    round: int
    due_at: datetime | None
    retry_after: datetime | None
    waiting_for: str | None
    channel: str
    order_key: str | None
    worker: str | None
    lease_ends_at: datetime | None
    message: str | None
    payload: Mapping[str, Any]
    rerun_of: int | None
    created_at: datetime | None  # None where it cannot be read, as any moment
    created_by: str
    updated_at: datetime | None
    finished_at: datetime | None
    command_key: str | None = None
    doubtful_since: datetime | None = None
    created_way: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class History:
    """A history row as a person sees it: one run of a step, or one act of a person."""

    process_id: int
    seq: int
    round: int
    step: str | None
    attempt: int
    outcome: str
    code: str | None
    message: str
    started_at: datetime
    finished_at: datetime | None
    payload: Mapping[str, Any] | None
    exchanges: tuple[Mapping[str, Any], ...]
    logs: tuple[Mapping[str, Any], ...]
    progress: Mapping[str, Any] | None
    error: str | None
    worker: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Watched:
    """A process, and what its running step said last of how far it is."""

    process: Overview
    progress: Mapping[str, Any] | None


def get(connection: sa.Connection, process_id: int, *, viewer: Viewer = CONSOLE) -> Overview:
    """Return one process.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        viewer: Who asks.

    Returns:
        Where it stands.

    Raises:
        UnknownId: There is no such process.
    """
    return _overviews(connection, [_row(connection, process_id, viewer)], viewer)[0]


def _row(connection: sa.Connection, process_id: int, viewer: Viewer) -> Row:
    """Return the row of a process; to who may not see it there is none."""
    row = unreadable.row(connection, process_id, viewer.kinds)
    if row is None:
        raise UnknownId(process_id=process_id, database="this database")
    return row


def page(connection: sa.Connection, which: Filter, *, limit: int, viewer: Viewer = CONSOLE) -> list[Overview]:
    """List the newest processes that match. The next page is the same filter `below` the last id of this one.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        limit: How many, at most.
        viewer: Who asks.

    Returns:
        The processes, the newest first.
    """
    newest = filters.narrowed(connection, replace(which, kinds=viewer.kinds), limit=limit)
    try:
        return _overviews(connection, queries.processes_page(connection, newest, limit=limit), viewer)
    except Exception as problem:
        if error_codes.concerns_any_row(problem):
            raise
    ids = filters.newest(connection, newest, limit=limit)
    rows = [unreadable.row(connection, each, viewer.kinds) for each in ids]
    return _overviews(connection, [row for row in rows if row is not None], viewer)


def watched(connection: sa.Connection, ids: Sequence[int], *, viewer: Viewer = CONSOLE) -> list[Watched]:
    """Return processes with the progress of their running steps.

    Args:
        connection: A connection in any transaction.
        ids: Which processes.
        viewer: Who asks.

    Returns:
        The processes, in the order of the ids.

    Raises:
        UnknownId: One of them is not there.
    """
    found = {each.id: each for each in page(connection, Filter(ids=tuple(ids)), limit=len(ids), viewer=viewer)}
    for process_id in ids:
        if process_id not in found:
            raise UnknownId(process_id=process_id, database="this database")
    told = queries.progress(connection, ids)
    return [Watched(found[each], serialization.loads(told[each]) if each in told else None) for each in ids]


def history(
    connection: sa.Connection, process_id: int, *, step: str | None = None, viewer: Viewer = CONSOLE
) -> list[History]:
    """Return the history of a process.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        step: Only the rows of this step; None for all.
        viewer: Who asks.

    Returns:
        Its rows, the oldest first; a step in progress is the last one, as `started`.

    Raises:
        UnknownId: There is no such process.
    """
    row = _row(connection, process_id, viewer)
    rows: list[Mapping[str, Any]] = [dict(each) for each in queries.history(connection, process_id)]
    if row["status"] == Status.RUNNING:
        rows.append(_in_progress(row))
    said = _said_by_seq(queries.evidence_of(connection, process_id))
    return [_history(each, said.get(each["seq"], [])) for each in rows if step is None or each["step"] == step]


def _overviews(connection: sa.Connection, rows: Sequence[Row], viewer: Viewer) -> list[Overview]:
    ahead = lanes.heads(connection, {row["order_key"] for row in rows if row["waiting_for"] == "lane"})
    if ahead and viewer.kinds is not None:
        seen = queries.visible(connection, ahead.values(), kinds=viewer.kinds)
        ahead = {lane: process_id for lane, process_id in ahead.items() if process_id in seen}
    return [_overview(row, ahead) for row in rows]


def _overview(row: Row, ahead: Mapping[str, int]) -> Overview:
    running = row["status"] == Status.RUNNING
    waiting_for = row["waiting_for"]
    if waiting_for == "lane":
        process_id = ahead.get(row["order_key"])
        first = "another process" if process_id is None else f"process {process_id}"
        waiting_for = f"{first}, ahead of it in lane {row['order_key']!r}"
    same = {name: row[name] for name in Overview.__slots__ if name in row}
    return Overview(
        **{
            **same,
            "attempt": (row["attempts"] or 0) + running,
            "waiting_for": waiting_for,
            "payload": serialization.loads(row["payload"] or row["parameters"] or "{}"),
        }
    )


def _in_progress(row: Row) -> dict[str, Any]:
    """Return the step that runs, as the history shows it: its row is written when it answers or loses its lease."""
    return {
        "process_id": row["id"],
        "seq": row["seq"] + 1,
        "round": row["round"],
        "step": row["step"],
        "attempt": row["attempts"] + 1,
        "outcome": "started",
        "code": None,
        "message": "",
        "error": None,
        "payload": None,
        "started_at": row["step_started_at"],
        "finished_at": None,
        "worker": row["worker"],
        "by": None,
    }


def _said_by_seq(rows: Sequence[sa.RowMapping]) -> dict[int, list[sa.RowMapping]]:
    found: dict[int, list[sa.RowMapping]] = {}
    for row in rows:
        found.setdefault(row["seq"], []).append(row)
    return found


def _history(row: Mapping[str, Any], said: Sequence[sa.RowMapping]) -> History:
    told = {
        kind: tuple(_said(each) for each in said if each["kind"] == kind) for kind in ("exchange", "log", "progress")
    }
    return History(
        **{
            **row,
            "payload": None if row["payload"] is None else serialization.loads(row["payload"]),
            "exchanges": told["exchange"],
            "logs": told["log"],
            "progress": told["progress"][-1] if told["progress"] else None,
        }
    )


def _said(row: sa.RowMapping) -> Mapping[str, Any]:
    return {**serialization.loads(row["body"]), "at": row["made_at"]}
