"""Processes whose steps say what a test tells them to, and the workers that know some of their versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from family_oracle import ChildAsked

from process_manager import Limit, Process, Step, StepRun, every
from process_manager.lifecycle.upgrade import Upgrade


@dataclass
class Script:
    """What the next step says, what its `verify` says, and whether it writes beside its record."""

    says: object = None
    verify: object = None
    writes: bool = False
    children: Sequence[ChildAsked] | None = None  # whom the step starts, after a look at those that are there
    saw: list[tuple[str, str]] = field(default_factory=list)  # by then, each by its key
    asked: list[tuple[str, str]] = field(default_factory=list)  # which function, under which idempotency key


SCRIPT = Script()


class Scripted(Process):
    """Does as it is told."""

    def act(self, run: StepRun) -> Any:
        SCRIPT.asked.append(("act", run.idempotency_key))
        if SCRIPT.children is not None:
            SCRIPT.saw = [(child.key, child.status) for child in run.children]
            for which, key, order_key in SCRIPT.children:
                run.start_child(CLASSES[which], {"n": 1}, key=key, order_key=order_key)
        return said(SCRIPT.says)

    def ask(self, run: StepRun) -> Any:
        SCRIPT.asked.append(("ask", run.idempotency_key))
        return said(SCRIPT.verify)

    def together(self, run: StepRun) -> Any:
        if SCRIPT.writes:
            line = {"line": run.idempotency_key}
            run.connection.execute(sa.text("INSERT INTO book (line) VALUES (:line)"), line)
        return self.act(run)


def said(answer: object) -> object:
    if isinstance(answer, BaseException):
        raise answer
    return answer


class FlowOne(Scripted):
    """The first version: every kind of step, the last one gone from the next version."""

    name = "flow"
    retry = every(seconds=60, attempts=3, max_age=timedelta(minutes=10))
    STEPS = {
        "a": "act",
        "b": Step("act", effect="once", verify="ask"),
        "c": Step("together", effect="transactional"),
        "x": "act",
    }


class FlowTwo(Scripted):
    """The second version, for workers that run both side by side."""

    name = "flow"
    version = 2
    retry = FlowOne.retry
    STEPS = {
        "a": "act",
        "b2": Step("act", effect="once", verify="ask"),
        "c": Step("together", effect="transactional"),
        "z": "act",
    }


class FlowTwoOnly(FlowTwo):
    """The second version, for workers that take the first one over."""

    name = "flow"
    upgrades = {1: Upgrade({"b": "b2"}, payload=lambda old: {**old, "taken_over": True})}


class Plain(Scripted):
    """A step that happens once and nobody can be asked about, and a key that is never freed."""

    name = "plain"
    dedup = "for_ever"
    STEPS = {"p": "act", "q": Step("act", effect="once")}


class Seated(Scripted):
    """A step that needs one of the seats that all workers share."""

    name = "seated"
    STEPS = {"m": "act", "s": Step("act", limit=Limit("seats", 2)), "n": "act"}


CLASSES: dict[tuple[str, int], type[Process]] = {
    ("flow", 1): FlowOne,
    ("flow", 2): FlowTwoOnly,
    ("plain", 1): Plain,
    ("seated", 1): Seated,
}

DEPLOYED: dict[str, tuple[type[Process], ...]] = {
    "old": (FlowOne, Plain),
    "both": (FlowOne, FlowTwo, Plain),
    "new": (FlowTwoOnly,),
    "seats": (Seated,),
    "others": (Seated,),
}
"""What the workers know."""
