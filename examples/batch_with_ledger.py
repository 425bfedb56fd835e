"""A batch over the rows of an outside list: it goes on where it was interrupted, and takes no row twice.

It shows the ledger, in which the engine remembers which rows of someone else's list a process has taken. Rows are noted
before the first is touched, and marked portion by portion; what an abandoned batch left is taken over by the next. As a
command without arguments, one batch is open at a time.

    mkdir sent
    echo '["ida@example.org", "bo@example.org", "kim@example.org"]' > members.json
    process-manager run-command newsletter
    process-manager work
    process-manager history 1
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from process_manager import Done, Process, Skip, Step, StepRun, Wait, clock, every
from process_manager.store import ledger
from process_manager.store.ledger import LedgerEntry, Taken, Taking

MEMBERS = Path("members.json")
SENT = Path("sent")
SOURCE = "newsletter 2026-11"  # whose rows are taken once; next month's has another name
PORTION = 100


class Newsletter(Process):
    """Send the newsletter to every member who has not had it."""

    arguments = ()
    STEPS = {"choose": "choose_members", "send": Step("send_letters", retry=every(minutes=5))}

    def choose_members(self, run: StepRun) -> Done | Skip:
        members = json.loads(MEMBERS.read_text(encoding="utf-8"))
        taking = Taking(SOURCE, run.idempotency_key, run.process_id)
        with run.database.begin() as connection:
            ledger.adopt(connection, source=SOURCE, process_id=run.process_id)
            known = ledger.newest(connection, SOURCE, members)
            ledger.record(connection, taking, [each for each in members if each not in known], clock.now())
            count = ledger.count_open(connection, run.process_id)
        return Done(f"{count} members chosen") if count else Skip("every member has had it")

    def send_letters(self, run: StepRun) -> Done | Wait:
        sent = 0
        while entries := next_portion(run):
            if run.stop_requested:  # the worker is being stopped
                return Wait("stopped between two portions", after=timedelta(0))
            for entry in entries:
                send(entry.row_id, key=f"{entry.batch}-{entry.id}")
            with run.database.begin() as connection:
                ledger.mark(connection, entries, Taken.DONE, clock.now())
            sent += len(entries)
            run.progress(sent, message=f"{sent} letters sent")
        return Done(f"{sent} letters sent")


def next_portion(run: StepRun) -> list[LedgerEntry]:
    """Return the next rows that the process has taken and not finished."""
    with run.database.read() as connection:
        return ledger.open_entries(connection, run.process_id, [Taken.NOTED])[:PORTION]


def send(address: str, *, key: str) -> None:
    """Send one letter. A portion that was interrupted is sent again with the same keys, which changes nothing here."""
    (SENT / f"{key}.txt").write_text(address, encoding="utf-8")
