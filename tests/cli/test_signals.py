"""Programs that a script starts with `&`, or `nohup`: what was ignored before they began."""

import signal
import sys

import pytest
from rig import eventually
from shop import Shop

from process_manager.cli.interrupts import finishing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no program there hands on what it ignores")

IGNORING = (
    "import os, signal, sys\n"
    "signal.signal(getattr(signal, sys.argv.pop(1)), signal.SIG_IGN)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'process_manager', *sys.argv[1:]])\n"
)


@pytest.mark.slow
@pytest.mark.parametrize("ignored", ["SIGINT", "SIGTERM"])
def test_ctrl_c_stays_ignored_and_sigterm_is_heard_whatever_was_ignored(shop: Shop, ignored: str) -> None:
    shop.start("slow", {"folder": str(shop.folder), "seconds": 60})

    with shop.spawn(ignored, "worker", script=IGNORING, PROCESS_MANAGER_GRACE="200ms") as worker:
        eventually((shop.folder / "begun").exists)
        if ignored == "SIGINT":
            worker.send_signal(signal.SIGINT)
        worker.send_signal(signal.SIGTERM)
        _, talk = worker.communicate(timeout=15)

    assert (worker.returncode, talk.count("Stopping: ")) == (0, 1), talk
    assert shop.show(1, "status", "attempt") == ("pending", 0)


def test_start_many_is_not_ended_by_a_ctrl_c_that_is_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with finishing():
            signal.raise_signal(signal.SIGINT)

        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
