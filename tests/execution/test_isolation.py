"""What the author of a step may count on when it runs in a child process."""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from child_pool import Nursery, answered, decided, end, nursery
from misbehaving_steps import SHOUT, Other, Wild
from rig import eventually, odd

from process_manager import classic, clock
from process_manager.database import Database
from process_manager.execution.call_step import run_step
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation.child_host import LogSettings
from process_manager.execution.isolation.pool import OUTPUT_NUMBER
from process_manager.execution.isolation.results import NotBegun
from process_manager.lifecycle.next_state import next_state

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


@pytest.fixture(scope="module")
def shared() -> Iterator[Nursery]:
    """Children whose steps leave them as they were."""
    with nursery() as made:
        yield made


def test_a_step_in_a_child_knows_what_it_would_know_in_a_thread(shared: Nursery) -> None:
    here = shared.job("answers_who").run

    answered = shared.done("answers_who")

    assert answered == {"key": here.idempotency_key, "recovered": False}


def test_one_child_runs_one_step_after_the_other_of_whatever_class(shared: Nursery) -> None:
    first = shared.done("answers")["pid"]

    second = shared.children.run(shared.job(cls=Other))

    assert answered(second)["pid"] == first != os.getpid()


@pytest.mark.parametrize("what", ["rejects", "waits", "fails", "leaves", "recurses", "answers_a_set"])
def test_what_a_step_answers_or_raises_is_recorded_as_from_a_thread(shared: Nursery, what: str) -> None:
    job = shared.job(what)

    there = decided(shared.children.run(job))

    (entry,) = there.entries
    at = {"started_at": entry.started_at, "finished_at": entry.finished_at}
    result = run_step(job)._replace(**at)
    here = next_state(job.claim, Wild.step_names, result, retry=classic(), roll=0)
    assert (entry.error is None) == (result.error is None)
    assert there._replace(entries=(entry._replace(error=result.error),)) == here


def test_a_payload_that_is_not_json_ends_failed_with_the_path_of_the_bad_key(shared: Nursery) -> None:
    attempt = decided(shared.run("answers_a_set"))

    assert attempt.state.status == "failed"
    assert attempt.entries[0].message == (
        "The step is done, but its answer cannot be kept: payload.rows[0].ids is a set, which JSON cannot represent. "
        "Pass a list of it."
    )


@pytest.mark.parametrize("what", ["answers_a_generator", "answers_a_coroutine"])
def test_a_step_whose_code_would_run_later_says_so_from_its_child_too(what: str, shared: Nursery) -> None:
    attempt = decided(shared.run(what))

    assert attempt.state.status == "failed"
    assert attempt.entries[0].message == (
        f"The step answered a {what.rpartition('_')[2]}: what stands behind its `yield` or `async` has not run. "
        "Have it return Done, Skip, Wait, Retry or Reject."
    )


def test_sys_exit_is_a_system_error_and_no_crash(shared: Nursery) -> None:
    (entry,) = decided(shared.run("leaves")).entries

    assert (entry.outcome, entry.message) == ("retry", "SystemExit: 4")


def test_a_step_has_the_settings_of_its_worker(shared: Nursery) -> None:
    waits = decided(shared.run("waits"))

    assert waits.state.due_at == waits.at + timedelta(seconds=90)


def test_a_business_error_rejects(shared: Nursery) -> None:
    (entry,) = decided(shared.run("rejects")).entries

    assert (entry.outcome, entry.message, entry.code) == ("reject", "no such customer", "E7")


def test_what_a_step_says_is_posted_in_order_and_before_its_answer(shared: Nursery) -> None:
    shared.said.clear()

    shared.done("says")

    assert [(each.process_id, each.seq, each.number, each.kind, json.loads(each.body)) for each in shared.said] == [
        (7, 1, 1, "log", {"message": "first", "æ": "ø"}),
        (7, 1, 2, "exchange", {"system": "SAP", "request": {"moment": "now"}, "response": [1, 2]}),
        (7, 1, 0, "progress", {"done": 1, "total": 2, "message": "half"}),
        (7, 1, 3, "log", {"message": "second"}),
    ]


def test_a_step_that_prints_nothing_leaves_no_evidence(shared: Nursery) -> None:
    shared.said.clear()

    shared.done("answers")

    assert shared.said == []


def test_what_a_step_prints_is_kept_whoever_prints_it_and_its_secrets_are_masked(shared: Nursery) -> None:
    shared.said.clear()

    shared.done("prints")

    (evidence,) = [each for each in shared.said if each.number == OUTPUT_NUMBER]  # beside what it logged
    assert (evidence.process_id, evidence.seq, evidence.kind) == (7, 1, "log")
    lines = shared.output().splitlines()
    printed = {"from Python: æøå", "to stderr, password=***;", "raw \ufffd", "from C", "from a program"}
    assert printed <= set(lines), lines
    assert not any("geheim" in each.body for each in shared.said)


def test_a_step_that_prints_without_end_is_not_blocked_and_its_ends_are_kept(shared: Nursery) -> None:
    shared.said.clear()

    shared.done("shouts")

    (evidence,) = shared.said
    body = json.loads(evidence.body)
    assert body["bytes"] > SHOUT
    assert len(body["text"]) < 21_000
    assert body["text"].startswith("the beginning\nxxx")
    assert body["text"].endswith("xxx\nthe end\n")
    assert "left out" in body["text"]


def test_a_step_that_closes_its_streams_answers_and_the_next_has_streams_again(shared: Nursery) -> None:
    pid = shared.done("closes_its_streams")["pid"]
    assert shared.output() == "before\n"

    shared.done("prints")

    assert shared.done("answers")["pid"] == pid
    assert "from Python: æøå" in shared.output()


def test_a_step_reads_nothing_of_what_is_meant_for_its_child(shared: Nursery) -> None:
    answered = shared.done("reads")

    assert (answered["read"], answered["raw"]) == ("", "")


def test_what_is_printed_between_two_steps_is_taken_for_neither(shared: Nursery, tmp_path: Path) -> None:
    go = tmp_path / "go"
    shared.done("prints_later", file=str(go))
    go.touch()
    eventually(lambda: go.read_text("utf-8") == "spoken")
    shared.said.clear()

    shared.done("answers")

    assert shared.said == []


def test_a_program_that_a_step_leaves_running_holds_up_neither_it_nor_the_next(shared: Nursery) -> None:
    left = shared.done("leaves_a_program")

    assert shared.done("answers")["pid"] == left["pid"]
    assert psutil.pid_exists(left["program"])
    end(left["program"])


@POSIX
def test_a_copy_that_a_step_forks_never_answers_in_its_place(shared: Nursery) -> None:
    first = shared.done("forks")["pid"]

    assert [shared.done("answers")["pid"] for _ in range(3)] == [first] * 3


@pytest.mark.slow
def test_a_step_has_the_engines_database(database: Database, tmp_path: Path) -> None:
    with nursery(database_url=f"sqlite:///{tmp_path / 'engine.db'}") as own:
        assert own.done("counts") == {"number": 1}


def test_a_class_that_no_child_can_find_is_not_begun_and_a_hint_is_said(shared: Nursery) -> None:
    cls = odd(lambda _run: None)
    job = shared.job()
    made = HeldStep(job.claim, cls, cls.plan[0], job.run)

    ending = shared.children.run(made)

    assert isinstance(ending, NotBegun)
    assert ending.problem.startswith("rig.Odd cannot run in a child process")


def test_a_step_that_is_not_in_the_childs_code_is_not_begun(shared: Nursery) -> None:
    job = shared.job()
    gone = HeldStep(job.claim._replace(step="gone"), Wild, job.planned, job.run)

    ending = shared.children.run(gone)

    assert isinstance(ending, NotBegun)
    assert "its file was changed since the worker started. Restart the worker." in ending.problem
    assert shared.done("answers")


def test_a_step_whose_effect_is_another_in_the_childs_code_is_not_begun(shared: Nursery) -> None:
    job = shared.job()
    changed = HeldStep(job.claim, Wild, replace(job.planned, effect="once"), job.run)

    ending = shared.children.run(changed)

    assert isinstance(ending, NotBegun)
    assert "its file was changed since the worker started. Restart the worker." in ending.problem


def test_a_child_reads_the_clock_that_its_worker_reads(shared: Nursery) -> None:
    clock.follow(timedelta(hours=3))
    try:
        before = clock.now()
        (entry,) = decided(shared.run("says")).entries
    finally:
        clock.follow_host()

    assert before - timedelta(seconds=1) <= entry.started_at <= entry.finished_at <= before + timedelta(minutes=2)


@pytest.mark.slow
def test_what_crashed_its_own_child_runs_in_one_that_ran_nothing_before() -> None:
    with nursery() as own:
        used = own.done("answers")["pid"]
        job = own.job()
        suspect = HeldStep(job.claim._replace(crashes=1, own_crashes=1), Wild, job.planned, job.run)

        fresh = answered(own.children.run(suspect))["pid"]
        assert fresh != used
        assert not psutil.pid_exists(used)
        assert own.done("answers")["pid"] == fresh


def test_secrets_are_in_no_argument_of_a_child(shared: Nursery) -> None:
    arguments = psutil.Process(shared.done("answers")["pid"]).cmdline()

    assert arguments[0] == sys.executable
    assert "sqlite" not in " ".join(arguments)


@pytest.mark.slow
def test_a_child_logs_as_its_worker_does_and_its_lines_are_output_of_the_step() -> None:
    with nursery(log_settings=LogSettings(None, "INFO", "json")) as own:
        own.done("prints")

        events = [json.loads(line) for line in own.output().splitlines() if line.startswith("{")]

    assert [(event["event"], event["process_id"], event["step"]) for event in events] == [
        ("from a logger", 7, "do"),
        ("from.structlog", 7, "do"),
    ]


@pytest.mark.slow
def test_a_child_begins_and_goes_on_where_its_worker_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)

    with nursery() as own:
        monkeypatch.chdir("elsewhere")  # as a step does in a thread of the worker
        first, second = own.done("goes_elsewhere"), own.done("goes_elsewhere")

    assert first["pid"] == second["pid"]
    assert (first["was"], second["was"]) == (str(tmp_path), str(tmp_path))
