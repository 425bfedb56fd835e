"""A nightly import as a command: started by key from cron or Task Scheduler, never twice at the same time.

It shows a command with arguments (`status` says how each stands) and a transactional step: the rows it inserts are
committed together with the record that it is done, so that a crash imports all of a file or nothing, and never twice.

    mkdir deliveries
    echo 'number,amount' > deliveries/books.csv
    echo '1,12.50' >> deliveries/books.csv
    process-manager run-command nightly-import books
    process-manager work
    process-manager status
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

from process_manager import Done, Process, Skip, Step, StepRun, every

DELIVERIES = Path("deliveries")

imported = sa.Table(
    "imported",
    sa.MetaData(),
    sa.Column("source", sa.String(20), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("amount", sa.String(20), nullable=False),
)


class NightlyImport(Process):
    """Import what a supplier delivered during the day."""

    label = "Nightly import"
    arguments = ("books", "wages")  # the keys are nightly-import-books and nightly-import-wages
    retry = every(minutes=10, attempts=12)
    STEPS = {
        "import": Step("import_rows", effect="transactional"),
        "clear": "clear_away",
    }

    def import_rows(self, run: StepRun) -> Done | Skip:
        source = run.payload["argument"]
        if not delivery(run).exists():
            return Skip("nothing was delivered")
        with delivery(run).open(encoding="utf-8", newline="") as lines:
            rows = [{"source": source, **parsed(line)} for line in csv.DictReader(lines)]
        imported.create(run.connection, checkfirst=True)  # on a server, a DBA does this once
        run.connection.execute(sa.insert(imported), rows)
        return Done(f"{len(rows)} rows imported")

    def clear_away(self, run: StepRun) -> Done:
        delivery(run).unlink(missing_ok=True)  # gone already after a crash
        return Done("the delivery is cleared away")


def delivery(run: StepRun) -> Path:
    """Return the file that the command's argument names."""
    return DELIVERIES / f"{run.payload['argument']}.csv"


def parsed(line: dict[str, str]) -> dict[str, object]:
    """Return a row of the table; raise ValueError or ArithmeticError when the line is broken."""
    return {"number": int(line["number"]), "amount": str(Decimal(line["amount"]))}
