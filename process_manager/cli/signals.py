"""Signals that ask to stop: the first lets a worker drain, or a transaction end; a second one forces it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Final

from process_manager import durations

NAMES: Final = ("SIGTERM", "SIGINT", "SIGBREAK")
"""SIGBREAK is what Windows sends for Ctrl-Break, and nothing else knows it."""


@contextmanager
def stopping(stop: Callable[[], None], *, grace: timedelta) -> Iterator[None]:
    """While the block runs, each of these signals calls `stop` and says so."""
    line = f"Stopping: running steps may finish within {durations.format(grace)}; a second signal ends at once.\n"

    def handle(_number: int, _frame: object) -> None:
        with suppress(OSError):
            os.write(2, line.encode())  # the buffered stream may be in the middle of a write
        stop()

    numbers = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
    before = [(number, signal.signal(number, handle)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


@contextmanager
def finishing() -> Iterator[None]:
    """While the block runs a first Ctrl-C waits for its end; a second one is not kept waiting."""
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
