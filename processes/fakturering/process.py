"""The invoice dispatch: rows marked Afsendt are claimed, queued for SAP and marked TilFakturering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

import sqlalchemy as sa

from process_manager import Done, Outcome, Process, Retry, Skip, Step, StepRun, Wait, clock, every
from process_manager.errors import DatabaseUnreachable
from process_manager.integrations.databases import OutsideDatabase, is_lock_timeout
from process_manager.store import ledger
from process_manager.store.ledger import LedgerEntry, Taken, Taking
from processes.fakturering import invoice_table
from processes.fakturering.invoice_table import CLAIM, SOURCE, FakturaStatus, named, rows_told
from processes.fakturering.sap_queue import QueueSapElements
from processes.fakturering.settlement import settle_rows

MINE = (Taken.CLAIMED, Taken.QUEUED, Taken.UNDONE)
"""Open entries of rows that are claimed: what is only noted was another session's, and waits for the next run."""


class Fakturering(Process):
    """Hand every invoice row marked Afsendt to the SAP queue, each row exactly once."""

    version = 1
    STEPS = {
        "claim": "claim_rows",
        "queue": QueueSapElements,
        "finalise": Step("mark_rows", retry=every(minutes=1, attempts=10)),
    }

    def claim_rows(self, run: StepRun) -> Outcome:
        """Done with the batch; Skip when there is nothing to do."""
        invoices = invoice_table.database(run.settings)
        _take_over(run)
        noted = _claim_noted(run, invoices)
        if noted.unknown:
            return Retry(
                f"{named(noted.unknown)}: an earlier run may have claimed them, and another session has kept a lock"
                " on them or on their log for too long"
            )
        held = noted.held
        for ids in _sent_rows(run, invoices):
            held += _claim_fresh(run, invoices, ids, noted.after)
        if run.stop_requested:
            return Wait("stopped while claiming; goes on from there", after=timedelta(0))
        with run.database.read() as connection:
            count = ledger.count_open(connection, run.process_id, MINE)
        left = str(held)
        if count == 0:
            return Skip(f"nothing to do: {left or 'no row is Afsendt'}")
        told = f"{rows_told(count)} claimed"
        return Done(f"{told}; {left}" if left else told, {"batch": run.idempotency_key})

    def mark_rows(self, run: StepRun) -> Outcome:
        """Done when every claimed row is TilFakturering, or was undone and its element withdrawn."""
        return settle_rows(run)


@dataclass(frozen=True, slots=True)
class Held:
    """Rows that others hold, left for the next run."""

    by_session: int = 0
    by_process: tuple[int, ...] = ()

    def __add__(self, other: Held) -> Held:
        return Held(self.by_session + other.by_session, self.by_process + other.by_process)

    def __str__(self) -> str:
        told = [f"{rows_told(self.by_session)} held by another session"] if self.by_session else []
        counts = Counter(self.by_process)
        told += [f"{rows_told(counts[process_id])} held by process {process_id}" for process_id in sorted(counts)]
        return f"{', '.join(told)}, left for the next run" if told else ""


@dataclass(frozen=True, slots=True)
class Noted:
    """What became of the rows that an earlier run noted, and up to which entry of the ledger they go."""

    held: Held
    after: int
    unknown: Sequence[int] = ()  # rows that may be ours: they could not be asked


def _take_over(run: StepRun) -> None:
    """Rows whose process has ended without settling them go on with this one, under the batch they have."""
    with run.database.begin() as connection:
        count = ledger.adopt(connection, source=SOURCE, process_id=run.process_id)
    if count:
        run.log("rows.taken_over", count=count)


def _claim_noted(run: StepRun, invoices: OutsideDatabase) -> Noted:
    """What became of the rows that an earlier run noted: it was killed, or another session held them."""
    held, after = Held(), 0
    while entries := _entries(run, after):
        try:
            held += _claim_again(run, invoices, entries)
        except DatabaseUnreachable as problem:
            if not is_lock_timeout(problem):
                raise
            return Noted(held, after, unknown=[int(entry.row_id) for entry in entries])
        after = entries[-1].id
    return Noted(held, after)


def _entries(run: StepRun, after: int) -> list[LedgerEntry]:
    with run.database.read() as connection:
        return ledger.open_entries(connection, run.process_id, [Taken.NOTED], after=after)


def _claim_again(run: StepRun, invoices: OutsideDatabase, entries: Collection[LedgerEntry]) -> Held:
    """What could not be claimed now of rows that an earlier run noted, and may have claimed already.

    Whether it did can be seen of no row that another session holds: such a row stays noted, or ours would be let go.
    """
    with invoices.begin() as connection:
        mine = _moved(connection, run, entries)
        lost = {int(entry.row_id): entry.batch for entry in entries if int(entry.row_id) not in mine}
        free = {row.id for row in invoice_table.hold(connection, lost)} if lost else set()
        if free:
            mine.update(invoice_table.recognise(connection, {row_id: lost[row_id] for row_id in free}))
    held = _there(invoices, lost.keys() - free)
    if held:
        run.log("rows.held_by_another_session", rows=sorted(held))
    _mark(run, [entry for entry in entries if int(entry.row_id) not in held], mine)
    return Held(by_session=len(held))


def _sent_rows(run: StepRun, invoices: OutsideDatabase) -> Iterator[list[int]]:
    """The ids that are Afsendt, at most 500 at a time, until there are none or the worker stops."""
    with invoices.read() as connection:
        total = invoice_table.count_sent(connection)
    done, after = 0, 0
    while not run.stop_requested:
        with invoices.read() as connection:
            ids = invoice_table.candidates(connection, after=after)
        if not ids:
            return
        yield ids
        done, after = done + len(ids), ids[-1]
        run.progress(done, max(done, total), f"{done} of {max(done, total)} rows seen by the claim")


def _claim_fresh(run: StepRun, invoices: OutsideDatabase, ids: Collection[int], after: int) -> Held:
    """What was not mine to claim of these rows; they are in the ledger before one of them is changed.

    Noted just now, behind the entry `after`, none of them can be claimed by us already: nobody has to be waited for.
    """
    rows = [str(row_id) for row_id in ids]
    taking = Taking(SOURCE, run.idempotency_key, run.process_id)
    with run.database.begin() as connection:
        ledger.record(connection, taking, rows, clock.now())
        holders = ledger.holders(connection, SOURCE, rows)
    others = tuple(process_id for process_id in holders.values() if process_id != run.process_id)
    entries = _entries(run, after)
    with invoices.begin() as connection:
        mine = _moved(connection, run, entries)
    found = _there(invoices, {int(entry.row_id) for entry in entries} - mine)
    _mark(run, entries, mine)
    return Held(by_session=list(found.values()).count(FakturaStatus.AFSENDT), by_process=others)


def _moved(connection: sa.Connection, run: StepRun, entries: Collection[LedgerEntry]) -> set[int]:
    """The rows of these entries that are claimed now, each under the batch that its entry has."""
    batches = {int(entry.row_id): entry.batch for entry in entries}
    mine: set[int] = set()
    for batch, rows in groupby(batches, key=batches.__getitem__):
        mine.update(
            invoice_table.move(connection, list(rows), CLAIM, invoice_table.performed_by(run.process_id, batch))
        )
    return mine


def _there(invoices: OutsideDatabase, ids: Collection[int]) -> dict[int, str]:
    """The status of those of these rows that exist, whoever holds them."""
    if not ids:
        return {}
    with invoices.read() as connection:
        return invoice_table.statuses(connection, ids)


def _mark(run: StepRun, entries: Collection[LedgerEntry], mine: Collection[int]) -> None:
    """Write into the ledger which of these rows are claimed; the others are let go."""
    with run.database.begin() as connection:
        ledger.mark(connection, [e for e in entries if int(e.row_id) in mine], Taken.CLAIMED, clock.now())
        ledger.mark(connection, [e for e in entries if int(e.row_id) not in mine], Taken.LET_GO, clock.now())
