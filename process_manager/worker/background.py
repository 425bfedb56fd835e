"""Daemon threads beside those that run and record steps: how they start and end, and that none ends by an error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import ClassVar, Self


def attempt(do: Callable[[], object], tell: Callable[[Exception], None]) -> None:
    """Do it, and tell of whatever it raises."""
    try:
        do()
    except Exception as problem:  # noqa: BLE001 - whatever one turn of a long-lived thread raises, its thread lives on
        tell(problem)


def start(name: str, do: Callable[[], object], tell: Callable[[Exception], None]) -> None:
    """Do it once, in a thread of its own."""
    threading.Thread(target=attempt, args=(do, tell), name=name, daemon=True).start()


class BackgroundThread:
    """A thread that takes a turn again and again, for the length of its `with` block."""

    name: ClassVar[str]
    patience = 0.0  # seconds for which its end is waited for

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stopping.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=self.patience)

    def rest(self) -> float:
        """Return the seconds before the next turn."""
        return 0.0

    def turn(self) -> None:
        """Do what is to be done once more; what it raises ends this turn alone."""
        raise NotImplementedError

    def tell(self, problem: Exception) -> None:
        """Tell of what a turn raised."""
        raise NotImplementedError

    def wake(self) -> None:
        """End a turn that waits for something, as the thread is to end."""

    def _run(self) -> None:
        while not self.stopping.wait(self.rest()):
            attempt(self.turn, self.tell)
