"""Processes that ask people, as a child can import them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SecretStr

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


class Remark(Approval):
    """The same with a field that nobody has marked."""

    remark: str = ""


class AsksOfSomebody(Process):
    """Asks about somebody whose number and reference are personal."""

    name = "asks-of-somebody"
    STEPS = {"ask": "ask"}
    personal = ("cpr",)
    personal_keys = ("reference",)

    def ask(self, run: StepRun) -> Ask | Done:
        answer = run.answer(Remark)
        return Ask("Approve it?", form=Remark) if answer is None else Done("kept", {"remark": answer.form.remark})


class Above(Process):
    """Starts a child that asks."""

    name = "above"
    STEPS = {"start": "start"}

    def start(self, run: StepRun) -> Done:
        run.start_child(AsksAnother, {}, key="asks")
        return Done("started")


class Secrets(BaseModel):
    """A part of a form that is written as stars."""

    pin: SecretStr | None = None
    plain: Annotated[str, Field(serialization_alias="simple")] = "writeOnly"


class Forgetful(BaseModel):
    """A form that does not write what it was given."""

    kept: str
    gone: Annotated[int, Field(exclude=True)] = 1
    parts: list[Secrets] = []
