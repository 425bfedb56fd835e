"""The history of a process, as a person asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.inspection import masking
from process_manager.inspection.masking import Shield
from process_manager.inspection.processes import require
from process_manager.inspection.unreadable import Row
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import Status
from process_manager.store import audit_queries, event_queries, queries

_TEXTS: Final = ("code", "message", "error")
"""Where a history row may say what is in the payload."""


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
    way: str | None = None
    request_id: str | None = None
    event: str | None = None  # that woke the process before this
    event_number: int | None = None  # which signal of it


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
        Its rows, the oldest first; a step in progress is the last one, as `started`. What somebody did is told with
        how they came, if it was done through `governance.acting`.

    Raises:
        UnknownId: There is no such process.
    """
    row = require(connection, process_id, viewer)
    said = queries.evidence_of(connection, process_id)
    shield = masking.shields(connection, [row], viewer).get(process_id)
    found = with_evidence(row, queries.history(connection, process_id), said, shield)
    found = with_events(connection, found, shield)
    return with_ways(connection, [each for each in found if step is None or each.step == step])


def with_evidence(
    row: Row, recorded: Sequence[sa.RowMapping], said: Sequence[sa.RowMapping], shield: Shield | None
) -> list[History]:
    """Return history rows with what their steps said while they ran; a step in progress is the last one.

    Args:
        row: The process.
        recorded: Its history rows, the oldest first.
        said: Their evidence, the oldest first.
        shield: What is masked of it.
    """
    rows: list[Mapping[str, Any]] = [{name: each[name] for name in each if name != "newest_id"} for each in recorded]
    if row["status"] == Status.RUNNING:
        rows.append(_in_progress(row))
    by_seq = _said_by_seq(said)
    found = [_history(each, by_seq.get(each["seq"], [])) for each in rows]
    return found if shield is None else [_masked(each, shield) for each in found]


def with_ways(connection: sa.Connection, rows: list[History]) -> list[History]:
    """Return history rows of one process, those of acts with how somebody came; it asks nothing where there is none."""
    acted = next((each.process_id for each in rows if each.by is not None), None)
    came = {} if acted is None else audit_queries.ways(connection, acted)
    return [replace(each, **came.get(each.seq, {})) for each in rows] if came else rows


def with_events(connection: sa.Connection, rows: list[History], shield: Shield | None) -> list[History]:
    """Return history rows of one process, each with what woke it before; it asks nothing of one that never waited."""
    waited = next((each.process_id for each in rows if each.outcome == "wait"), None)
    woken = {} if waited is None else event_queries.wakes(connection, waited)
    return [_woken(each, *woken[each.seq], shield) if each.seq in woken else each for each in rows]


def _woken(row: History, event: str, number: int, shield: Shield | None) -> History:
    return replace(row, event=event if shield is None else shield.value(event), event_number=number)


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


def _masked(row: History, shield: Shield) -> History:
    """Return the row with what is marked masked."""
    return replace(
        row,
        payload=None if row.payload is None else shield.payload(row.payload, row.seq),
        exchanges=tuple(_masked_piece(each, shield) for each in row.exchanges),
        logs=tuple(_masked_piece(each, shield) for each in row.logs),
        progress=None if row.progress is None else _masked_piece(row.progress, shield),
        **{name: shield.value(getattr(row, name)) for name in _TEXTS},
    )


def _masked_piece(said: Mapping[str, Any], shield: Shield) -> Mapping[str, Any]:
    """Return what a step said with what is marked masked; its moment is ours, and stays one."""
    return {**shield.value(said), "at": said["at"]}
