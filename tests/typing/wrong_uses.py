"""Wrong uses of the public API, each of which mypy refuses with the code that stands behind it.

As an ignore that is not needed is an error, too, each of these lines is refused.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from process_manager import Done, Process, Registry, Step, StepRun, Task, Wait, direct, every, operations
from process_manager.actor import Actor
from process_manager.direct import Direct
from process_manager.operations import Act, Start


class Post(Task):
    """A task."""

    effect = "twice"  # type: ignore[assignment]
    retry = 3  # type: ignore[assignment]
    time_limit = 60  # type: ignore[assignment]
    isolation = "thread"  # type: ignore[assignment]
    expected = "1m"  # type: ignore[assignment]
    verify = 7  # type: ignore[assignment]

    def run(self, run: StepRun) -> str:  # type: ignore[override]
        return "done"


class Letter(Process):
    """A process."""

    version = "2"  # type: ignore[assignment]
    name = 7  # type: ignore[assignment]
    channel = None  # type: ignore[assignment]
    retry = 3  # type: ignore[assignment]
    dedup = "sometimes"  # type: ignore[assignment]
    parameters = dict  # type: ignore[assignment]
    quiet = 22  # type: ignore[assignment]
    label = None  # type: ignore[assignment]
    arguments = ["books"]  # type: ignore[assignment]
    upgrades = {1: {"print": "post"}}  # type: ignore[dict-item]
    STEPS = {
        "number": 7,  # type: ignore[dict-item]
        "instance": Post(),  # type: ignore[dict-item]
        "process": Registry,  # type: ignore[dict-item]
    }


Step()  # type: ignore[call-arg]
Step(7)  # type: ignore[arg-type]
Step(Post())  # type: ignore[arg-type]
Step("post", "once")  # type: ignore[call-arg]
Step("post", effect="twice")  # type: ignore[arg-type]
Step("post", verify=True)  # type: ignore[arg-type]
Step("post", retry=3)  # type: ignore[arg-type]
Step("post", retries=3)  # type: ignore[arg-type]
Step("post", time_limit=60)  # type: ignore[arg-type]
Step("post", isolation="thread")  # type: ignore[arg-type]
Step("post", expected="1m")  # type: ignore[arg-type]
every(minute=1)  # type: ignore[call-arg]
Wait("later", after=60)  # type: ignore[arg-type]
Done("done", ["a"])  # type: ignore[arg-type]


def start(connection: sa.Connection, now: datetime) -> None:
    """Start processes."""
    operations.start(connection, "letter")  # type: ignore[arg-type]
    operations.start(connection, Letter())  # type: ignore[arg-type]
    operations.start(Letter, {"invoice": 7})  # type: ignore[arg-type]
    operations.start(connection, Letter, ["invoice"])  # type: ignore[arg-type]
    operations.start(connection, Letter, {}, "2026-17")  # type: ignore[arg-type, call-arg]
    operations.start(connection, Letter, reference=17)  # type: ignore[arg-type]
    operations.start(connection, Letter, dedup="7")  # type: ignore[call-arg]
    operations.start(connection, Letter, order_key=7)  # type: ignore[arg-type]
    operations.start(connection, Letter, at="2026-11-23")  # type: ignore[arg-type]
    operations.start(connection, Letter, at=timedelta(hours=1))  # type: ignore[arg-type]
    operations.start(connection, Letter, channel=None, actor=None)  # type: ignore[arg-type]
    operations.start_many(connection, [Letter])  # type: ignore[list-item]
    operations.start_many(connection, Start(Letter))  # type: ignore[arg-type]
    operations.start_many(connection, [Start(Letter, key="7")])  # type: ignore[call-arg]
    print(operations.start(connection, Letter).status)  # type: ignore[attr-defined]


def call(opened: Direct) -> None:
    """Call processes directly."""
    opened.run("letter")  # type: ignore[arg-type]
    opened.run(Letter, {}, "Ada")  # type: ignore[arg-type, call-arg]
    opened.run(Letter, references="2026-17")  # type: ignore[call-arg]
    opened.run(Letter, at=3600)  # type: ignore[arg-type]
    direct.run(Letter())  # type: ignore[arg-type]
    direct.run(Letter, ["invoice"])  # type: ignore[arg-type]
    direct.run(Letter, dedupkey="7")  # type: ignore[call-arg]
    print(direct.run(Letter).state)  # type: ignore[attr-defined]


def act(connection: sa.Connection, registry: Registry) -> None:
    """Do what a person may do."""
    operations.restart(connection, 7, "SAP is back", registry=registry)  # type: ignore[arg-type]
    operations.abandon(connection, "7", Act(Actor("Ada"), "paid"))  # type: ignore[arg-type]
    operations.resolve(connection, 7, Act(Actor("Ada"), "seen"), registry=registry)  # type: ignore[call-arg]
    operations.run_command(connection, 7, registry=registry)  # type: ignore[arg-type]
    operations.may_run(connection, 7, registry)  # type: ignore[attr-defined]
