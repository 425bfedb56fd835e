"""Running steps: one step and whatever comes of it, and the threads that run many at once."""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from queue import SimpleQueue
from typing import NamedTuple, TypeVar

from process_manager import clock, logs
from process_manager.definition.process import Process
from process_manager.definition.step import PlannedStep
from process_manager.definition.step_run import StepRun
from process_manager.errors import BusinessError, ProcessManagerError
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.next_state import Asked, Attempt, Ran
from process_manager.lifecycle.outcomes import Outcome, Reject, Retry
from process_manager.redaction import redact_text

log = logs.get(__name__)
T = TypeVar("T")


class Job:
    """A held process with the step it is at: not begun, running, or answered."""

    __slots__ = ("answered", "claim", "is_apart", "lost", "planned", "process", "ready", "run", "started", "told")

    def __init__(self, claim: Claim, process: type[Process], planned: PlannedStep, run: StepRun) -> None:
        self.claim = claim
        self.process = process
        self.planned = planned
        self.run = run
        self.is_apart = claim.crashes > 0 or planned.isolation is not None  # to run in a process of its own
        self.ready = time.monotonic()
        self.started: float | None = None  # these by the monotonic clock
        self.lost: float | None = None  # since when its lease is known to be gone, by the same clock
        self.answered = False
        self.told = 0  # how many children were told of it: one to run its step, others to ask its `verify`


SHOWN = 1_900
"""Characters of a message that raised, a little less than are stored: masked first, shortened after."""


class Answered(NamedTuple):
    """A step has answered: mostly what comes, so it is the kind of value that costs least."""

    job: Job
    ran: Ran


@dataclass(frozen=True, slots=True)
class NotStarted:
    """A job came to a thread when its step may not start: given back, or put off until a moment."""

    job: Job
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer written down elsewhere, mostly in its step's transaction; not `kept`: its lease was gone."""

    attempt: Attempt
    kept: bool


@dataclass(frozen=True, slots=True)
class LockedOut:
    """An answer that was waited for in vain: another still holds what it needs to be written down."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Died:
    """The step ended the process that it was run in, and gave no answer."""

    job: Job
    how: str  # in words, after "The step's own process"
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Cut:
    """Nobody waits for the step's answer any more: the process that it was run in was ended."""

    job: Job


Came = Answered | NotStarted | Recorded | LockedOut | Died | Cut
"""What comes of a job that a thread took, or of its answer that somebody waited for."""


def run_step(job: Job) -> Ran:
    """What the step answered; an exception of any kind is an answer too."""
    token = logs.running.set(job.run)
    started_at = clock.now()
    outcome: Outcome
    error: str | None = None
    returned = False
    try:
        outcome = copy_context().run(job.planned.call, job.process(), job.run)
        returned = True
    except BusinessError as refusal:
        outcome = _rejected(refusal)
    except BaseException as problem:  # noqa: BLE001 - a step may raise anything, SystemExit too, and none may pass
        outcome, error = Retry(said(problem)), told(problem)
    finally:
        logs.running.reset(token)
    return Ran(outcome, started_at, clock.now(), error, returned)


def ask_verify(job: Job) -> Asked:
    """What the step's `verify` says of whether it happened."""
    verify = job.planned.verify
    if verify is None:
        return Asked(exists=False)
    token = logs.running.set(job.run)
    try:
        return Asked(verify(job.process(), job.run))
    except BaseException as problem:  # noqa: BLE001 - as a step, it may raise anything
        return Asked(problem=said(problem), error=told(problem))
    finally:
        logs.running.reset(token)


def _rejected(refusal: BusinessError) -> Reject:
    try:
        return Reject(redact_text(str(refusal.message), limit=SHOWN) or said(refusal), code=refusal.code)
    except BaseException:  # noqa: BLE001 - an author's own message or code may be computed, and raise anything
        return Reject(said(refusal))


def said(problem: BaseException) -> str:
    """What was raised, in words."""
    kind = type(problem).__name__
    try:
        text = str(problem)
    except BaseException as worse:  # noqa: BLE001 - a foreign __str__ may raise anything, SystemExit too
        text = f"its text raised {type(worse).__name__}"
    is_sentence = isinstance(problem, ProcessManagerError) and text
    return redact_text(text if is_sentence else f"{kind}: {text}".rstrip(": "), limit=SHOWN)


def told(problem: BaseException) -> str:
    """The traceback without the frame of the engine and without locals, which may hold passwords."""
    below = problem.__traceback__.tb_next if problem.__traceback__ else None
    try:
        return redact_text("".join(traceback.format_exception(type(problem), problem, below)), limit=20_000)
    except BaseException as worse:  # noqa: BLE001 - as above
        return f"{type(problem).__name__}, whose traceback raised {type(worse).__name__}"


def carry_out(
    job: Job, *, refuses: Callable[[Job], NotStarted | None], perform: Callable[[Job], T]
) -> T | NotStarted | Cut:
    """What came of the job in this thread: why its step may not begin, or what came of its step."""
    came: T | NotStarted | Cut | None
    try:
        came = refuses(job)
        if came is None:
            job.started = time.monotonic()
            came = perform(job)
    except BaseException:
        log.exception("step.broken", process_id=job.claim.id, step=job.claim.step)
        came = Cut(job)
    job.answered = job.started is not None
    return came


class Crew:
    """Threads that take jobs in turn and post what came of each; daemons, for a hung step never ends.

    One thread at a time is woken, and wakes the next if jobs are left: of steps that take no time one thread does as
    many as it can, and no others wait for the interpreter meanwhile, in the way of the one that records.
    """

    def __init__(
        self,
        size: int,
        *,
        post: Callable[[Attempt | Came], None],
        run: Callable[[Job], Attempt | Came],  # raises nothing
    ) -> None:
        self._jobs: deque[Job] = deque()
        self._calls: SimpleQueue[None] = SimpleQueue()  # each wakes a thread
        self._is_calling = False  # whether one is under way that no thread has heard yet
        self._is_dismissed = False
        self._post = post
        self._run = run
        self._size = size
        self._started = 0  # of the threads: one that is not needed is not there
        self._resting: set[int] = set()

    def submit(self, job: Job) -> None:
        """Have the job run by the next free thread."""
        self._jobs.append(job)
        if not self._is_calling:
            self._call()

    def _call(self) -> None:
        self._is_calling = True
        if not self._resting and self._started < self._size:
            self._started += 1
            threading.Thread(target=self._work, name=f"step-{self._started}", daemon=True).start()
        self._calls.put(None)

    def waiting(self) -> int:
        """How many jobs no thread has taken yet."""
        return len(self._jobs)

    def take_back(self, most: int) -> list[Job]:
        """At most so many jobs that no thread has taken, which now none will."""
        jobs: list[Job] = []
        with suppress(IndexError):
            while len(jobs) < most:
                jobs.append(self._jobs.popleft())
        return jobs

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
            while (job := self._take()) is not None:
                self._post(self._run(job))

    def _take(self) -> Job | None:
        """The next job, and another thread called if more wait."""
        try:
            job = self._jobs.popleft()
        except IndexError:
            return None
        if self._jobs and not self._is_calling:
            self._call()
        return job
