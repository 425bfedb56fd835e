"""The report of invoice rows that rest too long on their way to SAP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from process_manager.definition.step_host import EngineDatabase
from process_manager.integrations.databases import OutsideDatabase
from process_manager.store import ledger
from process_manager.store.ledger import LedgerEntry
from processes.fakturering import invoice_table
from processes.fakturering.invoice_table import SOURCE, FakturaStatus, InvoiceRow


@dataclass(frozen=True, slots=True)
class StuckRow:
    """An invoice row that rests in Claimed or TilFakturering; nothing is known of one that another program claimed."""

    id: int
    status: str
    since: datetime | None
    age: timedelta | None
    process_id: int | None
    vejman_id: int | None
    permit: str


def stuck_rows(
    invoices: OutsideDatabase, database: EngineDatabase, *, older_than: timedelta, now: datetime
) -> Iterator[StuckRow]:
    """The rows that have rested longer than `older_than`, and those of unknown age, by their id."""
    after = 0
    while rows := _resting(invoices, after):
        with database.read() as connection:
            entries = ledger.newest(connection, SOURCE, [str(row.id) for row in rows])
        told = (_told(row, entries.get(str(row.id)), now) for row in rows)
        yield from (row for row in told if row.age is None or row.age > older_than)
        after = rows[-1].id


def _resting(invoices: OutsideDatabase, after: int) -> list[InvoiceRow]:
    with invoices.read() as connection:
        return invoice_table.resting(connection, after=after)


def _told(row: InvoiceRow, entry: LedgerEntry | None, now: datetime) -> StuckRow:
    since = _since(row, entry) if entry else None
    return StuckRow(
        id=row.id,
        status=row.status,
        since=since,
        age=now - since if since else None,
        process_id=entry.process_id if entry else None,
        vejman_id=row.vejman_id,
        permit=row.permit,
    )


def _since(row: InvoiceRow, entry: LedgerEntry) -> datetime:
    claimed = entry.claimed_at or entry.noted_at
    return claimed if row.status == FakturaStatus.CLAIMED else entry.closed_at or claimed
