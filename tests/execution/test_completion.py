"""What follows from an answer is recorded, even when that cannot be told."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from rig import Bench, history, odd, start, status, told, work, worker

from process_manager import BusinessError, Process, StepRun, Wait, classic
from process_manager.database import Database
from process_manager.execution import decision
from process_manager.execution.call_step import run_step
from process_manager.gates.quiet import Quiet
from process_manager.lifecycle.evidence import Evidence
from process_manager.worker.prefetch import MOST_HELD

pytestmark = pytest.mark.every_database


class Resting(Process):
    """A step that answered, and asks for a rest."""

    STEPS = {"a": "rest"}

    def rest(self, run: StepRun) -> Wait:
        return Wait("later", after=timedelta(hours=1))


def test_an_answer_of_which_the_windows_cannot_be_asked_fails_and_is_not_run_again(database: Database) -> None:
    process_id = start(database, Resting)
    bench = Bench(database, Resting)
    (job,) = bench.write()

    def broken(name: str, version: int) -> Quiet:
        raise LookupError("no such day")

    ran = run_step(job)
    attempt = decision.decide(job, ran, retry=classic(), quiet_of=broken)
    bench.claims.accept([attempt])
    bench.write()

    assert status(database, process_id) == "failed"
    assert "what follows cannot be told: LookupError: no such day" in history(database, process_id)[-1].message


def test_what_follows_is_decided_where_the_step_ran(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[str] = []
    decide = decision.decide

    def noted(*given: Any, **how: Any) -> Any:
        threads.append(threading.current_thread().name)
        return decide(*given, **how)

    start(database)
    monkeypatch.setattr(decision, "decide", noted)
    work(database)

    assert [name.partition("-")[0] for name in threads] == ["step"] * 3


def test_one_transaction_records_half_of_what_may_be_held_and_all_that_was_said(database: Database) -> None:
    start(database)
    bench = Bench(database)
    (job,) = bench.write()
    attempt = bench.claims.decide(job, run_step(job))
    said = Evidence(1, 1, 1, "log", attempt.at, "{}")
    mailbox = worker(database)._mailbox
    for message in (attempt, said) * MOST_HELD:
        mailbox.put(message)

    first, second = mailbox.drain(), mailbox.drain()

    assert first.count(attempt) == second.count(attempt) == MOST_HELD // 2
    assert abs(first.count(said) - MOST_HELD // 2) <= 1


@pytest.mark.parametrize(("text", "said"), [("no contract", "no contract"), ("", "BusinessError")])
def test_a_business_error_is_recorded_in_its_own_words_and_one_without_any_by_its_name(
    database: Database, text: str, said: str
) -> None:
    def refuse(run: StepRun) -> None:
        raise BusinessError(text, code="E7")

    process = odd(refuse)
    process_id = start(database, process)

    work(database, process)

    assert told(database, process_id, "outcome", "message", "code") == [("reject", said, "E7")]
