"""A pool of child processes: kept for the next step, and each given one step at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from process_manager import clock, serialization
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import importable
from process_manager.execution.isolation.handle import Child
from process_manager.execution.isolation.output import Printed
from process_manager.execution.isolation.results import Ending, GivenUp, NotBegun
from process_manager.execution.isolation.supervisor import Supervisor
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import StepResult

OUTPUT_NUMBER: Final = 1_000_000_000
"""Of the output among what a run said. The child counts from 1 and the worker does not know how far: a step's own
threads may still speak. So it is one that no count reaches, and the output comes last, as it is known last.
"""


class ChildPool:
    """The children of one worker: each runs one step after the other, and starts when no other is idle."""

    def __init__(
        self,
        post: Callable[[Evidence], None],
        *,
        first: Callable[[], Mapping[str, object]],
        gives_up: Callable[[HeldStep], bool] = lambda _held: False,
        may_begin: Callable[[HeldStep], bool] = lambda _held: True,
    ) -> None:
        """`first` is what a child is told first."""
        self._post = post
        self._first = first
        self._gives_up = gives_up
        self._may_begin = may_begin
        self._folder = Path.cwd()  # now: a step of the worker may change it
        self._lock = threading.Lock()
        self._idle: list[Child] = []
        self._all: set[Child] = set()
        self._closed = False

    def run(self, held: HeldStep, *, time_limit: timedelta | None = None) -> Ending:
        """Run the step in a child and return how it ended; what it said and printed is posted by then."""
        return self._run(held, time_limit, None)

    def ask(self, held: HeldStep, doubt: StepResult, *, time_limit: timedelta | None = None) -> Ending:
        """Ask the step's `verify` in a child, as `run` runs the step, and return what follows with what it says."""
        return self._run(held, time_limit, doubt)

    def _run(self, held: HeldStep, time_limit: timedelta | None, doubt: StepResult | None) -> Ending:
        problem = importable.problem(held.process)
        if problem is not None:
            return NotBegun(problem, "")
        while True:
            try:
                child = self._take(anew=held.claim.own_crashes > 0)
            except OSError as error:
                return NotBegun(f"No child process could be started: {error}.", "")
            if child is None:
                return GivenUp("")
            was_idle = child.is_ready
            ending = self._watched(child, held, time_limit, doubt)
            if not (was_idle and isinstance(ending, NotBegun) and child.has_ended()):  # it died before it heard of us
                held.told += 1
                return ending

    def _watched(self, child: Child, held: HeldStep, time_limit: timedelta | None, doubt: StepResult | None) -> Ending:
        watch = Supervisor(child, held, lambda: self._closed or self._gives_up(held), self._may_begin, doubt=doubt)
        ending = None
        try:
            ending = watch.run(time_limit)
        finally:
            if ending is None:  # whoever gives the step back must know that nobody runs it
                self._forget(child)
        self._post_output(held, watch.printed)
        self._put_back(child)
        return ending

    def close(self) -> None:
        """End every child and what it started; steps in them are given up, and nothing runs any more."""
        with self._lock:
            self._closed = True
            children, self._idle = list(self._all), []
        for child in children:
            child.kill()

    def _take(self, *, anew: bool) -> Child | None:
        """Return a free child, a new one if need be or if `anew` is asked for; None when it is too late.

        What crashed its own child once crashes the next ones in children that ran nothing before: nobody else did it.
        """
        child = self._idle_one()
        while child is not None and (anew or not child.is_alive()):
            self._forget(child)
            child = None if anew else self._idle_one()
        if child is not None:
            return child
        return None if self._closed else self._started()

    def _idle_one(self) -> Child | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _started(self) -> Child:
        child = Child(self._first(), self._post, folder=self._folder)
        with self._lock:
            self._all.add(child)  # closed by now, it is given up at the first look
        return child

    def _put_back(self, child: Child) -> None:
        with self._lock:
            if child.is_alive() and not self._closed:
                self._idle.append(child)
                return
        self._forget(child)

    def _forget(self, child: Child) -> None:
        child.kill()
        with self._lock:
            self._all.discard(child)

    def _post_output(self, held: HeldStep, printed: Printed) -> None:
        if not printed.count:
            return
        text = printed.text()
        body = serialization.evidence({"message": "Output of the child process", "text": text, "bytes": printed.count})
        run = held.run
        self._post(Evidence(run.process_id, run.seq, OUTPUT_NUMBER + held.told, "log", clock.now(), body))
