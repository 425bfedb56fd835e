"""One run or a daemon: the time box, the signals, and what a worker that is gone leaves behind."""

import signal
import sqlite3
import sys
import time
from contextlib import closing
from datetime import datetime, timedelta

import pytest
from rig import eventually
from shop import Shop, in_the_step, slow

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGTERM that a program could catch")


def test_w1_no_step_starts_after_the_time_box_and_the_running_one_finishes(shop: Shop) -> None:
    slow(shop, 1.3)
    slow(shop, 1.3)
    began = datetime.fromisoformat(shop.show(1, "created_at"))

    answer = shop.ask("work", "--time-box", "1s", "--concurrency", 1)

    (row,) = shop.history(1, "step", "outcome", "started_at", "finished_at")
    assert answer.code == 0
    assert row[:2] == ("first", "done")
    assert datetime.fromisoformat(row[3]) - began > timedelta(seconds=1)  # it was left to finish, after the box
    assert shop.history(2, "step") == []
    assert [shop.show(each, "status", "step", "attempt") for each in (1, 2)] == [
        ("pending", "second", 0),
        ("pending", "first", 0),
    ]


def test_w1_the_rest_goes_on_in_the_next_run_which_ends_by_itself(shop: Shop) -> None:
    slow(shop, 1.1)
    shop.ask("work", "--time-box", "1s")

    answer = shop.ask("work")

    assert answer.code == 0
    assert shop.history(1, "seq", "step", "attempt", "outcome") == [(1, "first", 1, "done"), (2, "second", 1, "done")]
    assert shop.show(1, "status") == "succeeded"


def test_w1_work_ends_at_once_when_nothing_is_due(shop: Shop) -> None:
    shop.start("letter", None, "--at", "2999-01-01")

    answer = shop.ask("work")

    assert (answer.code, answer.err.splitlines()[-1]) == (0, "Nothing was due.")
    assert shop.show(1, "status") == "waiting"


def test_work_takes_only_the_channels_it_is_given(shop: Shop) -> None:
    shop.start("letter", None, "--channel", "post")
    shop.start("letter", None, "--channel", "web")
    shop.start("letter")

    shop.ask("work", "--channel", "post", "--channel", "web")

    assert [shop.show(each, "status") for each in (1, 2, 3)] == ["succeeded", "succeeded", "pending"]


def test_work_on_one_process_leaves_the_others_and_goes_on_to_its_end(shop: Shop) -> None:
    shop.start("letter")
    shop.start("letter", None, "--at", "2999-01-01")

    answer = shop.ask("work", 2)

    assert answer.err.splitlines()[-1] == "Process 2 has succeeded: sent"
    assert [shop.show(each, "status") for each in (1, 2)] == ["pending", "succeeded"]


@pytest.mark.slow
@POSIX
def test_w7_a_signal_lets_a_short_step_finish_and_starts_no_other(shop: Shop) -> None:
    slow(shop, 0.8)
    shop.start("letter")

    with in_the_step(shop, "worker", "--concurrency", "1", grace="20s") as worker:
        worker.send_signal(signal.SIGTERM)
        _, talk = worker.communicate(timeout=15)

    assert worker.returncode == 0, talk
    assert "Stopping: running steps may finish within 20s; a second signal ends at once." in talk
    assert shop.history(1, "step", "attempt", "outcome") == [("first", 1, "done")]
    assert shop.show(1, "status", "step", "worker") == ("pending", "second", None)
    assert shop.show(2, "status", "step") == ("pending", "write")


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_w7_a_step_that_outlasts_the_grace_period_is_released_without_using_up_an_attempt(
    shop: Shop, number: signal.Signals
) -> None:
    slow(shop, 60)

    with in_the_step(shop, "worker", grace="200ms") as worker:
        asked = time.monotonic()
        worker.send_signal(number)
        _, talk = worker.communicate(timeout=15)

    assert (worker.returncode, time.monotonic() - asked < 5) == (0, True), talk
    assert shop.history(1, "step", "attempt", "outcome", "message") == [
        ("first", 1, "released", "The worker stopped before the step answered.")
    ]
    assert shop.show(1, "status", "step", "attempt", "waiting_for") == ("pending", "first", 0, None)


@pytest.mark.slow
@POSIX
def test_w7_a_running_once_step_is_left_to_its_lease_and_the_worker_still_ends_in_time(shop: Shop) -> None:
    process_id = shop.start("wiring", {"folder": str(shop.folder)})

    with in_the_step(shop, "worker", grace="200ms") as worker:
        asked = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        _, talk = worker.communicate(timeout=15)

    assert (worker.returncode, time.monotonic() - asked < 5) == (0, True), talk
    assert shop.show(process_id, "status", "step") == ("running", "wire")
    assert shop.show(process_id, "doubtful_since") is not None
    assert shop.history(process_id, "step", "outcome") == [("wire", "started")]


@pytest.mark.slow
@POSIX
def test_w7_a_second_signal_does_not_wait_for_the_grace_period(shop: Shop) -> None:
    slow(shop, 60)

    with in_the_step(shop, "worker", grace="1h") as worker:
        worker.send_signal(signal.SIGTERM)
        assert worker.stderr
        eventually(lambda: "Stopping" in worker.stderr.readline())
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=10)

    assert worker.returncode == 0
    assert shop.history(1, "outcome", "attempt") == [("released", 1)]
    assert shop.show(1, "status", "attempt") == ("pending", 0)


@pytest.mark.slow
@POSIX
def test_w7_work_drains_as_the_daemon_does(shop: Shop) -> None:
    slow(shop, 60)

    with in_the_step(shop, "work", "1", grace="0s") as work:
        work.send_signal(signal.SIGTERM)
        work.communicate(timeout=10)

    assert work.returncode == 0
    assert shop.show(1, "status", "attempt") == ("pending", 0)


@pytest.mark.skipif(sys.platform != "win32", reason="Ctrl-Break is a thing of Windows")
def test_w7_ctrl_break_drains_it(shop: Shop) -> None:
    slow(shop, 60)

    with in_the_step(shop, "worker", grace="0s") as worker:
        worker.send_signal(signal.CTRL_BREAK_EVENT)  # type: ignore[attr-defined]
        worker.communicate(timeout=10)

    assert shop.show(1, "status") == "pending"


@pytest.mark.slow
def test_w4_a_killed_worker_blocks_nobody_longer_than_its_lease(shop: Shop) -> None:
    slow(shop, 0.1)
    slow(shop, 60)

    with in_the_step(shop, "work", "2", lease="1s") as worker:
        worker.kill()
        worker.wait(timeout=10)
    held = shop.ask("work", 2)
    shop.ask("abandon-process", 1, "--reason", "not of interest")
    shop.execute("UPDATE processes SET parameters = replace(parameters, ':60', ':0.1')")  # which no path has
    eventually(lambda: shop.ask("work", 2).code == 0)

    assert held.code == 6
    assert shop.history(2, "seq", "step", "attempt", "outcome") == [
        (1, "first", 1, "lost"),
        (2, "first", 1, "done"),
        (3, "second", 1, "done"),
    ]


@pytest.mark.slow
def test_w4_a_worker_takes_over_from_one_that_was_killed(shop: Shop) -> None:
    slow(shop, 60)

    with in_the_step(shop, "worker", lease="1s") as worker:
        worker.kill()
        worker.wait(timeout=10)
    shop.execute("UPDATE processes SET parameters = replace(parameters, ':60', ':0.1')")  # which no path has
    eventually(lambda: shop.ask("work").code or shop.show(1, "status") == "succeeded")

    assert [row[0] for row in shop.history(1, "outcome")] == ["lost", "done", "done"]


@pytest.mark.slow
@POSIX
def test_w4_a_worker_that_cannot_go_on_gives_back_what_it_holds(shop: Shop) -> None:
    slow(shop, 60)
    others = [shop.start("letter") for _ in range(20)]

    with in_the_step(shop, "worker", "--concurrency", "1", grace="0s") as worker:
        worker.send_signal(signal.SIGINT)
        worker.communicate(timeout=10)

    assert {shop.show(each, "status", "worker", "attempt") for each in (1, *others)} == {("pending", None, 0)}


@pytest.mark.slow
def test_a_thread_that_a_step_left_behind_keeps_no_program_alive(shop: Shop) -> None:
    shop.start("leaky")

    answer = shop.really("work")

    assert answer.code == 0
    assert answer.err.endswith("1 step run: 1 done. 1 process: 1 succeeded.\n")


@pytest.mark.slow
@POSIX
def test_w7_a_signal_while_nothing_can_be_written_ends_with_0_and_soon(shop: Shop) -> None:
    shop.start("letter")
    with closing(sqlite3.connect(shop.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        worker = shop.spawn("worker", PROCESS_MANAGER_LEASE="2s", PROCESS_MANAGER_GRACE="30s")
        assert worker.stderr is not None
        assert any("transaction.failed" in line for line in worker.stderr)
        asked = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        _, rest = worker.communicate(timeout=15)

    assert (worker.returncode, time.monotonic() - asked < 8) == (0, True), rest
    assert "Stopped while the database took no writes." in rest
    assert shop.show(1, "status") == "pending"


def test_who_runs_one_process_is_on_the_audit_chain_and_needs_a_role_that_may(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    process_id = shop.start("letter")
    monkeypatch.setenv("PROCESS_MANAGER_CONSOLE_ROLE", "viewer")
    refused = shop.ask("work", process_id)
    monkeypatch.setenv("PROCESS_MANAGER_CONSOLE_ROLE", "caseworker")
    done = shop.ask("work", process_id)

    assert (refused.code, done.code) == (4, 0)
    assert "the role viewer" in refused.err
    with shop.database().read() as connection:
        rows = connection.exec_driver_sql("SELECT act, process_id, role, result FROM audit ORDER BY number").all()
    assert [tuple(row) for row in rows] == [
        ("run-now", process_id, "viewer", "refused"),
        ("run-now", process_id, "caseworker", "done"),
    ]
