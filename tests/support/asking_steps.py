"""Processes that ask people, as a child can import them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from process_manager import Ask, Done, Personal, Process, Reject, Retry, Step, StepRun


class Approval(BaseModel):
    """Whether something is approved."""

    approved: bool
    amount: int = Field(0, ge=0)
    note: Annotated[str, Personal] = ""
    channel: Literal["post", "mail"] = "post"


class Asks(Process):
    """Asks a person, then keeps what was answered."""

    name = "asks"
    STEPS = {"ask": "ask", "end": "end"}
    terms: dict[str, Any] = {"group": "economy"}

    def ask(self, run: StepRun) -> Ask | Done | Reject | Retry:
        answer = run.answer(Approval)
        if answer is None:
            return Ask("Approve it?", form=Approval, **self.terms)
        if not answer.form.approved:
            return Reject(f"refused by {answer.by}")
        return Done("approved", {"by": answer.by, "way": answer.way, "amount": answer.form.amount})

    def end(self, run: StepRun) -> Done:
        return Done("nothing" if run.answer(Approval) is None else "something")


class AsksApart(Asks):
    """The same in a process of its own."""

    name = "asks-apart"
    STEPS = {"ask": Step("ask", isolation="process"), "end": "end"}
    terms = {"group": "economy", "due": timedelta(days=2), "details": "Look at the invoice."}


class AsksWithin(Asks):
    """The same in a transaction of its own."""

    name = "asks-within"
    STEPS = {"ask": Step("ask_within", effect="transactional"), "end": "end"}

    def ask_within(self, run: StepRun) -> Any:
        assert run.connection.in_transaction()
        return self.ask(run)


class AsksAnother(Asks):
    """The same, but not of whoever started it."""

    name = "asks-another"
    terms = {"group": "economy", "not_by": "starter"}


class AsksAnybody(Asks):
    """The same, but of no group, under a name that others have, too."""

    name = "three"
    terms: dict[str, Any] = {}


ASKERS = (Asks, AsksApart, AsksWithin)
