"""What keeps a test from hanging, and the programs that it starts from being deaf."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from programs import Program

HERE = Path(__file__).parent / "support"

TWO = """
import signal, subprocess, sys
from programs import OF_A_PERSON, hear_signals

for name in OF_A_PERSON:
    signal.signal(getattr(signal, name), signal.SIG_IGN)
hear_signals()
look = "import signal, sys; print([signal.getsignal(getattr(signal, name)) is signal.SIG_IGN for name in sys.argv[1:]])"
subprocess.run([sys.executable, "-c", look, *OF_A_PERSON], check=True)
signal.raise_signal(signal.SIGINT)
"""


def test_every_test_has_a_limit_and_one_that_cannot_be_left_ends_its_program(request: pytest.FixtureRequest) -> None:
    config = request.config

    assert 0 < float(config.getini("timeout")) < float(config.getini("faulthandler_timeout"))
    assert config.getini("faulthandler_exit_on_timeout") is True


@pytest.mark.skipif(sys.platform == "win32", reason="no program there hands on what it ignores")
def test_signals_that_whoever_started_the_tests_ignored_are_heard_by_them_and_by_what_they_start() -> None:
    asked = subprocess.run([sys.executable, "-c", TWO], cwd=HERE, capture_output=True, text=True, check=False)

    assert asked.stdout == "[False, False, False, False]\n"
    assert asked.stderr.endswith("KeyboardInterrupt\n")


def test_a_program_is_ended_when_its_test_fails() -> None:
    began = time.monotonic()

    with pytest.raises(AssertionError), Program([sys.executable, "-c", "import time; time.sleep(600)"]) as program:
        raise AssertionError

    assert program.returncode not in (None, 0)
    assert time.monotonic() - began < 60
