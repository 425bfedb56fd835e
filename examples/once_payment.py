"""A payment that is made once: when its reply is lost, the bank is asked, and nobody pays a second time.

It shows `effect="once"` with `verify`. The step is marked before it begins. If it raises, or its worker dies in it,
the engine asks `was_paid`: Done means that it happened, Retry that it did not and may run again. While the bank cannot
be asked either, it is asked again later; in the end the process is `uncertain`, until a person has found out and says
so with `resolve-process 1 --happened --payload '{"receipt": "R-1"}' --reason "seen in the bank's list"`.

    mkdir bank
    process-manager start payment --payload '{"account": "DK50 0040", "amount": "1200.00"}'
    process-manager work
    process-manager history 1
"""

from __future__ import annotations

import json
from pathlib import Path

from process_manager import Done, Process, Retry, Step, StepRun, every


class Bank:
    """The bank as it is seen from here: it pays at once, and knows each payment by the key that came with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def pay(self, key: str, account: str, amount: str) -> str:
        """Pay, and return the number of the receipt."""
        receipt = {"number": f"R-{len(list(self.folder.iterdir())) + 1}", "account": account, "amount": amount}
        (self.folder / f"{key}.json").write_text(json.dumps(receipt), encoding="utf-8")
        return str(receipt["number"])

    def find(self, key: str) -> str | None:
        """Return the number of the receipt of the payment with this key, or None if there was none."""
        receipt = self.folder / f"{key}.json"
        return str(json.loads(receipt.read_text(encoding="utf-8"))["number"]) if receipt.exists() else None


bank = Bank(Path("bank"))


class Payment(Process):
    """Pay an amount into an account, exactly once."""

    STEPS = {
        "pay": Step("pay_amount", effect="once", verify="was_paid", retry=every(minutes=5, attempts=3)),
        "book": "book_receipt",
    }

    def pay_amount(self, run: StepRun) -> Done:
        number = bank.pay(run.idempotency_key, run.payload["account"], run.payload["amount"])
        return Done(f"paid, receipt {number}", {"receipt": number})

    def was_paid(self, run: StepRun) -> Done | Retry:
        number = bank.find(run.idempotency_key)  # an error here is no answer: verify is asked again later
        if number is None:
            return Retry("the bank knows no such payment")
        return Done(f"the bank has paid, receipt {number}", {"receipt": number})

    def book_receipt(self, run: StepRun) -> Done:
        return Done(f"receipt {run.payload['receipt']} is booked")
