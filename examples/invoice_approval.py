"""An invoice that waits for its approval: nothing runs meanwhile, and a restart of the server loses nothing.

It shows how to wait for a person. The approver answers with a file; the step looks for it once an hour, without using
up an attempt, and gives up after ten days.

    mkdir to_approve
    mkdir approved
    process-manager start invoice-approval --payload '{"invoice": "4711", "amount": "1200.00"}'
    process-manager work
    echo '{"by": "Bodil", "approved": true}' > approved/4711.json
    process-manager work 1
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

from process_manager import Done, Process, Reject, StepRun, Wait, clock

TO_APPROVE = Path("to_approve")
APPROVED = Path("approved")
EVERY = timedelta(hours=1)
LIMIT = timedelta(days=10)


class InvoiceApproval(Process):
    """Have an invoice approved, then release it for payment."""

    STEPS = {"ask": "ask_approver", "approve": "wait_for_answer", "release": "release_invoice"}

    def ask_approver(self, run: StepRun) -> Done:
        request = TO_APPROVE / f"{run.payload['invoice']}.json"
        request.write_text(json.dumps(dict(run.payload)), encoding="utf-8")
        return Done("the approver was asked", {"answer_by": (clock.now() + LIMIT).isoformat()})

    def wait_for_answer(self, run: StepRun) -> Done | Wait | Reject:
        answer = APPROVED / f"{run.payload['invoice']}.json"
        if not answer.exists():
            if clock.now() >= datetime.fromisoformat(run.payload["answer_by"]):
                return Reject("nobody answered within ten days", code="no-answer")
            return Wait("not answered yet", after=EVERY)
        decision = json.loads(answer.read_text(encoding="utf-8"))
        run.exchange("approval", request=run.payload["invoice"], response=decision)  # kept in the history
        if not decision["approved"]:
            return Reject(f"{decision['by']} said no", code="refused")
        return Done(f"{decision['by']} said yes", {"approved_by": decision["by"]})

    def release_invoice(self, run: StepRun) -> Done:
        (TO_APPROVE / f"{run.payload['invoice']}.json").unlink(missing_ok=True)  # gone already after a crash
        return Done("released for payment")
