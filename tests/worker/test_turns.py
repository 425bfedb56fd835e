"""How often a worker's loop turns: never without something that it may do."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from rig import OURS, Odd, eventually, odd, settings, start, status

from process_manager import Done, StepRun, classic
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.worker import Plan, Worker
from process_manager.worker.claims import Claims

FEW = 100  # turns in a second of nothing to do; without rest they are tens of thousands


class Counting(Worker):
    """A worker that counts the turns of its loop."""

    turns = 0

    def _has_ended(self, claims: Claims) -> bool:
        self.turns += 1
        return super()._has_ended(claims)


@pytest.fixture
def go() -> Iterator[threading.Event]:
    """What hung steps wait for; they are let go at the end."""
    event = threading.Event()
    yield event
    event.set()


def hanging(go: threading.Event) -> type[Odd]:
    def answer(_run: StepRun) -> Done:
        go.wait(60)
        return Done()

    return odd(answer)


def counted(database: Database, process: type[Odd], **options: object) -> tuple[Counting, threading.Thread]:
    ours = {name: options.pop(name) for name in OURS if name in options}
    made = Counting(database, Plan(Registry([process]), settings(**ours), classic(), **options))  # type: ignore[arg-type]
    thread = threading.Thread(target=made.run, name="worker", daemon=True)
    thread.start()
    return made, thread


def turns_in(made: Counting, seconds: float = 1.0) -> int:
    before = made.turns
    threading.Event().wait(seconds)
    return made.turns - before


@pytest.mark.parametrize("database", ["postgresql_18"], indirect=True)
def test_a_worker_that_cannot_keep_its_leases_rests_though_a_look_is_due(
    database: Database, go: threading.Event
) -> None:
    process = hanging(go)
    first = start(database, process)
    made, thread = counted(database, process, lease=timedelta(seconds=2))
    eventually(lambda: status(database, first) == "running")
    with database.engine.begin() as other:  # the lease renewer waits for it, and renews nothing meanwhile
        eventually(lambda: other.execute(sa.text("SELECT name FROM workers FOR UPDATE")).all())
        eventually(lambda: not made._in_time())

        turns = turns_in(made)

        assert not made._in_time()
    go.set()
    eventually(lambda: status(database, first) == "succeeded")
    made.stop()
    thread.join(15)
    assert 0 < turns < FEW


@pytest.mark.parametrize("database", ["sqlite", "postgresql_18"], indirect=True)
def test_a_worker_that_is_asked_for_one_process_rests_while_its_step_runs(
    database: Database, go: threading.Event
) -> None:
    process = hanging(go)
    one = start(database, process)
    made, thread = counted(database, process, only=one)
    eventually(lambda: status(database, one) == "running")

    turns = turns_in(made)

    go.set()
    thread.join(15)
    assert status(database, one) == "succeeded"
    assert turns < FEW


@pytest.mark.parametrize("database", ["postgresql_18"], indirect=True)
def test_a_worker_looks_ever_more_seldom_for_what_another_transaction_holds(
    database: Database, go: threading.Event
) -> None:
    process = hanging(go)
    held = start(database, process)
    with database.engine.begin() as other:
        other.execute(sa.text("SELECT id FROM processes FOR UPDATE"))
        made, thread = counted(database, process)
        eventually(lambda: made.turns > 1)

        turns = turns_in(made)

    go.set()
    eventually(lambda: status(database, held) == "succeeded")
    made.stop()
    thread.join(15)
    assert turns < FEW / 4
