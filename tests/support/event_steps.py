"""Processes that wait for events and signal them, as a child can import them."""

from __future__ import annotations

from typing import Any

from process_manager import Done, Process, Reject, Retry, Skip, Step, StepRun, Wait

ANSWERS: dict[str, Any] = {
    "done": Done("paid"),
    "skip": Skip("paid"),
    "reject": Reject("not for us"),
    "retry": Retry("SAP is down"),
    "failed": Done(payload={"amount": object()}),
}


class Waits(Process):
    """Waits for the event in its payload, then keeps what woke it."""

    name = "waits"
    STEPS = {"look": "look", "end": "end"}

    def look(self, run: StepRun) -> Done | Wait:
        event = run.event
        if event is None:
            return Wait(event=run.payload["event"])
        return Done("woken", {"woken_by": [event.key, event.number, dict(event.payload), event.by]})

    def end(self, run: StepRun) -> Done:
        return Done("no event" if run.event is None else f"still {run.event.key}")


class Tells(Process):
    """Signals `paid:1`, and withdraws it where its payload says so, then answers what its payload names."""

    name = "tells"
    STEPS = {"tell": "tell"}

    def tell(self, run: StepRun) -> Any:
        if run.payload.get("withdraws"):
            run.withdraw("paid:1")
        else:
            run.signal("paid:1", {"amount": 7})
        if run.payload["answer"] == "raise":
            raise ValueError("after the signal")
        return ANSWERS[run.payload["answer"]]


class TellsApart(Tells):
    """The same in a process of its own."""

    name = "tells-apart"
    STEPS = {"tell": Step("tell", isolation="process")}


class TellsWithin(Tells):
    """The same in a transaction of its own."""

    name = "tells-within"
    STEPS = {"tell": Step("tell_within", effect="transactional")}

    def tell_within(self, run: StepRun) -> Any:
        assert run.connection.in_transaction()
        return self.tell(run)


class TellsWithinApart(TellsWithin):
    """The same in a transaction and a process of its own."""

    name = "tells-within-apart"
    STEPS = {"tell": Step("tell_within", effect="transactional", isolation="process")}


class TellsOnce(Tells):
    """The same as a step that must not happen twice."""

    name = "tells-once"
    STEPS = {"tell": Step("tell", effect="once")}


class WaitsApart(Waits):
    """Waits in a process of its own."""

    name = "waits-apart"
    STEPS = {"look": Step("look", isolation="process"), "end": "end"}


class WaitsWithin(Waits):
    """Waits in a transaction of its own."""

    name = "waits-within"
    STEPS = {"look": Step("look_within", effect="transactional"), "end": "end"}

    def look_within(self, run: StepRun) -> Done | Wait:
        assert run.connection.in_transaction()
        return self.look(run)


TELLERS = (Tells, TellsApart, TellsWithin, TellsWithinApart, TellsOnce)
WAITERS = (Waits, WaitsApart, WaitsWithin)
