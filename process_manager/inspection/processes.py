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
from process_manager.inspection import limits, masking, unreadable
from process_manager.inspection.masking import Shield
from process_manager.inspection.unreadable import Row
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.claim import parent_of
from process_manager.lifecycle.pool import WAITS
from process_manager.lifecycle.status import Status
from process_manager.message import Message
from process_manager.store import event_queries, filters, lane_heads, queries, task_queries
from process_manager.store.filters import Filter

__all__ = [
    "Filter",
    "Overview",
    "Watched",
    "get",
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
    seq: int = 0  # of its newest history row
    stop_requested_at: datetime | None = None  # when somebody asked it to stop while it ran
    stop_requested_by: str | None = None
    stop_requested_reason: str | None = None
    event: str | None = None  # for which it waits
    parent_id: int | None = None  # whose step started it


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
    return _answered(connection, [require(connection, process_id, viewer)], viewer)[0][0]


def require(connection: sa.Connection, process_id: int, viewer: Viewer) -> Row:
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
    found: list[Overview] = []
    while True:
        some, shields = read(connection, which, limit, viewer)
        if which.error is None or not shields:
            return [*found, *some][:limit]
        findable = set(masking.findable(connection, [each.id for each in some], which.error, shields))
        found += (each for each in some if each.id in findable)
        if len(some) < limit or len(found) >= limit:
            return found[:limit]
        which = replace(which, below=some[-1].id)


def read(
    connection: sa.Connection, which: Filter, limit: int, viewer: Viewer
) -> tuple[list[Overview], Mapping[int, Shield]]:
    """Return the newest processes that match, at most `limit`, and what is masked of them."""
    newest = filters.narrowed(connection, replace(which, kinds=viewer.kinds), limit=limit)
    try:
        return _answered(connection, queries.processes_page(connection, newest, limit=limit), viewer)
    except Exception as problem:
        if error_codes.concerns_any_row(problem):
            raise
    ids = filters.newest(connection, newest, limit=limit)
    rows = [unreadable.row(connection, each, viewer.kinds) for each in ids]
    return _answered(connection, [row for row in rows if row is not None], viewer)


def _answered(
    connection: sa.Connection, rows: Sequence[Row], viewer: Viewer
) -> tuple[list[Overview], Mapping[int, Shield]]:
    shields = masking.shields(connection, rows, viewer)
    return overviews(connection, rows, shields, viewer), shields


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
    some, shields = read(connection, Filter(ids=tuple(ids)), len(ids), viewer)
    found = {each.id: each for each in some}
    for process_id in ids:
        if process_id not in found:
            raise UnknownId(process_id=process_id, database="this database")
    told = queries.progress(connection, ids)
    return [Watched(found[each], _progress(told.get(each), shields.get(each))) for each in ids]


def _progress(told: str | None, shield: Shield | None) -> Mapping[str, Any] | None:
    said: Mapping[str, Any] | None = None if told is None else serialization.loads(told)
    return said if shield is None else shield.value(said)


def overviews(
    connection: sa.Connection, rows: Sequence[Row], shields: Mapping[int, Shield], viewer: Viewer
) -> list[Overview]:
    """Return processes as the viewer sees them, from their rows and what is masked of each."""
    ahead = lane_heads.ahead(connection, {row["order_key"] for row in rows if row["waiting_for"] == "lane"})
    if ahead and viewer.kinds is not None:
        seen = queries.visible(connection, ahead.values(), kinds=viewer.kinds)
        ahead = {lane: process_id for lane, process_id in ahead.items() if process_id in seen}
    pools = {row.get("pool") for row in rows if row["waiting_for"] == WAITS}
    shared = limits.awaited(connection, pools, viewer=viewer) if pools else {}
    found = [_overview(row, ahead, shared, shields.get(row["id"])) for row in rows]
    waiting = [each.id for each in found if each.waiting_for == "event"]
    keys = event_queries.waited_for(connection, waiting) if waiting else {}
    asked = task_queries.asked(connection, [each for each in waiting if each not in keys])
    if not (keys or asked):
        return found
    told = [replace(each, event=_event(keys.get(each.id), shields.get(each.id))) for each in found]
    return [replace(each, waiting_for=_answerer(*asked[each.id])) if each.id in asked else each for each in told]


def asks(process: Overview) -> bool:
    """Return whether a process waits for somebody to answer what it asks."""
    waits = process.waiting_for
    return isinstance(waits, Message) and waits.template in {_answerer(0, each).template for each in (None, "")}


def _answerer(task_id: int, group: str | None) -> Message:
    if group is None:
        return Message("somebody who answers task %(id)s", id=task_id)
    return Message("the group %(group)s, which is asked in task %(id)s", group=group, id=task_id)


def _event(key: str | None, shield: Shield | None) -> str | None:
    return key if shield is None else shield.value(key)


def _overview(
    row: Row, ahead: Mapping[str, int], shared: Mapping[str | None, Message], shield: Shield | None
) -> Overview:
    running = row["status"] == Status.RUNNING
    order_key = row["order_key"] if shield is None else shield.key("order_key", row["order_key"])
    waiting_for = row["waiting_for"]
    if waiting_for == "lane":
        waiting_for = _ahead(ahead.get(row["order_key"]), order_key)
    if waiting_for == WAITS:
        waiting_for = shared[row.get("pool")]
    same = {name: row[name] for name in Overview.__slots__ if name in row}
    found = Overview(
        **{
            **same,
            "attempt": (row["attempts"] or 0) + running,
            "order_key": order_key,
            "waiting_for": waiting_for,
            "parent_id": parent_of(row.get("dedup_hash")),
            "due_at": None if row["waiting_for"] == WAITS else row["due_at"],  # it is taken long before that
            "payload": serialization.loads(row["payload"] or row["parameters"] or "{}"),
        }
    )
    return found if shield is None else _masked(found, shield, is_told=unreadable.is_in_part(row))


def _ahead(process_id: int | None, lane: str | None) -> Message:
    if process_id is None:
        return Message("another process, ahead of it in lane %(lane)s", lane=repr(lane))
    return Message("process %(id)s, ahead of it in lane %(lane)s", id=process_id, lane=repr(lane))


def _masked(found: Overview, shield: Shield, *, is_told: bool) -> Overview:
    """Return the process with what is marked masked; `is_told`: the message says what of its row cannot be read."""
    return replace(
        found,
        payload=shield.payload(found.payload),
        reference=shield.key("reference", found.reference),
        message=found.message if is_told else shield.value(found.message),
        stop_requested_reason=shield.value(found.stop_requested_reason),
    )
