"""The threads of a worker: none of their jobs is left lying, and none of them is there before it is needed."""

import random
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from rig import Three, claim, eventually

from process_manager.execution.executor import carry_out
from process_manager.worker.thread_pool import ThreadPool


class Errand:
    """As much of a held step as a pool looks at."""

    process = Three
    claim = claim()
    started: float | None = None
    answered = False


@pytest.fixture
def turns() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def pool(size: int, perform: Any, done: list[Any]) -> ThreadPool:
    def run(job: Any) -> Any:
        return carry_out(job, refuses=lambda _job: None, perform=perform)

    return ThreadPool(size, post=done.append, run=run)


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("step-")}


def test_no_job_is_left_lying(turns: None) -> None:
    done: list[Any] = []
    dice = random.Random(7)  # noqa: S311
    made = pool(4, lambda job: time.sleep(0.0002) if dice.random() < 0.3 else job, done)
    submitted = 0

    def is_done() -> bool:
        return len(done) == submitted

    ends = time.monotonic() + 2
    while time.monotonic() < ends:
        for _ in range(dice.randint(1, 6)):
            made.submit(Errand())  # type: ignore[arg-type]
            submitted += 1
        if dice.random() < 0.05:
            submitted -= len(made.take_back(3))
        if dice.random() < 0.5:
            eventually(is_done)

    eventually(is_done)
    made.dismiss()


def test_no_thread_is_there_before_it_is_needed() -> None:
    before, done = threads(), []
    gate = threading.Event()
    made = pool(8, lambda _job: gate.wait(10), done)
    assert threads() == before

    for _ in range(3):
        made.submit(Errand())  # type: ignore[arg-type]
    eventually(lambda: made.waiting() == 0)
    assert 3 <= len(threads() - before) <= 4  # one more where a thread was about to rest
    gate.set()
    eventually(lambda: len(done) == 3)

    made.dismiss()
    eventually(lambda: threads() <= before)


def test_jobs_that_block_run_beside_each_other_up_to_the_size() -> None:
    done: list[Any] = []
    gate = threading.Event()
    made = pool(4, lambda _job: gate.wait(10), done)

    for _ in range(6):
        made.submit(Errand())  # type: ignore[arg-type]
    eventually(lambda: made.waiting() == 2)
    gate.set()

    eventually(lambda: len(done) == 6)
    made.dismiss()


def test_of_many_jobs_that_come_at_once_the_first_alone_calls_a_thread() -> None:
    done: list[Any] = []
    made = pool(8, lambda job: job, done)
    before = sys.getswitchinterval()
    sys.setswitchinterval(10)  # no thread takes its turn meanwhile
    try:
        for _ in range(8):
            made.submit(Errand())  # type: ignore[arg-type]
        calls = made._calls.qsize()
    finally:
        sys.setswitchinterval(before)

    assert calls <= 1
    eventually(lambda: len(done) == 8)
    made.dismiss()


def test_a_thread_outlives_what_breaks_in_it() -> None:
    done: list[Any] = []

    def broken(_job: Any) -> Any:
        raise OverflowError

    made = ThreadPool(1, post=done.append, run=lambda job: carry_out(job, refuses=broken, perform=lambda job: job))
    for _ in range(2):
        made.submit(Errand())  # type: ignore[arg-type]

    eventually(lambda: [type(came).__name__ for came in done] == ["GaveUp", "GaveUp"])
    made.dismiss()
