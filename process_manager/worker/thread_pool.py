"""A pool of daemon threads that run steps."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue

from process_manager.execution.completion import Completion
from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.transition import Transition


class ThreadPool:
    """Threads that take steps in turn and post what came of each; daemons, for a hung step never ends.

    One thread at a time is woken, and wakes the next if steps are left: of those that take no time one thread does as
    many as it can, and no others wait for the interpreter meanwhile, in the way of the one that records.
    """

    def __init__(
        self,
        size: int,
        *,
        post: Callable[[Transition | Completion], None],
        run: Callable[[HeldStep], Transition | Completion],  # raises nothing
    ) -> None:
        self._waiting: deque[HeldStep] = deque()
        self._calls: SimpleQueue[None] = SimpleQueue()  # each wakes a thread
        self._is_calling = False  # whether one is under way that no thread has heard yet
        self._is_dismissed = False
        self._post = post
        self._run = run
        self._size = size
        self._started = 0  # of the threads: one that is not needed is not there
        self._resting: set[int] = set()

    def submit(self, held: HeldStep) -> None:
        """Have the step run by the next free thread."""
        self._waiting.append(held)
        if not self._is_calling:
            self._call()

    def _call(self) -> None:
        self._is_calling = True
        if not self._resting and self._started < self._size:
            self._started += 1
            threading.Thread(target=self._work, name=f"step-{self._started}", daemon=True).start()
        self._calls.put(None)

    def waiting(self) -> int:
        """Return how many steps no thread has taken yet."""
        return len(self._waiting)

    def take_back(self, most: int) -> list[HeldStep]:
        """Return at most so many steps that no thread has taken; none will now."""
        held_steps: list[HeldStep] = []
        with suppress(IndexError):
            while len(held_steps) < most:
                held_steps.append(self._waiting.popleft())
        return held_steps

    def dismiss(self) -> None:
        """Let every thread end once it is free."""
        self._is_dismissed = True
        for _ in range(self._started):
            self._calls.put(None)

    def _work(self) -> None:
        me = threading.get_ident()
        while not self._is_dismissed:
            self._resting.add(me)
            self._calls.get()
            self._resting.discard(me)
            self._is_calling = False  # last: whoever calls now finds me busy
            while (held := self._take()) is not None:
                self._post(self._run(held))

    def _take(self) -> HeldStep | None:
        """Return the next step, and call another thread if more are waiting."""
        try:
            held = self._waiting.popleft()
        except IndexError:
            return None
        if self._waiting and not self._is_calling:
            self._call()
        return held
