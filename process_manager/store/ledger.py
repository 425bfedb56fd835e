"""Which rows of a foreign table a process has taken: recorded here before anything is changed there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import Moment, key_type, name_type
from process_manager.store.insert_new import insert_new, unless_exists
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import installation, metadata, processes

PORTION: Final = 500
"""The most rows taken at once: SQL Server escalates 5,000 row locks to a table lock, whatever the hints say."""


class Taken(StrEnum):
    """How far a taken row is."""

    NOTED = "noted"  # about to be claimed, or just claimed
    CLAIMED = "claimed"
    QUEUED = "queued"
    UNDONE = "undone"  # found changed by a person after the claim

    DONE = "done"
    LET_GO = "let_go"  # never ours, or undone before anything left
    WITHDRAWN = "withdrawn"  # undone, and what had left was taken back
    TOO_LATE = "too_late"  # undone when what had left was already being worked on


OPEN: Final = (Taken.NOTED, Taken.CLAIMED, Taken.QUEUED, Taken.UNDONE)


@dataclass(frozen=True, slots=True)
class Taking:
    """Who takes rows, and from where."""

    source: str
    batch: str
    process_id: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One row that was taken."""

    id: int
    row_id: str
    batch: str
    process_id: int
    state: Taken
    noted_at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None


def _one_of(states: Iterable[Taken]) -> str:
    return ", ".join(f"'{state}'" for state in states)


ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("id", key_type, primary_key=True, autoincrement=True, doc="The id of this entry."),
    sa.Column("source", name_type(100), nullable=False, doc="The foreign table."),
    sa.Column("row_id", name_type(100), nullable=False, doc="The key of its row."),
    sa.Column("batch", name_type(36), nullable=False, doc="The idempotency key of the step that took it."),
    # No foreign key: the entry outlives its process when that is purged, for the report of rows at rest.
    sa.Column("process_id", key_type, nullable=False, doc="The process that took it."),
    sa.Column("state", sa.Unicode(10), nullable=False, doc="How far it is."),
    sa.Column("noted_at", Moment, nullable=False, doc="When it was recorded here."),
    sa.Column("claimed_at", Moment, doc="When it was changed there."),
    sa.Column("closed_at", Moment, doc="When the entry was closed."),
    sa.CheckConstraint(f"state IN ({_one_of(Taken)})", name="state"),
    sa.CheckConstraint(
        f"(closed_at IS NULL AND state IN ({_one_of(OPEN)}))"
        f" OR (closed_at IS NOT NULL AND state NOT IN ({_one_of(OPEN)}))",
        name="closed_has_end",
    ),
)
"""One row for each time a foreign row was taken; a foreign row has at most one open entry."""


def adopt(connection: sa.Connection, *, source: str, process_id: int) -> int:
    """Take over the open entries of processes that have ended; each keeps its batch, so that nothing is sent twice.

    Args:
        connection: The caller's connection, in a write transaction.
        source: The list that the rows are from.
        process_id: The process that takes them over.

    Returns:
        How many were taken over.
    """
    ended = sa.select(processes.c.id).where(processes.c.id == ledger.c.process_id, processes.c.finished_at.is_not(None))
    has_ended = hints.on(ended, processes, hints.SEEK).exists()
    statement = (
        sa.update(ledger)
        .where(ledger.c.source == source, ledger.c.closed_at.is_(None), ledger.c.process_id != process_id, has_ended)
        .values(process_id=process_id)
    )
    return connection.execute(statement).rowcount


def record(connection: sa.Connection, taking: Taking, row_ids: Collection[str], now: datetime) -> None:
    """Record rows as taken, before any of them is changed.

    Args:
        connection: The caller's connection, in a write transaction.
        taking: Who takes them, and from where.
        row_ids: The rows; one that a process has open is left out.
        now: The present moment.
    """
    row_id, other = json_rows(ledger.c.row_id).c.row_id, ledger.alias("other")
    is_open = (other.c.source == taking.source, other.c.row_id == row_id, other.c.closed_at.is_(None))
    fresh = sa.select(
        sa.literal(taking.source, sa.Unicode(100)),
        row_id,
        sa.literal(taking.batch, sa.Unicode(36)),
        sa.literal(taking.process_id, sa.BigInteger),
        sa.literal(Taken.NOTED.value, sa.Unicode(10)),
        sa.literal(now, Moment),
    ).where(unless_exists(other.c.id, other, *is_open))
    columns = ["source", "row_id", "batch", "process_id", "state", "noted_at"]
    # Two dispatchers may record one row at the same moment.
    if connection.dialect.name == "mariadb":  # which has no partial index: only one at a time
        connection.execute(sa.select(installation.c.id).with_for_update())
    connection.execute(insert_new(ledger, connection.dialect.name).from_select(columns, fresh), _rows(row_ids))


def open_entries(
    connection: sa.Connection, process_id: int, states: Collection[Taken], *, after: int = 0
) -> list[LedgerEntry]:
    """Return the next open entries of a process, in the order in which they were recorded.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        states: Only entries in these states.
        after: Only entries whose id is greater: where the portion before ended.

    Returns:
        At most 500 entries.
    """
    statement = (
        _entries()
        .where(ledger.c.process_id == process_id, ledger.c.closed_at.is_(None), ledger.c.id > after)
        .where(ledger.c.state.in_([state.value for state in states]))
        .order_by(ledger.c.id)
        .limit(PORTION)
    )
    return [_entry(row) for row in connection.execute(statement)]


def count_open(connection: sa.Connection, process_id: int, states: Collection[Taken] = OPEN) -> int:
    """Count the rows that a process has open.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        states: Only rows in these states; all that are open by default.

    Returns:
        How many there are.
    """
    statement = (
        sa.select(sa.func.count())
        .where(ledger.c.process_id == process_id, ledger.c.closed_at.is_(None))
        .where(ledger.c.state.in_([state.value for state in states]))
    )
    return int(connection.execute(statement).scalar_one())


def holders(connection: sa.Connection, source: str, row_ids: Collection[str]) -> dict[str, int]:
    """Return who has these rows open.

    Args:
        connection: A connection in any transaction.
        source: The list that the rows are from.
        row_ids: The rows.

    Returns:
        The id of the process by row, for those that one has open.
    """
    which = (
        ledger.c.source == source,
        ledger.c.closed_at.is_(None),
        ledger.c.row_id.in_(_given_rows()),
    )
    statement = hints.on(sa.select(ledger.c.row_id, ledger.c.process_id).where(*which), ledger, hints.SEEK)
    return {row.row_id: row.process_id for row in connection.execute(statement, _rows(row_ids))}


def mark(connection: sa.Connection, entries: Collection[LedgerEntry], state: Taken, now: datetime) -> None:
    """Move open entries to another state; one that is not open closes them.

    Args:
        connection: The caller's connection, in a write transaction.
        entries: The entries, from `open_entries`.
        state: The new state.
        now: The present moment.
    """
    if not entries:
        return
    values: dict[str, object] = {"state": state.value}
    if state is Taken.CLAIMED:
        values["claimed_at"] = now
    if state not in OPEN:
        values["closed_at"] = now
    is_one = ledger.c.id == json_rows(ledger.c.id).c.id
    statement = hints.update(ledger).where(is_one, ledger.c.closed_at.is_(None)).values(**values)
    connection.execute(statement, _rows([entry.id for entry in entries]))


def newest(connection: sa.Connection, source: str, row_ids: Collection[str]) -> dict[str, LedgerEntry]:
    """Return the last entry of each row that was not let go.

    Args:
        connection: A connection in any transaction.
        source: The list that the rows are from.
        row_ids: The rows.

    Returns:
        The entry by row, open or closed; rows without one are left out.
    """
    other = ledger.alias("other")
    kept = (other.c.source == source, other.c.state != Taken.LET_GO.value)
    last = sa.select(sa.func.max(other.c.id)).where(*kept, other.c.row_id.in_(_given_rows()))
    ids = hints.on(last.group_by(other.c.row_id), other, hints.SEEK)
    statement = hints.on(_entries().where(ledger.c.id.in_(ids)), ledger, hints.SEEK)
    return {row.row_id: _entry(row) for row in connection.execute(statement, _rows(row_ids))}


def _given_rows() -> sa.Select[str]:
    """Return the rows of the parameter as a list: to join them, SQLite would scan all entries of the source."""
    return sa.select(json_rows(ledger.c.row_id).c.row_id)


def _rows(values: Collection[str] | Collection[int]) -> dict[str, str]:
    return {"rows": pack((value,) for value in values)}


def _entries() -> sa.Select[Any]:
    c = ledger.c
    return sa.select(c.id, c.row_id, c.batch, c.process_id, c.state, c.noted_at, c.claimed_at, c.closed_at)


def _entry(row: sa.Row[Any]) -> LedgerEntry:
    return LedgerEntry(
        id=row.id,
        row_id=row.row_id,
        batch=row.batch,
        process_id=row.process_id,
        state=Taken(row.state),
        noted_at=row.noted_at,
        claimed_at=row.claimed_at,
        closed_at=row.closed_at,
    )
