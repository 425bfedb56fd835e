"""The processes of the demo that wait for others: for a payment, for a seat of SAP, for the night."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final

from process_manager import Done, Limit, Process, Rate, Skip, Step, StepRun, Wait, clock

SEATS: Final = Limit("sap-seats", 2)
LETTERS: Final = Rate("digital-post", 30, per="1m")


class Reminder(Process):
    """A reminder of an invoice, sent unless somebody pays it first."""

    label = "Payment reminder"
    STEPS = {"payment": "await_payment", "letter": Step("send_letter", rate=LETTERS)}

    def await_payment(self, run: StepRun) -> Done | Skip | Wait:
        """Wait until the invoice is paid, or its days are over."""
        if run.event is not None:
            return Skip(f"paid, says {run.event.by}")
        until = datetime.fromisoformat(run.payload["until"])
        if clock.now() >= until:
            return Done("Nothing was paid in time.")
        return Wait("for the payment", event=f"paid:{run.reference}", until=until.astimezone(UTC))

    def send_letter(self, run: StepRun) -> Done:
        """Send the reminder by Digital Post."""
        run.exchange("Digital Post", {"reminder": run.reference}, {"status": "accepted"})
        return Done("Sent.")


class Reconciliation(Process):
    """The accounts of a month, compared with SAP, which has seats for two at a time."""

    label = "Reconciliation of accounts"
    STEPS = {"compare": Step("compare_accounts", limit=SEATS), "report": "write_report"}

    def compare_accounts(self, run: StepRun) -> Done:
        """Compare one account after the other, and end at the next where somebody asks for it."""
        total = run.payload["accounts"]
        for number in range(1, total + 1):
            run.checkpoint()
            run.progress(number, total, f"account {number} of {total}")
            time.sleep(run.payload["seconds_each"])
        return Done(f"{total} accounts agree.")

    def write_report(self, run: StepRun) -> Done:
        """Write down what was compared."""
        return Done(f"The report of {run.payload['month']} is written.")


class Archive(Process):
    """What the day before left, put into the journal at night."""

    label = "Archiving"
    STEPS = {"file": "file_letters"}

    def file_letters(self, run: StepRun) -> Done:
        """File the letters of the day."""
        return Done(f"18 letters are filed as batch {run.process_id}.")
