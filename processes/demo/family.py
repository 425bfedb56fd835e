"""The processes of the demo that ask people, and that start others and wait for them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from process_manager import Ask, Done, Personal, Process, Reject, StepRun, Wait, clock


class Approval(BaseModel):
    """What somebody decides about an invoice over the limit."""

    decision: Literal["approve", "refuse"] = Field(title="What do you decide?")
    amount: Decimal | None = Field(None, ge=0, decimal_places=2, title="Another amount", description="In kroner.")
    pay_by: datetime | None = Field(None, title="Pay before")
    contact: Annotated[str, Personal] = Field("", title="Whom you talked to", max_length=100)
    remark: str = Field("", title="Remark to the applicant", max_length=2000)


class LargeInvoice(Process):
    """An invoice over the limit, which a person approves before it is sent."""

    label = "Invoice over the limit"
    columns = ("applicant", "amount")
    STEPS = {"approve": "have_it_approved", "send": "send_invoice"}

    def have_it_approved(self, run: StepRun) -> Ask | Done | Reject:
        """Ask somebody of economy, but not whoever sent it in."""
        answer = run.answer(Approval)
        if answer is None:
            amount, applicant = run.payload["amount"], run.payload["applicant"]
            return Ask(
                f"Approve {amount} kr. of {applicant}?",
                form=Approval,
                group="economy",
                details="It is over the limit of 10 000 kr. Look at the permit, and at what was paid for it last year.",
                due="2 workdays",
                remind="1 workday",
                not_by="starter",
            )
        if answer.form.decision == "refuse":
            return Reject(f"{answer.by} said no", code="refused")
        return Done(f"{answer.by} said yes.")

    def send_invoice(self, run: StepRun) -> Done:
        """Send it by Digital Post."""
        run.exchange("Digital Post", {"to": run.payload["applicant"]}, {"status": "accepted"})
        return Done("Sent.")


class NeighbourLetter(Process):
    """A letter to one neighbour, and what they answer."""

    label = "Letter to a neighbour"
    STEPS = {"send": "send_letter", "answer": "await_answer"}

    def send_letter(self, run: StepRun) -> Done:
        """Send the letter by Digital Post."""
        run.exchange("Digital Post", {"to": run.payload["address"]}, {"status": "accepted"})
        return Done("Sent.")

    def await_answer(self, run: StepRun) -> Done | Wait:
        """Wait for their answer, or for the day on which none counts any more."""
        until = datetime.fromisoformat(run.payload["until"])
        if run.event is not None:
            return Done(f"answered, says {run.event.by}")
        if clock.now() >= until:
            return Done("did not answer")
        return Wait("for the neighbour", event=f"heard:{run.payload['address']}", until=until.astimezone(UTC))


class Hearing(Process):
    """A hearing of the neighbours of a building site: a letter to each, and a report when all have answered."""

    label = "Hearing of neighbours"
    STEPS = {"letters": "write_letters", "answers": "await_answers", "report": "write_report"}

    def write_letters(self, run: StepRun) -> Done:
        """Start a letter for each of the neighbours."""
        for address in run.payload["neighbours"]:
            given = {"address": address, "until": run.payload["until"]}
            run.start_child(NeighbourLetter, given, key=address)
        return Done(f"{len(run.payload['neighbours'])} letters.")

    def await_answers(self, run: StepRun) -> Done | Wait:
        """Wait until every neighbour has answered, or need not any more."""
        if all(each.is_settled for each in run.children):
            return Done("All have answered.")
        return Wait("for the neighbours", children="all")

    def write_report(self, run: StepRun) -> Done:
        """Write down what was heard."""
        return Done(f"The report of {len(run.children)} letters is written.")
