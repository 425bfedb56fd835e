"""Signals that ask to stop: the first lets a worker drain or a transaction end, the second forces it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

from process_manager import durations

NAMES: Final = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGBREAK")
"""SIGHUP is what a terminal sends that is closed; SIGBREAK is what Windows sends for Ctrl-Break. No host has all."""

TERMINAL: Final = frozenset({"SIGINT", "SIGHUP", "SIGQUIT"})
"""Stay ignored where whoever started the program had them ignored: `nohup` says that it outlives its terminal, and a
script's `&` that Ctrl-C is for the script."""


@contextmanager
def stopping(stop: Callable[[], None], *, grace: timedelta, what: str = "running steps") -> Iterator[None]:
    """While the block runs, each of these signals calls `stop` and says so; one that is ignored stays ignored."""
    line = f"Stopping: {what} may finish within {durations.format(grace)}; a second signal ends at once.\n"

    heard: set[str] = set()

    def handle(number: int, _frame: object) -> None:
        name = signal.Signals(number).name
        if heard and name == "SIGHUP":
            return  # a terminal that closes may say so twice, itself and by its shell: nobody asks for force
        heard.add(name)
        with suppress(OSError):
            os.write(2, line.encode())  # the buffered stream may be in the middle of a write
        stop()

    before = [(number, signal.signal(number, handle)) for number in _heard()]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _heard() -> list[signal.Signals]:
    known = [(name, getattr(signal, name)) for name in NAMES if hasattr(signal, name)]
    return [each for name, each in known if name not in TERMINAL or signal.getsignal(each) is not signal.SIG_IGN]


@contextmanager
def finishing() -> Iterator[None]:
    """While the block runs a first Ctrl-C waits for its end, unless it is ignored; a second one is not kept waiting."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    held: list[int] = []

    def handle(number: int, _frame: object) -> None:
        if held:
            raise KeyboardInterrupt
        held.append(number)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt
