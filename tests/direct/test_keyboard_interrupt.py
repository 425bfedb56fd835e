"""Ctrl-C in a direct call ends it: a step at once, a record once it is written, and nothing stays held."""

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from misbehaving_steps import Wild
from rig import Three, execute, odd, outcomes, row, status

from process_manager import Done, Process, Step, StepRun
from process_manager.database import Database
from process_manager.direct.keyboard_interrupt import KeyboardInterrupts
from process_manager.lifecycle import next_state
from tests.direct.test_call import direct

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a program cannot send Ctrl-C to itself alone there")


def press() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def as_in_a_program() -> Iterator[None]:
    """Whoever pressed it last, Python's own handler is in place."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_in_a_step_it_is_recorded_and_passes_on(database: Database) -> None:
    process = odd(lambda _run: press())
    with direct(database, process, Three) as here:
        with pytest.raises(KeyboardInterrupt):
            here.run(process)
        assert here.run(Three).status == "succeeded"

    assert outcomes(database, 1) == [("do", "retry")]
    assert status(database, 1) == "waiting"


def test_a_step_that_raises_it_by_itself_ends_nothing_else(database: Database) -> None:
    def raising(_run: StepRun) -> Done:
        raise KeyboardInterrupt

    process = odd(raising)
    with direct(database, process) as here:
        assert here.run(process).status == "waiting"


def test_in_a_once_step_it_leaves_a_doubt(database: Database) -> None:
    class Careful(Process):
        name = "careful"
        STEPS = {"once": Step("send", effect="once")}

        def send(self, run: StepRun) -> Done:
            press()
            return Done("sent")

    with pytest.raises(KeyboardInterrupt), direct(database, Careful) as here:
        here.run(Careful)

    assert status(database, 1) == "uncertain"


def in_what_follows(monkeypatch: pytest.MonkeyPatch, _here: Any) -> None:
    heart = next_state.next_state
    monkeypatch.setattr(next_state, "next_state", lambda *given, **named: (press(), heart(*given, **named))[1])


def in_the_record(_monkeypatch: pytest.MonkeyPatch, here: Any) -> None:
    write, once = here._thread.claims.write, iter([press])
    here._thread.claims.write = lambda connection, *, claim: (next(once, bool)(), write(connection, claim=claim))


def after_the_record(_monkeypatch: pytest.MonkeyPatch, here: Any) -> None:
    write, once = here._thread.claims.write, iter([press])
    here._thread.claims.write = lambda connection, *, claim: (write(connection, claim=claim), next(once, bool)())


@pytest.mark.parametrize("moment", [in_what_follows, in_the_record, after_the_record])
def test_beside_a_step_it_passes_on_once_the_step_is_recorded(
    database: Database, monkeypatch: pytest.MonkeyPatch, moment: Callable[[pytest.MonkeyPatch, Any], None]
) -> None:
    with direct(database) as here:
        with monkeypatch.context() as patched:
            moment(patched, here)
            with pytest.raises(KeyboardInterrupt):
                here.run(Three)
        assert here._thread.claims.held == {}

    assert outcomes(database, 1) == [("a", "done")]
    assert (status(database, 1), row(database, 1)["crashes"], row(database, 1)["step"]) == ("pending", 0, "b")


def test_while_it_is_started_it_is_given_back_unbegun(database: Database) -> None:
    with pytest.raises(KeyboardInterrupt), direct(database) as here:
        thread = here._thread
        begin = thread.within
        thread.within = lambda *given, **more: (begin(*given, **more), press())[0]  # type: ignore[method-assign]
        here.run(Three)

    assert outcomes(database, 1) in ([("a", "done")], [])
    assert (status(database, 1), row(database, 1)["crashes"]) == ("pending", 0)


def test_while_the_gates_are_asked_it_is_given_back_unbegun(database: Database) -> None:
    with pytest.raises(KeyboardInterrupt), direct(database) as here:
        here._thread._place._admission = lambda _job: press()  # type: ignore[assignment]
        here.run(Three)

    assert (outcomes(database, 1), status(database, 1), row(database, 1)["crashes"]) == ([], "pending", 0)


def test_while_verify_is_asked_it_passes_on(database: Database) -> None:
    class Careful(Process):
        name = "careful"
        STEPS = {"once": Step("send", effect="once", verify="look")}

        def send(self, run: StepRun) -> Done:
            raise TimeoutError

        def look(self, run: StepRun) -> None:
            press()

    with pytest.raises(KeyboardInterrupt), direct(database, Careful) as here:
        here.run(Careful)

    assert status(database, 1) == "waiting"  # to ask once more
    assert row(database, 1)["doubtful_since"] is not None


class Alone(Wild):
    name = "alone"
    STEPS = {"do": Step("do", isolation="process"), "after": "do"}


@pytest.mark.slow
def test_while_a_child_runs_the_step_the_child_is_ended_before_the_process_is_given_back(
    database: Database, tmp_path: Path
) -> None:
    notes = tmp_path / "notes"
    with direct(database, Alone) as here:
        threading.Thread(target=lambda: (wait_for(notes), press_main()), daemon=True).start()
        with pytest.raises(KeyboardInterrupt):
            here.run(Alone, {"what": "hangs", "file": str(notes)})
        pid = json.loads(notes.read_text("utf-8").splitlines()[0])["pid"]
        assert not psutil.pid_exists(pid)

    assert outcomes(database, 1) == [("do", "released")]
    assert status(database, 1) == "pending"


def wait_for(file: Path) -> None:
    ends = time.monotonic() + 30
    while not (file.exists() and file.read_text("utf-8").endswith("\n")) and time.monotonic() < ends:
        time.sleep(0.01)


def press_main() -> None:
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def test_a_second_one_comes_at_once() -> None:
    interrupts = KeyboardInterrupts()
    with interrupts:
        with pytest.raises(KeyboardInterrupt), interrupts.held_back():
            press()
            reached = True
            press()
            reached = False
        assert reached
        with interrupts.held_back():
            pass  # what came before is over


def test_in_a_call_within_a_step_it_ends_both(database: Database) -> None:
    def outer(_run: StepRun) -> Done:
        with direct(database) as another:
            after_the_record(pytest.MonkeyPatch(), another)
            another.run(Three)
        return Done("done")

    process = odd(outer)
    with pytest.raises(KeyboardInterrupt), direct(database, process) as here:
        here.run(process)

    assert (outcomes(database, 1), status(database, 1)) == ([("do", "retry")], "waiting")
    assert (outcomes(database, 2), status(database, 2)) == ([("a", "done")], "pending")


def test_a_program_that_sees_to_it_itself_is_told_and_goes_on(database: Database) -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: heard.append(number))
    try:
        process = odd(lambda _run: (press(), Done("done"))[1])
        with direct(database, process) as here:
            assert here.run(process).status == "succeeded"
    finally:
        signal.signal(signal.SIGINT, before)

    assert set(heard) == {signal.SIGINT}


def test_outside_of_a_call_it_is_nobodys_but_the_callers(database: Database) -> None:
    with direct(database) as here:
        with pytest.raises(KeyboardInterrupt):
            press()
        assert here.run(Three).status == "succeeded"
    assert execute(database, "SELECT count(*) FROM process_steps") == [(3,)]


def test_in_another_thread_no_handler_is_set(database: Database) -> None:
    found: list[Any] = []

    def elsewhere() -> None:
        with direct(database) as here:
            found.append((here.run(Three).status, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()

    assert found == [("succeeded", signal.default_int_handler)]
