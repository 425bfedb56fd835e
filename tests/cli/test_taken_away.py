"""What ends a worker from outside: its terminal that closes, its database that is taken away."""

import signal
import sys

import pytest
from rig import eventually
from shop import Shop, in_the_step, slow

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP, and keeps open files")


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize("name", ["SIGHUP", "SIGQUIT"])
def test_w7_a_closed_terminal_drains_it_too_and_a_once_step_is_not_cut_off(shop: Shop, name: str) -> None:
    process_id = shop.start("wiring", {"folder": str(shop.folder), "seconds": 0.8})

    with in_the_step(shop, "worker", "--concurrency", "1", grace="20s") as worker:
        worker.send_signal(getattr(signal, name))
        _, talk = worker.communicate(timeout=15)

    assert worker.returncode == 0, talk
    assert shop.history(process_id, "step", "outcome") == [("wire", "done")]


@pytest.mark.slow
@POSIX
def test_w7_a_terminal_that_says_twice_that_it_closes_does_not_force_the_end(shop: Shop) -> None:
    process_id = shop.start("wiring", {"folder": str(shop.folder), "seconds": 0.8})

    with in_the_step(shop, "worker", "--concurrency", "1", grace="20s") as worker:
        worker.send_signal(signal.SIGHUP)
        assert worker.stderr
        eventually(lambda: "Stopping" in worker.stderr.readline())
        worker.send_signal(signal.SIGHUP)
        _, talk = worker.communicate(timeout=15)

    assert worker.returncode == 0, talk
    assert shop.history(process_id, "step", "outcome") == [("wire", "done")]


@pytest.mark.slow
@POSIX
def test_w7_a_worker_under_nohup_outlives_its_terminal(shop: Shop) -> None:
    slow(shop, 0.8)
    script = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from process_manager.cli import main; sys.argv[1:] = ['worker', '--until-empty']; main()"
    )

    with shop.spawn(script=script) as worker:
        eventually((shop.folder / "begun").exists)
        worker.send_signal(signal.SIGHUP)
        _, talk = worker.communicate(timeout=15)

    assert (worker.returncode, "Stopping" in talk) == (0, False), talk
    assert shop.show(1, "status") == "succeeded"


@pytest.mark.slow
@POSIX
def test_a_worker_and_a_watch_whose_database_is_taken_away_end_with_7_and_one_sentence(shop: Shop) -> None:
    slow(shop, 60)

    with in_the_step(shop, "worker", grace="100ms") as worker, shop.spawn("watch", "1") as watch:
        assert watch.stdout
        watch.stdout.readline()
        shop.file.unlink()
        talks = [program.communicate(timeout=15)[1].splitlines()[-1] for program in (worker, watch)]

    assert [worker.returncode, watch.returncode] == [7, 7]
    assert [talk.startswith("Error: The database sqlite:///") for talk in talks] == [True, True]
    assert ["cannot be used: its file was removed while it was open" in talk for talk in talks] == [True, True]
    assert not shop.file.exists()
