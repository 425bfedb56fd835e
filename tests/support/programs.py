"""Programs that tests start: none outlives a test that failed, or keeps it waiting."""

from __future__ import annotations

import signal
import subprocess
from typing import Any, Final

OF_A_PERSON: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
"""What a shell or `nohup` may have had ignored, and who ignores it hands that on to each program it starts."""


class Program(subprocess.Popen[str]):
    """A real program; a block that is left by an error ends it, and does not wait for it to end by itself."""

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, error, trace)


def hear_signals() -> None:
    """From now on these signals do here, and in each program started from here, what they do by default."""
    for name in OF_A_PERSON:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if name == "SIGINT" else signal.SIG_DFL)
