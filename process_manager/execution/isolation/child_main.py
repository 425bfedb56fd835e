"""The child: runs one step after the other for its worker, and ends when the worker does.

What a step prints goes to standard error, also what native code and other programs print for it: the two pipes to the
worker have descriptors of their own. A thread hears the worker; while native code keeps Python's lock it hears nothing.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, cast

from process_manager import clock, logs
from process_manager.definition.process import Process
from process_manager.definition.step_host import Host
from process_manager.definition.step_run import StepRun
from process_manager.execution.call_step import said
from process_manager.execution.held_step import HeldStep
from process_manager.execution.hidden_values import hide
from process_manager.execution.isolation import protocol
from process_manager.execution.isolation.child_answers import StepAnswers
from process_manager.execution.isolation.child_host import ChildHost
from process_manager.execution.isolation.importable import find
from process_manager.execution.isolation.process_tree import kill_own
from process_manager.execution.step_log import STEP_LOG
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.evidence import Evidence
from process_manager.standard_streams import reopened


def main() -> None:
    """Run steps until the worker closes the pipe."""
    # The worker decides; a handler is not passed on, SIG_IGN would be.
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: None)
    pipes = Pipes()
    start = protocol.read(pipes.requests.readline())
    pipes.mark_is(start["mark"])
    if start["logs"] is not None:
        config, level, style = start["logs"]
        logs.configure(config=None if config is None else Path(config), level=level, style=style)
    _serve(pipes, start)


def _serve(pipes: Pipes, start: Mapping[str, Any]) -> None:
    def post(evidence: Evidence) -> None:
        pipes.send({"evidence": protocol.evidence_facts(evidence)})

    host = cast(Host, ChildHost(start, post))  # it has all that a Host has
    answers = StepAnswers(start, host)
    requests = RequestReader(pipes.requests)
    pipes.send({"ready": True})
    own = os.getpid()
    STEP_LOG.__enter__()  # for the life of the child
    while True:
        asked = requests.next()
        pipes.renew()
        answer = _answer(asked, host, answers, pipes)
        if os.getpid() != own:
            os._exit(0)  # a step forked, and this is the copy: it has no worker
        pipes.send(answer)
        pipes.mark()


def _answer(asked: StepRequest, host: Host, answers: StepAnswers, pipes: Pipes) -> dict[str, object]:
    """Return the answer of a claimed step or of its `verify`, or why it could not be called."""
    try:
        held = _held(asked, host)
        answer = answers.prepared(asked.ask, asked.doubt)
    except BaseException as problem:  # noqa: BLE001 - a module may raise anything while it is imported
        return {"refused": said(problem)}
    pipes.mark()
    pipes.send({"began": True})
    marks = held.process.marks
    return answer(held) if marks is None else hide(held, marks, answer)


def _held(asked: StepRequest, host: Host) -> HeldStep:
    importlib.import_module(asked.module)
    process: type[Process] | None = find(asked.module, asked.qualname)
    claim = asked.claim
    known = process is not None and (process.name, process.version) == (claim.name, claim.version)
    planned = next((step for step in process.plan if step.name == claim.step), None) if process and known else None
    changed = planned is not None and asked.ask not in (planned.effect, "verify")
    if process is None or planned is None or changed:
        raise LookupError(
            f"{asked.module}.{asked.qualname} is not version {claim.version} of {claim.name!r} with step "
            f"{claim.step!r} as it was: its file was changed since the worker started. Restart the worker."
        )
    run = StepRun(host, claim)
    run.recovered = asked.recovered
    run.number_after(asked.after)
    asked.begin(run)
    return HeldStep(claim, process, planned, run)


class StepRequest:
    """A claim to run, and whether its step was asked to stop since."""

    def __init__(self, message: Mapping[str, Any]) -> None:
        self.claim: Claim = protocol.claim_from(message["claim"])
        self.module: str = message["module"]
        self.qualname: str = message["qualname"]
        self.ask: str = message["ask"]  # the step, by its effect, or its `verify`
        self.doubt: object = message["doubt"]  # what is known of the step whose `verify` is asked
        self.recovered: bool = message["recovered"]  # as it was when it was claimed: a mark written since says nothing
        self.after: int = message["after"]  # the number after which what it says is counted
        self._run: StepRun | None = None
        self._stopped = False

    def begin(self, run: StepRun) -> None:
        """Pass any request to stop on to this run from now on."""
        self._run = run
        if self._stopped:
            run.stop_requested = True

    def stop(self) -> None:
        """Ask the step to stop, if it has begun or once it does."""
        self._stopped = True
        if self._run is not None:
            self._run.stop_requested = True


class RequestReader:
    """A thread that hears the worker, also while a step runs, and ends everything when the worker is gone."""

    def __init__(self, requests: BinaryIO) -> None:
        self._requests = requests
        self._asked: SimpleQueue[StepRequest] = SimpleQueue()
        threading.Thread(target=self._hear, name="request-reader", daemon=True).start()

    def next(self) -> StepRequest:
        """Return the next step to run."""
        return self._asked.get()

    def _hear(self) -> None:
        try:
            latest: StepRequest | None = None
            for line in self._requests:
                message = protocol.read(line)
                if "claim" in message:
                    clock.follow(message["now"] - clock.host())  # the worker's, whichever it reads
                    latest = StepRequest(message)
                    self._asked.put(latest)
                elif latest is not None:
                    latest.stop()
        finally:
            kill_own()


class Pipes:
    """The child's ends of its pipes, which no step and nothing that a step starts has."""

    def __init__(self) -> None:
        self.requests: BinaryIO = os.fdopen(os.dup(0), "rb")  # what dup makes is not inherited
        self._answers, self._output = os.dup(1), os.dup(2)
        self._lock = threading.Lock()
        self._devnull = os.open(os.devnull, os.O_RDONLY)
        self._mark = b""
        self._folder = Path.cwd()
        self._streams: list[TextIOWrapper] = []
        self.renew()

    def mark_is(self, mark: str) -> None:
        """Set what the worker takes for a mark."""
        self._mark = mark.encode("ascii")

    def send(self, message: Mapping[str, object]) -> None:
        """Tell the worker; from any thread of a step."""
        with self._lock:
            protocol.write(self._answers, message)

    def renew(self) -> None:
        """Restore standard streams and working folder for a step, whatever the one before did to them."""
        for private, number in ((self._devnull, 0), (self._output, 1), (self._output, 2)):
            os.dup2(private, number)
        if not self._streams or any(stream.closed for stream in self._streams):
            self._streams = [reopened(1), reopened(2)]
        sys.stdout, sys.stderr = self._streams
        with suppress(OSError):
            os.chdir(self._folder)

    def mark(self) -> None:
        """Tell the worker where the output of a step begins or ends; printed before, however it was held back."""
        for stream in (*self._streams, sys.__stdout__, sys.__stderr__):
            with suppress(OSError, ValueError, AttributeError):  # closed by the step, or never there
                stream.flush()  # type: ignore[union-attr]
        _flush_native()
        with suppress(OSError):
            os.write(self._output, self._mark)


def _flush_native() -> None:
    """Flush what C code printed and still buffers, as a pipe is no terminal."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None).fflush(None)
