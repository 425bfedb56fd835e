"""An invoice over a limit is approved by a person before it is sent; one below it is sent at once.

It shows a human step. The group `economy` is asked and reminded on each working day; after three of them the group
`chief` is asked instead. Nothing runs meanwhile, and a restart of the server loses nothing. In an office of several,
`not_by="starter"` keeps whoever started the process from approving it.

    mkdir outbox
    process-manager start invoice-approval --payload '{"invoice": "4711", "amount": "12000.00"}'
    process-manager work
    process-manager tasks list
    process-manager tasks answer 1 --field decision=approve --field note="agreed by phone"
    process-manager work
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from process_manager import Ask, Done, Personal, Process, Reject, StepRun

OUTBOX = Path("outbox")
LIMIT = Decimal(10_000)


class Invoice(BaseModel):
    """What the process is started with."""

    invoice: str
    amount: Decimal = Field(gt=0)


class Approval(BaseModel):
    """What the approver fills in."""

    decision: Literal["approve", "refuse"]
    note: Annotated[str, Personal] = Field("", description="Why; it may name the customer, so it is masked in lists.")


class InvoiceApproval(Process):
    """Have an invoice over the limit approved, then send it."""

    parameters = Invoice
    STEPS = {"approve": "have_it_approved", "send": "send_invoice"}

    def have_it_approved(self, run: StepRun) -> Ask | Done | Reject:
        amount = Decimal(run.payload["amount"])
        if amount <= LIMIT:
            return Done(f"not more than {LIMIT}: nobody is asked")
        answer = run.answer(Approval)
        if answer is None:
            return Ask(
                f"Approve invoice {run.payload['invoice']} over {amount}?",
                form=Approval,
                group="economy",
                due="3 workdays",
                remind="1 workday",
                overdue_to="chief",
            )
        if answer.form.decision == "refuse":
            return Reject(f"{answer.by} said no", code="refused")
        return Done(f"{answer.by} said yes", {"approved_by": answer.by})

    def send_invoice(self, run: StepRun) -> Done:
        sent = OUTBOX / f"{run.payload['invoice']}.json"
        sent.write_text(json.dumps(dict(run.payload)), encoding="utf-8")  # the same file again after a crash
        return Done("sent")
