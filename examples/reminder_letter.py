"""A reminder letter: give two weeks, look again, and print the letter only if the invoice is still unpaid.

It shows a start payload that is checked, a wait that outlasts every program, and the three ways to end: `succeeded`,
`skipped` because the citizen paid meanwhile, `rejected` because there is no such invoice.

    mkdir letters
    echo '{"2026-17": {"debtor": "Ida Holm", "amount": "450.00", "paid": false}}' > invoices.json
    process-manager start reminder --payload '{"invoice": "2026-17"}'
    process-manager work
    process-manager show 1
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from process_manager import Done, Process, Reject, Skip, Step, StepRun, Wait, clock, every

INVOICES = Path("invoices.json")
LETTERS = Path("letters")  # the printer takes what is put here
TERM = timedelta(days=14)


class Request(BaseModel):
    """What a reminder is started with."""

    invoice: str


class Reminder(Process):
    """Remind a citizen of an unpaid invoice."""

    parameters = Request
    STEPS = {
        "look": "look_up",
        "wait": "wait_for_payment",
        "print": Step("print_letter", retry=every(minutes=10, attempts=6)),
    }

    def look_up(self, run: StepRun) -> Done | Skip | Reject:
        invoice = find(run.payload["invoice"])
        if invoice is None:
            return Reject(f"there is no invoice {run.payload['invoice']}", code="unknown")
        if invoice["paid"]:
            return Skip("it is paid")
        return Done("it is unpaid", {"debtor": invoice["debtor"], "remind_at": (clock.now() + TERM).isoformat()})

    def wait_for_payment(self, run: StepRun) -> Done | Skip | Wait:
        invoice = find(run.payload["invoice"])
        if invoice is None or invoice["paid"]:
            return Skip("it was paid in time")
        remind_at = datetime.fromisoformat(run.payload["remind_at"])
        if clock.now() < remind_at:
            return Wait("two weeks to pay", until=remind_at)  # the step runs again then
        return Done("two weeks are over", {"amount": invoice["amount"]})

    def print_letter(self, run: StepRun) -> Done:
        text = "Dear {debtor}, please pay {amount} for invoice {invoice}.\n".format_map(run.payload)
        letter = LETTERS / f"{run.payload['invoice']}.txt"  # one name for one letter: after a crash it is the same file
        letter.write_text(text, encoding="utf-8")  # an error here, such as a printer that is off, is a Retry
        return Done(f"{letter.name} is printed")


def find(number: str) -> dict[str, Any] | None:
    """Return the invoice with this number, or None if there is none."""
    invoices: dict[str, dict[str, Any]] = json.loads(INVOICES.read_text(encoding="utf-8"))
    return invoices.get(number)
