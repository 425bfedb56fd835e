"""The end of an invoice dispatch: what a crash left is set right, and what a person undid is withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from process_manager import Done, Outcome, Retry, StepRun, clock
from process_manager.integrations import openorchestrator
from process_manager.integrations.databases import OutsideDatabase
from process_manager.integrations.openorchestrator import element_id
from process_manager.store import ledger
from process_manager.store.ledger import LedgerEntry, Taken
from processes.fakturering import invoice_table
from processes.fakturering.invoice_table import HAND_OVER, UNDONE, FakturaStatus, named, rows_told
from processes.fakturering.sap_queue import QUEUE
from tasks.openorchestrator import queue_database


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of rows that were queued or undone."""

    done: int = 0
    let_go: int = 0
    withdrawn: int = 0
    too_late: tuple[int, ...] = ()
    held: tuple[int, ...] = ()

    def __add__(self, other: Settled) -> Settled:
        return Settled(
            self.done + other.done,
            self.let_go + other.let_go,
            self.withdrawn + other.withdrawn,
            self.too_late + other.too_late,
            self.held + other.held,
        )

    def __str__(self) -> str:
        told = [f"{rows_told(self.done)} TilFakturering"]
        if self.let_go:
            told.append(f"{rows_told(self.let_go)} undone before being queued")
        if self.withdrawn:
            told.append(f"{rows_told(self.withdrawn)} undone and withdrawn from the queue")
        if self.too_late:
            told.append(f"{named(self.too_late)} undone too late, a robot has had the element: see to it in SAP")
        return ", ".join(told)


def settle_rows(run: StepRun) -> Outcome:
    """Done when every row this process took is TilFakturering or undone; Retry when others still hold some."""
    settled, after = Settled(), 0
    while entries := _unsettled(run, after):
        settled += _settle(run, entries)
        after = entries[-1].id
        run.progress(settled.done, None, f"{settled}")
    with run.database.read() as connection:
        unqueued = ledger.count_open(connection, run.process_id, [Taken.CLAIMED])
    if unqueued:
        again = f"process-manager restart-process {run.process_id} --from-step queue"
        return Retry(f"{settled}; {rows_told(unqueued)} claimed and not queued: run {again}")
    if settled.held:
        return Retry(f"{settled}; {named(settled.held)} held by another session")
    return Done(str(settled))


def _unsettled(run: StepRun, after: int) -> list[LedgerEntry]:
    with run.database.read() as connection:
        return ledger.open_entries(connection, run.process_id, [Taken.QUEUED, Taken.UNDONE], after=after)


def _settle(run: StepRun, entries: Sequence[LedgerEntry]) -> Settled:
    """What became of these rows; no person can change one between the look at it and what follows from it."""
    invoices = invoice_table.database(run.settings)
    by_row = {int(entry.row_id): entry for entry in entries}
    with invoices.begin() as connection:
        found = {row.id: row.status for row in invoice_table.hold(connection, by_row)}
        claimed = [row_id for row_id, status in found.items() if status == FakturaStatus.CLAIMED]
        by = invoice_table.performed_by(run.process_id, entries[0].batch)
        invoice_table.move(connection, claimed, HAND_OVER, by)
        held = _held(invoices, [row_id for row_id in by_row if row_id not in found])
        undone = [row_id for row_id in by_row if row_id not in held and found.get(row_id, FakturaStatus.NY) in UNDONE]
        before, late = _withdraw(run, {row_id: by_row[row_id] for row_id in undone})
    states = {row_id: _end(row_id, before, late) for row_id in undone}
    states |= {row_id: Taken.DONE for row_id in by_row if row_id not in held and row_id not in states}
    _close(run, by_row, states)
    return _counted(states, held)


def _held(invoices: OutsideDatabase, missing: Collection[int]) -> set[int]:
    """Those of these rows that exist: another session holds them. The others were deleted."""
    if not missing:
        return set()
    with invoices.read() as connection:
        return set(invoice_table.statuses(connection, missing))


def _withdraw(run: StepRun, undone: Mapping[int, LedgerEntry]) -> tuple[frozenset[str], frozenset[str]]:
    """The references that had an element, and those whose element a robot has had; what was NEW is gone."""
    if not undone:
        return frozenset(), frozenset()
    ids = {str(row_id): element_id(str(row_id), entry.batch) for row_id, entry in undone.items()}
    with queue_database(run.settings).begin() as connection:
        before = openorchestrator.known(connection, QUEUE, ids).references
        openorchestrator.withdraw(connection, QUEUE, list(ids))
        late = openorchestrator.known(connection, QUEUE, ids).references
    run.exchange("OpenOrchestrator", {"queue": QUEUE, "withdraw": list(ids)}, {"too late": sorted(late)})
    return before, late


def _end(row_id: int, before: Collection[str], late: Collection[str]) -> Taken:
    if str(row_id) in late:
        return Taken.TOO_LATE
    return Taken.WITHDRAWN if str(row_id) in before else Taken.LET_GO


def _close(run: StepRun, by_row: Mapping[int, LedgerEntry], states: Mapping[int, Taken]) -> None:
    with run.database.begin() as connection:
        for state in sorted(set(states.values())):
            entries = [by_row[row_id] for row_id, reached in states.items() if reached is state]
            ledger.mark(connection, entries, state, clock.now())


def _counted(states: Mapping[int, Taken], held: Collection[int]) -> Settled:
    reached = list(states.values())
    return Settled(
        done=reached.count(Taken.DONE),
        let_go=reached.count(Taken.LET_GO),
        withdrawn=reached.count(Taken.WITHDRAWN),
        too_late=tuple(row_id for row_id, state in states.items() if state is Taken.TOO_LATE),
        held=tuple(sorted(held)),
    )
