"""Children for a test, what they said, and short ways to run one step in one of them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from misbehaving_steps import Wild
from rig import INSTALLATION, claim, eventually, settings

from process_manager import Process, classic
from process_manager.definition.step_host import Host
from process_manager.definition.step_run import StepRun
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation.child_host import handed
from process_manager.execution.isolation.pool import ChildPool
from process_manager.execution.isolation.results import Ending
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import Transition


class Nursery:
    """The children of a worker that is not there."""

    def __init__(self, **options: Any) -> None:
        self.said: list[Evidence] = []
        self.given_up: set[HeldStep] = set()
        ours = settings(quiet=options.pop("quiet", "none"))
        host = Host(None, ours, INSTALLATION, self.said.append)  # type: ignore[arg-type]  # not used here
        place = (options.pop("database_url", "sqlite://"), None)
        policy = options.pop("retry", classic())
        first = handed(host, database=place, log_settings=options.pop("log_settings", None), retry=policy)
        self.children = ChildPool(host.post, first=lambda: first, gives_up=self.given_up.__contains__, **options)
        self._host = host

    def job(self, what: str = "answers", cls: type[Process] = Wild, **payload: Any) -> HeldStep:
        """A held process whose step does `what`."""
        held: Claim = claim(name=cls.name, step="do", payload=json.dumps({"what": what, **payload}))
        return HeldStep(held, cls, cls.plan[0], StepRun(self._host, held))

    def run(self, what: str = "answers", *, time_limit: timedelta | None = None, **payload: Any) -> Ending:
        """How a step ended that does `what`."""
        return self.children.run(self.job(what, **payload), time_limit=time_limit)

    def done(self, what: str = "answers", **payload: Any) -> Any:
        """What a step answered that is done."""
        return answered(self.run(what, **payload))

    @contextmanager
    def running(self, job: HeldStep, **options: Any) -> Iterator[list[Ending]]:
        """The block, while the job runs in a thread; how it ended is in the list after it."""
        endings: list[Ending] = []
        thread = threading.Thread(target=lambda: endings.append(self.children.run(job, **options)), daemon=True)
        thread.start()
        yield endings
        thread.join(timeout=15)
        assert not thread.is_alive(), "the step did not end"

    def output(self) -> Any:
        """What is kept of what the last step printed."""
        bodies = [json.loads(each.body) for each in self.said if each.kind == "log"]
        return next((body["text"] for body in reversed(bodies) if body["message"].startswith("Output")), None)


@contextmanager
def nursery(**options: Any) -> Iterator[Nursery]:
    """Children that all end with the block."""
    made = Nursery(**options)
    try:
        yield made
    finally:
        made.children.close()


def decided(ending: Ending) -> Transition:
    """What a child decided of its step."""
    assert isinstance(ending, Transition), ending
    return ending


def answered(ending: Ending) -> Any:
    """The payload that a step answered which is done."""
    (entry,) = decided(ending).entries
    assert entry.outcome == "done", entry
    return json.loads(entry.payload or "null")


def noted(file: Path) -> Any:
    """The first line that a step left in its file."""
    eventually(lambda: file.exists() and file.read_text("utf-8").endswith("\n"))
    return json.loads(file.read_text("utf-8").splitlines()[0])


@contextmanager
def no_child_left() -> Iterator[None]:
    """The block, after which none is left of the processes that were started in it."""
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    yield
    eventually(lambda: {each.pid for each in psutil.Process().children(recursive=True)} <= before)


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody reaped has."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def end(pid: int) -> None:
    """End a process that a test let get away."""
    if psutil.pid_exists(pid):
        psutil.Process(pid).kill()
