"""What follows from a step in a child is decided there, by the rules of its worker."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from child_pool import decided, nursery
from crashing_steps import Apart, Booked, Posted, payload
from rig import NOON, outcomes, start, work

from process_manager import Process, RetryPolicy, clock, every
from process_manager.database import Database
from process_manager.execution import decision
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation.results import NotBegun


@pytest.mark.slow
@pytest.mark.parametrize("cls", [Apart, Booked, Posted])
def test_a_step_in_a_child_leaves_its_worker_nothing_to_decide(
    books: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cls: type[Process]
) -> None:
    here: list[str] = []
    decide = decision.decide

    def noted(held: HeldStep, *given: Any, **how: Any) -> Any:
        here.append(held.claim.step)
        return decide(held, *given, **how)

    monkeypatch.setattr(decision, "decide", noted)
    process_id = start(books, cls, payload(tmp_path))
    work(books, cls)

    assert (outcomes(books, process_id), here) == ([("do", "done"), ("after", "done")], ["after"])


@pytest.mark.slow
def test_a_child_retries_by_the_policy_of_its_worker_where_the_process_has_none() -> None:
    with nursery(retry=every(minutes=7, attempts=1)) as strict, nursery(retry=every(minutes=7, attempts=2)) as patient:
        failed, waits = decided(strict.run("fails")), decided(patient.run("fails"))

    assert failed.state.status == "failed"
    assert (waits.state.status, waits.state.due_at) == ("waiting", waits.at + timedelta(minutes=7))


@pytest.mark.slow
def test_a_child_lets_its_process_rest_until_a_quiet_window_of_its_worker_is_over() -> None:
    clock.follow(NOON - clock.host())
    try:
        with nursery(quiet="12:00-12:30") as own:
            waits = decided(own.run("waits"))
    finally:
        clock.follow_host()

    assert waits.state.due_at == waits.state.retry_after == NOON + timedelta(minutes=30)


def test_a_policy_that_no_text_names_keeps_a_child_from_beginning_and_is_named() -> None:
    own = RetryPolicy("as the moon stands", 3, None, lambda _attempt, _roll: timedelta(days=29))

    with nursery(retry=own) as strange:
        ending = strange.run("answers")

    assert isinstance(ending, NotBegun)
    assert ending.problem.startswith("Retry policy 'as the moon stands' is not known.")
