"""How a child ends, and what ends with it: with real processes that crash, hang, and are killed."""

import os
import signal
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from child_pool import Nursery, decided, end, is_gone, noted, nursery
from rig import child, eventually

from process_manager.execution.completion import NotStarted
from process_manager.execution.isolation.results import Crashed, GivenUp, NotBegun, Overran, told
from process_manager.lifecycle.transition import Transition

SOON = timedelta(seconds=0.3)
WINDOWS = sys.platform == "win32"
POSIX = pytest.mark.skipif(WINDOWS, reason="there are no signals, no sessions and no fork")
KILLED = "ended with exit code 15" if WINDOWS else "was ended by SIGKILL (signal 9)"


@pytest.fixture
def own() -> Iterator[Nursery]:
    with nursery() as made:
        yield made


@pytest.mark.slow
def test_a_step_that_exits_without_an_answer_is_a_crash_with_its_code_and_its_output(own: Nursery) -> None:
    assert own.run("exits") == Crashed("ended with exit code 7", "about to exit\n")
    assert own.output() == "about to exit\n"


@POSIX
def test_a_step_that_touches_no_memory_of_its_own_is_a_crash_named_after_its_signal(own: Nursery) -> None:
    assert own.run("segfaults") == Crashed("was ended by SIGSEGV (signal 11)", "")


def test_a_step_that_is_killed_is_a_crash(own: Nursery) -> None:
    ending = own.run("kills_itself")

    assert isinstance(ending, Crashed)
    assert ending.how == KILLED


@pytest.mark.slow
def test_after_a_crash_the_next_step_has_a_child_of_its_own(own: Nursery) -> None:
    before = own.done()["pid"]
    own.run("exits")

    assert own.done()["pid"] != before


@POSIX
def test_a_step_that_is_short_of_memory_answers_as_in_a_thread(own: Nursery) -> None:
    (entry,) = decided(own.run("is_short_of_memory")).entries

    assert (entry.outcome, entry.message) == ("retry", "MemoryError")


@pytest.mark.slow
def test_a_child_that_dies_while_it_is_idle_is_no_crash_of_the_next_step(own: Nursery) -> None:
    pid = own.done()["pid"]
    psutil.Process(pid).kill()

    assert own.done()["pid"] != pid


def test_a_step_over_its_time_limit_is_killed_with_all_that_it_started(own: Nursery, tmp_path: Path) -> None:
    ending = own.run("hangs_with_company", time_limit=SOON, file=str(tmp_path / "file"))

    assert ending == Overran("hanging\n")
    found = noted(tmp_path / "file")
    eventually(lambda: all(is_gone(pid) for pid in (found["pid"], *found["programs"])))


def test_the_start_of_a_child_is_not_counted_to_the_time_limit(own: Nursery) -> None:
    assert isinstance(own.run(time_limit=timedelta(seconds=0.1)), Transition)


def test_a_step_that_is_given_up_is_killed_with_all_that_it_started(own: Nursery, tmp_path: Path) -> None:
    job = own.job("hangs_with_company", file=str(tmp_path / "file"))

    with own.running(job) as endings:
        found = noted(tmp_path / "file")
        own.given_up.add(job)

    assert [type(ending) for ending in endings] == [GivenUp]
    eventually(lambda: all(is_gone(pid) for pid in (found["pid"], *found["programs"])))


def test_a_step_in_a_child_hears_that_it_is_to_stop(own: Nursery, tmp_path: Path) -> None:
    job = own.job("obeys", file=str(tmp_path / "file"))

    with own.running(job) as endings:
        noted(tmp_path / "file")
        job.run.stop_requested = True

    assert decided(endings[0]).entries[0].message == "asked to stop"


def test_a_step_that_was_to_stop_before_its_child_had_begun_hears_of_it(own: Nursery, tmp_path: Path) -> None:
    job = own.job("obeys", file=str(tmp_path / "file"))
    job.run.stop_requested = True

    ending = own.children.run(job)

    assert decided(ending).entries[0].message == "asked to stop"
    assert isinstance(own.children.run(own.job()), Transition)  # the stop was for that step alone


@pytest.mark.slow
def test_closing_ends_every_child_and_gives_up_what_runs(own: Nursery, tmp_path: Path) -> None:
    idle = own.done()["pid"]
    with own.running(own.job("hangs", file=str(tmp_path / "one"))) as one:
        first = noted(tmp_path / "one")["pid"]
        with own.running(own.job("hangs", file=str(tmp_path / "two"))) as two:
            second = noted(tmp_path / "two")["pid"]
            own.children.close()

    assert [type(ending) for ending in (*one, *two)] == [GivenUp, GivenUp]
    assert idle == first != second
    assert all(is_gone(pid) for pid in (first, second))
    assert own.run() == GivenUp("")


@pytest.mark.slow
def test_what_a_step_said_and_printed_before_it_was_cut_off_is_kept(own: Nursery, tmp_path: Path) -> None:
    own.run("speaks_then_hangs", time_limit=SOON, file=str(tmp_path / "file"))

    assert own.said[0].number == 1
    assert own.output() == "hanging\n"


def test_what_keeps_the_pipes_open_after_a_crash_does_not_hold_up_the_worker(own: Nursery, tmp_path: Path) -> None:
    ending = own.run("exits_and_leaves_a_program", file=str(tmp_path / "file"))

    assert isinstance(ending, Crashed)
    assert ending.how == "ended with exit code 3"
    for pid in noted(tmp_path / "file")["programs"]:
        end(pid)


@POSIX
def test_a_copy_of_the_child_dies_with_it_although_it_holds_its_pipes(own: Nursery) -> None:
    assert own.run("forks_and_dies") == Crashed(KILLED, "")


@pytest.mark.crash
def test_a_killed_worker_leaves_no_child_and_no_step_running(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_text("hangs hangs_with_company answers", "utf-8")
    with child("run_children.py", tmp_path) as worker:
        alone, company = noted(tmp_path / "hangs"), noted(tmp_path / "hangs_with_company")
        family = psutil.Process(worker.pid).children(recursive=True)
        assert {alone["pid"], company["pid"], *company["programs"]} <= {each.pid for each in family}

        worker.kill()

        eventually(lambda: all(is_gone(each.pid) for each in family))


@pytest.mark.crash
@POSIX
def test_a_signal_to_the_group_of_the_worker_ends_no_child(tmp_path: Path, own: Nursery) -> None:
    pid = own.done()["pid"]
    assert os.getpgid(pid) == os.getsid(pid) == pid

    os.kill(pid, signal.SIGINT)
    os.kill(pid, signal.SIGTERM)

    assert own.done()["pid"] == pid


def test_an_exit_code_is_told_as_the_system_names_it() -> None:
    assert told(0) == "ended with exit code 0"
    assert told(0xC0000005) == "ended with exit code 0xc0000005"
    assert told(-9) == "was ended by SIGKILL (signal 9)" or WINDOWS
    assert told(-250) == "was ended by signal 250"


@pytest.mark.slow
def test_a_module_that_ends_its_child_while_it_is_imported_is_no_crash_of_the_step(
    own: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    code = "from misbehaving_steps import Wild as Model\nclass Leaving(Model):\n    name = 'wild'\n"
    (tmp_path / "leaving.py").write_text(code, "utf-8")
    from leaving import Leaving  # type: ignore[import-not-found]

    (tmp_path / "leaving.py").write_text("import os\nprint('gone')\nos._exit(9)\n", "utf-8")
    own.done()  # so that there is an idle child, whose end would be its own affair
    ending = own.children.run(own.job(cls=Leaving))

    assert ending == NotBegun("The child process of the step ended with exit code 9 before it began.", "gone\n")


def test_a_step_whose_lease_may_be_gone_once_its_child_is_ready_is_not_called(tmp_path: Path) -> None:
    with nursery(may_begin=lambda _job: False) as late:
        job = late.job("hangs", file=str(tmp_path / "file"))

        assert late.children.run(job) == NotStarted(job)

    assert not (tmp_path / "file").exists()
