"""Claimed invoice rows on their way into the SAP queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy.engine import make_url

from process_manager import Done, Outcome, Retry, StepRun, clock, serialization
from process_manager.errors import IllegalValue, SettingsError
from process_manager.integrations import openorchestrator
from process_manager.integrations.databases import OutsideDatabase
from process_manager.integrations.openorchestrator import Element, element_id
from process_manager.store import ledger
from process_manager.store.ledger import LedgerEntry, Taken
from processes.fakturering import invoice_table
from processes.fakturering.invoice_table import HAND_OVER, FakturaStatus, InvoiceRow, rows_told
from tasks.openorchestrator import CreateQueueElements, queue_database

QUEUE = "VejmanKassenSAP"


class QueueSapElements(CreateQueueElements):
    """One element for each claimed row; the row is locked until it is in the queue and marked TilFakturering."""

    queue_name = QUEUE

    def portions(self, run: StepRun) -> Iterator[AbstractContextManager[Sequence[Element]]]:
        """The elements of the rows that are claimed, at most 500 at a time."""
        invoices, queue = invoice_table.database(run.settings), queue_database(run.settings)
        _refuse_one_file(invoices, queue)
        with queue.read() as connection:
            codec = openorchestrator.codec_of(connection)
        after = 0
        while entries := _claimed(run, after):
            yield _locked(run, invoices, entries, codec)
            after = entries[-1].id

    def total(self, run: StepRun) -> int:
        """How many rows this process has claimed and not settled."""
        with run.database.read() as connection:
            return ledger.count_open(connection, run.process_id, (Taken.CLAIMED, Taken.QUEUED, Taken.UNDONE))

    def answer(self, run: StepRun, pushed: int, done: int) -> Outcome:
        """Done when no row is left to be queued, else Retry."""
        with run.database.read() as connection:
            left = ledger.count_open(connection, run.process_id, [Taken.CLAIMED])
        told = f"{rows_told(pushed)} put into {QUEUE}"
        if done > pushed:
            told += f", {rows_told(done - pushed)} had an element there already"
        if left:
            return Retry(f"{told}; {rows_told(left)} still Claimed, the log of this step says why")
        return Done(told)


def _claimed(run: StepRun, after: int) -> list[LedgerEntry]:
    with run.database.read() as connection:
        return ledger.open_entries(connection, run.process_id, [Taken.CLAIMED], after=after)


@contextmanager
def _locked(
    run: StepRun, invoices: OutsideDatabase, entries: Sequence[LedgerEntry], codec: str | None
) -> Iterator[list[Element]]:
    """The elements of these rows; once they are queued the rows are TilFakturering and the locks are let go."""
    by_row = {int(entry.row_id): entry for entry in entries}
    with invoices.begin() as connection:
        found = {row.id: row for row in invoice_table.hold(connection, by_row)}
        claimed = [row for row in found.values() if row.status == FakturaStatus.CLAIMED]
        elements = [element for row in claimed if (element := _element(run, row, by_row[row.id].batch, codec))]
        yield elements
        queued = [int(element.reference) for element in elements]
        by = invoice_table.performed_by(run.process_id, entries[0].batch)
        invoice_table.move(connection, queued, HAND_OVER, by)
    elsewhere = {row.id: row.status for row in found.values() if row.status != FakturaStatus.CLAIMED}
    gone = _missing(run, invoices, [row_id for row_id in by_row if row_id not in found])
    _record(run, by_row, queued, elsewhere | gone)


def _element(run: StepRun, row: InvoiceRow, batch: str, codec: str | None) -> Element | None:
    """The row as the SAP robot reads it; None, with a log line, when it would not fit the queue."""
    vejman_id = "Henstilling" if row.vejman_id is None else row.vejman_id
    data = {"ID": row.id, "VejmanID": vejman_id, "Tilladelsesnr": row.permit}
    try:
        return Element(element_id(str(row.id), batch), str(row.id), serialization.dumps(data), codec)
    except IllegalValue as error:
        run.log("row.refused", row=row.id, problem=str(error))
        return None


def _missing(run: StepRun, invoices: OutsideDatabase, ids: Sequence[int]) -> dict[int, str]:
    """Those of these rows that were deleted, as if undone; those that another session holds are only logged."""
    if not ids:
        return {}
    with invoices.read() as connection:
        there = invoice_table.statuses(connection, ids)
    if there:
        run.log("rows.held_by_another_session", rows=sorted(there))
    return {row_id: "" for row_id in ids if row_id not in there}


def _record(
    run: StepRun, by_row: Mapping[int, LedgerEntry], queued: Sequence[int], elsewhere: Mapping[int, str]
) -> None:
    """Write into the ledger what was queued now, by a run that crashed, or undone by a person."""
    undone = [row_id for row_id, status in elsewhere.items() if not status or status in invoice_table.UNDONE]
    through = [*queued, *(row_id for row_id in elsewhere if row_id not in undone)]
    if undone:
        run.log("rows.undone", rows=undone)
    with run.database.begin() as connection:
        ledger.mark(connection, [by_row[row_id] for row_id in through], Taken.QUEUED, clock.now())
        ledger.mark(connection, [by_row[row_id] for row_id in undone], Taken.UNDONE, clock.now())


def _refuse_one_file(invoices: OutsideDatabase, queue: OutsideDatabase) -> None:
    one, other = make_url(invoices.url), make_url(queue.url)
    if one.get_backend_name() == "sqlite" and one.database == other.database:
        raise SettingsError(
            where=f"{invoices.setting} and {queue.setting}",
            problem="both name one SQLite file, which cannot be locked for the rows and written for the queue at once",
            hint="Give each a file of its own.",
        )
