"""The invoice dispatch: rows marked Afsendt are claimed, queued for SAP and marked TilFakturering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from process_manager import Done, Outcome, Process, Skip, Step, StepRun, Wait, clock, every
from process_manager.store import ledger
from process_manager.store.ledger import Entry, Taken, Taking
from processes import vejmankassen
from processes.sap_queue import QueueSapElements
from processes.settling import settle_rows
from processes.vejmankassen import CLAIM, SOURCE, FakturaStatus, rows_told
from tasks.databases import OutsideDatabase


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
        invoices = vejmankassen.database(run.settings)
        _take_over(run)
        held = _claim_noted(run, invoices)
        for ids in _sent_rows(run, invoices):
            held += _claim_fresh(run, invoices, ids)
        if run.stop_requested:
            return Wait("stopped while claiming; goes on from there", after=timedelta(0))
        with run.database.read() as connection:
            count = ledger.count_open(connection, run.process_id)
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


def _take_over(run: StepRun) -> None:
    """Rows whose process has ended without settling them go on with this one, under the batch they have."""
    with run.database.begin() as connection:
        count = ledger.adopt(connection, source=SOURCE, process_id=run.process_id)
    if count:
        run.log("rows.taken_over", count=count)


def _claim_noted(run: StepRun, invoices: OutsideDatabase) -> Held:
    """What was not mine to claim of the rows that a crash left noted."""
    held, after = Held(), 0
    while entries := _noted(run, after):
        held += _claim(run, invoices, entries)
        after = entries[-1].id
    return held


def _noted(run: StepRun, after: int = 0) -> list[Entry]:
    with run.database.read() as connection:
        return ledger.open_entries(connection, run.process_id, [Taken.NOTED], after=after)


def _sent_rows(run: StepRun, invoices: OutsideDatabase) -> Iterator[list[int]]:
    """The ids that are Afsendt, at most 500 at a time, until there are none or the worker stops."""
    with invoices.read() as connection:
        total = vejmankassen.count_sent(connection)
    done, after = 0, 0
    while not run.stop_requested:
        with invoices.read() as connection:
            ids = vejmankassen.candidates(connection, after=after)
        if not ids:
            return
        yield ids
        done, after = done + len(ids), ids[-1]
        run.progress(done, max(done, total), f"{done} of {max(done, total)} rows seen by the claim")


def _claim_fresh(run: StepRun, invoices: OutsideDatabase, ids: Collection[int]) -> Held:
    """What was not mine to claim of these rows; they are in the ledger before one of them is changed."""
    rows = [str(row_id) for row_id in ids]
    taking = Taking(SOURCE, run.idempotency_key, run.process_id)
    with run.database.begin() as connection:
        ledger.note(connection, taking, rows, clock.now())
        holders = ledger.holders(connection, SOURCE, rows)
    others = tuple(process_id for process_id in holders.values() if process_id != run.process_id)
    return _claim(run, invoices, _noted(run)) + Held(by_process=others)


def _claim(run: StepRun, invoices: OutsideDatabase, entries: Collection[Entry]) -> Held:
    """What could not be claimed of these noted rows; the ledger says of each what became of it."""
    batches = {int(entry.row_id): entry.batch for entry in entries}
    with invoices.begin() as connection:
        mine: set[int] = set()
        for batch, rows in groupby(batches, key=batches.__getitem__):
            mine.update(
                vejmankassen.move(connection, list(rows), CLAIM, vejmankassen.performed_by(run.process_id, batch))
            )
        lost = {row_id: batch for row_id, batch in batches.items() if row_id not in mine}
        if lost:
            mine.update(vejmankassen.recognise(connection, lost))
    with invoices.read() as connection:
        found = vejmankassen.statuses(connection, set(lost) - mine) if lost else {}
    with run.database.begin() as connection:
        ledger.mark(connection, [e for e in entries if int(e.row_id) in mine], Taken.CLAIMED, clock.now())
        ledger.mark(connection, [e for e in entries if int(e.row_id) not in mine], Taken.LET_GO, clock.now())
    return Held(by_session=list(found.values()).count(FakturaStatus.AFSENDT))
