"""Right uses of the public API: mypy has nothing to say about any line of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, assert_type

import sqlalchemy as sa
from pydantic import BaseModel

from process_manager import (
    Done,
    Outcome,
    Process,
    Registry,
    Reject,
    Retry,
    Skip,
    Step,
    StepRun,
    Task,
    Upgrade,
    Wait,
    classic,
    direct,
    every,
    inspection,
    operations,
    settings,
)
from process_manager.actor import Actor
from process_manager.database import Database, connect
from process_manager.direct import Direct, Rest
from process_manager.operations import Act, Start, Started
from process_manager.worker import Plan, Worker

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Post(Task):
    """A task with every option, whose verify is a method of another name."""

    effect = "once"
    verify = "was_posted"
    retry = every(minutes=5)
    time_limit = timedelta(minutes=2)
    isolation = "process"
    expected = timedelta(seconds=30)

    def run(self, run: StepRun) -> Done | Retry:
        return Done("posted", {"at": "noon"})

    def was_posted(self, run: StepRun) -> Done | Retry | None:
        return None


class Sign(Task):
    """A task whose verify is a method of that name."""

    effect = "once"

    def run(self, run: StepRun) -> Outcome:
        return Wait("not signed", until=NOON) if run.stop_requested else Wait("not signed", after=timedelta(hours=1))

    def verify(self, run: StepRun) -> Done:
        return Done("signed")


class Wanted(BaseModel):
    """A start payload."""

    invoice: int


class Letter(Process):
    """A process with every option."""

    name = "letter"
    version = 2
    channel = "letters"
    retry = classic(attempts=10)
    dedup = "for_ever"
    parameters = Wanted
    quiet = ("22:00-06:00", "sat,sun")
    label = "A letter"
    upgrades = {1: Upgrade({"print": "post"}, payload=lambda payload: {**payload, "new": True})}
    STEPS = {
        "write": "write",
        "pay": Step("pay", effect="once", verify="was_paid", retry=every(minutes=1, attempts=3)),
        "file": Step("file", effect="transactional", expected=timedelta(seconds=2)),
        "scan": Step("write", isolation="process", time_limit=timedelta(minutes=1)),
        "post": Post,
        "sign": Step(Sign, retry=classic()),
    }

    def write(self, run: StepRun) -> Done | Skip | Reject:
        invoice: Any = run.payload["invoice"]
        return Done(f"{invoice}", goto="post") if invoice else Reject("no invoice", code="none")

    def pay(self, run: StepRun) -> Done:
        run.exchange("bank", request={"key": run.idempotency_key}, response=None)
        run.log("paid", amount=7)
        run.progress(1, total=2, message="half")
        return Done()

    def was_paid(self, run: StepRun) -> Retry:
        return Retry("no", after=timedelta(minutes=1))

    def file(self, run: StepRun) -> Done:
        run.connection.execute(sa.text("SELECT 1"))
        return Done()


class Nightly(Process):
    """A command."""

    arguments = ("books", 7)
    STEPS = {"fetch": "fetch"}

    def fetch(self, run: StepRun) -> Done:
        return Done()


def start(connection: sa.Connection) -> None:
    """Start processes."""
    least = operations.start(connection, Letter)
    most = operations.start(
        connection,
        Letter,
        {"invoice": 7},
        actor=Actor("Ada"),
        reference="2026-17",
        dedup_key="7",
        order_key="Ida Holm",
        at=NOON,
        channel="letters",
    )
    assert_type((least, most), tuple[Started, Started])
    wanted: Sequence[Start] = (Start(Letter, {"invoice": 7}), Start(process=Letter, dedup_key="8", at=NOON))
    assert_type(operations.start_many(connection, wanted, actor=Actor("Ada")), list[Started])


def call(database: Database, plan: Plan) -> None:
    """Call processes directly."""
    short = direct.run(Letter, {"invoice": 7}, reference="2026-17", dedup_key="7", order_key="a", channel="b", at=NOON)
    with Direct(database, plan) as opened:
        long = opened.run(Letter, {"invoice": 7}, actor=Actor("Ada"), reference="2026-17", dedup_key="7", at=NOON)
    assert_type((short, long), tuple[Rest, Rest])


def act(connection: sa.Connection, registry: Registry) -> None:
    """Do what a person may do."""
    why = Act(Actor("Ada"), "SAP is back")
    operations.restart(connection, 7, why, registry=registry, from_step="write")
    operations.abandon(connection, 7, why)
    operations.resolve(connection, 7, why, happened=True, registry=registry, payload={"receipt": 4711})
    assert_type(operations.rerun(connection, 7, registry=registry, actor=Actor("Ada")), int)
    operations.require_runnable(connection, 7, registry)
    operations.run_command(connection, "nightly", argument="books", registry=registry, locks_folder=Path("locks"))
    operations.unlock(connection, "nightly-books", why, registry=registry)
    operations.disable(connection, "letter", why, until=NOON)
    operations.enable(connection, "letter")


def work() -> None:
    """Plan a run of a worker, and have it done."""
    database = connect("sqlite:///process-manager.db")
    plan = Plan(Registry([Letter, Nightly]), settings.load(), classic(), channels=("letters",), until_empty=True)
    Worker(database, plan).run()
    with database.read() as connection:
        assert_type(inspection.get(connection, 7), inspection.Overview)
        assert_type(inspection.history(connection, 7, step="write"), list[inspection.History])
