"""Making new processes, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from process_manager.lifecycle import Status
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import moment_text, processes


@dataclass(frozen=True, slots=True)
class NewProcess:
    """A row of `processes` that is not there yet."""

    name: str
    version: int
    channel: str
    step: str
    parameters: str  # JSON
    reference: str | None = None
    order_key: str | None = None
    dedup_hash: str | None = None
    dedup_scope: str = "while_open"
    rerun_of: int | None = None
    command_key: str | None = None
    at: datetime | None = None
    in_lane: bool = False  # rests behind another process of its lane


_COLUMNS = (
    "name", "version", "channel", "step", "parameters", "reference", "order_key", "dedup_hash", "rerun_of",
    "command_key", "status", "due_at", "retry_after", "waiting_for", "created_at", "created_by", "updated_at",
)  # fmt: skip


def insert(connection: sa.Connection, new: Sequence[NewProcess], *, by: str, now: datetime) -> list[int]:
    """The ids of the new processes, in their order."""
    if not new:
        return []
    rows = pack(_row(each, by=by, now=now) for each in new)
    return sorted(connection.execute(insert_statement(), {"rows": rows}).scalars())


@lru_cache
def insert_statement() -> sa.sql.dml.ReturningInsert[int]:
    """Every new process of the batch at once; ids grow in the order of the rows."""
    return sa.insert(processes).from_select(list(_COLUMNS), sa.select(json_rows(*_COLUMNS))).returning(processes.c.id)


def _row(new: NewProcess, *, by: str, now: datetime) -> tuple[object, ...]:
    status, due_at, waiting_for = _rest(new, now)
    created = moment_text(now)
    return (
        new.name,
        new.version,
        new.channel,
        new.step,
        new.parameters,
        new.reference,
        new.order_key,
        new.dedup_hash,
        new.rerun_of,
        new.command_key,
        status,
        moment_text(due_at),
        moment_text(new.at),
        waiting_for,
        created,
        by,
        created,
    )


def _rest(new: NewProcess, now: datetime) -> tuple[Status, datetime | None, str | None]:
    """Where a new process stands: due, resting until its moment, or behind another in its lane."""
    if new.in_lane:
        return Status.WAITING, None, "lane"
    if new.at is not None and new.at > now:
        return Status.WAITING, new.at, "moment"
    return Status.PENDING, now, None
