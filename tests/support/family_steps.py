"""Parents that start children and wait for them, as a child process can import them."""

from __future__ import annotations

from typing import Any

from process_manager import Done, Process, Reject, Retry, Skip, Step, StepRun, Wait

ANSWERS: dict[str, Any] = {
    "done": Done("sent"),
    "skip": Skip("nothing to send"),
    "reject": Reject("not for us"),
    "retry": Retry("SAP is down"),
    "failed": Done(payload={"amount": object()}),
}


class Letter(Process):
    """A child: answers what its payload names."""

    name = "letter"
    STEPS = {"send": "send"}

    def send(self, run: StepRun) -> Any:
        answer = run.payload.get("answer", "done")
        return Done("sent", {"sent": run.payload["n"]}) if answer == "done" else ANSWERS[answer]


class Family(Process):
    """Starts as many children as its payload says, then answers what it names, and waits for them in its next step."""

    name = "family"
    STEPS = {"split": "split", "join": "join"}

    def split(self, run: StepRun) -> Any:
        for n in range(run.payload.get("letters", 2)):
            run.start_child(Letter, {"n": n, "answer": run.payload.get("theirs", "done")}, key=str(n))
        if run.payload.get("answer") == "raise":
            raise ValueError("after the children")
        return ANSWERS[run.payload.get("answer", "done")]

    def join(self, run: StepRun) -> Any:
        if not all(child.is_settled for child in run.children):
            return Wait(children="all")
        return Done("joined", {"came": [[each.key, each.status, each.payload["n"]] for each in run.children]})


class FamilyApart(Family):
    """The same in a process of its own."""

    name = "family-apart"
    STEPS = {"split": Step("split", isolation="process"), "join": Step("join", isolation="process")}


class FamilyWithin(Family):
    """The same in a transaction of its own."""

    name = "family-within"
    STEPS = {
        "split": Step("split_within", effect="transactional"),
        "join": Step("join_within", effect="transactional"),
    }

    def split_within(self, run: StepRun) -> Any:
        assert run.connection.in_transaction()
        return self.split(run)

    def join_within(self, run: StepRun) -> Any:
        found = self.join(run)  # children are looked up on a connection of their own
        assert run.connection.in_transaction()
        return found


class FamilyWithinApart(FamilyWithin):
    """The same in a transaction and a process of its own."""

    name = "family-within-apart"
    STEPS = {
        "split": Step("split_within", effect="transactional", isolation="process"),
        "join": Step("join_within", effect="transactional", isolation="process"),
    }


class FamilyOnce(Family):
    """The same as a step that must not happen twice."""

    name = "family-once"
    STEPS = {"split": Step("split", effect="once"), "join": "join"}


FAMILIES = (Family, FamilyApart, FamilyWithin, FamilyWithinApart, FamilyOnce)


class Stumbles(Letter):
    """A child that always fails."""

    name = "stumbles"

    def send(self, _run: StepRun) -> Any:
        return Done(payload={"amount": object()})


class Once(Process):
    """Starts one child that fails and waits for it for ever."""

    name = "once"
    STEPS = {"look": "look"}

    def look(self, run: StepRun) -> Any:
        if not run.children:
            run.start_child(Stumbles, {"n": 0}, key="0")
        return Wait(children="all")


MISCOUNTED: dict[str, tuple[list[str], dict[str, tuple[int, tuple[int, ...]]]]] = {
    "a parent whose children were counted wrongly": (
        ["INSERT INTO joins VALUES (5, 1, 0, '', '', 0, 0)"],
        {"children counted": (1, (5,))},
    ),
    "a parent that its children should have woken": (
        [
            "UPDATE processes SET status = 'waiting', waiting_for = 'event', due_at = NULL,"
            " updated_at = '2026-01-01 00:00:00.000000' WHERE id = 5",
            "INSERT INTO joins VALUES (5, 0, 1, 'all', 'a/0', 0, 0)",
        ],
        {"parents woken": (1, (5,))},
    ),
}
"""What breaks joins behind the engine's back, and what `doctor` says of it."""
