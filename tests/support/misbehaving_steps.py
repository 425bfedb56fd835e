"""Processes whose steps do to their own process what no step should, for tests of children."""

from __future__ import annotations

import ctypes
import gc
import io
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from process_manager import BusinessError, Done, Process, Reject, Retry, StepRun, Wait, logs
from process_manager.execution.isolation import child_main, protocol

SLEEPS = "import time; time.sleep(600)"
KEEPS_ON = "import os, sys, time; print('up', flush=True); time.sleep(600)"
SHOUT = 50_000_000


class Wild(Process):
    """One step that does what its payload names."""

    STEPS = {"do": "do", "after": "do"}

    def do(self, run: StepRun) -> Any:
        return globals()[run.payload["what"]](run)


class Other(Process):
    """Another class, for the same child."""

    STEPS = {"do": "do"}

    def do(self, run: StepRun) -> Done:
        return Done("other", {"pid": os.getpid()})


def note(run: StepRun, **facts: Any) -> None:
    """A line in the file of the test."""
    with Path(run.payload["file"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"pid": os.getpid(), **facts}) + "\n")


def answers(run: StepRun) -> Done:
    return Done("done", {"pid": os.getpid()})


def goes_elsewhere(run: StepRun) -> Done:
    before = Path.cwd()
    os.chdir("elsewhere")
    return Done("gone", {"pid": os.getpid(), "was": str(before)})


def answers_who(run: StepRun) -> Done:
    return Done("done", {"key": run.idempotency_key, "recovered": run.recovered})


def rejects(run: StepRun) -> Reject:
    raise BusinessError("no such customer", code="E7")


def waits(run: StepRun) -> Wait:
    return Wait("later", after=run.settings.lease)


def fails(run: StepRun) -> Done:
    raise ValueError("password=geheim is wrong")


def leaves(run: StepRun) -> Done:
    sys.exit(4)


def answers_a_set(run: StepRun) -> Done:
    return Done("done", {"rows": [{"ids": {1, 2}}]})


def answers_a_generator(run: StepRun) -> Iterator[Done]:
    yield Done()


async def answers_a_coroutine(run: StepRun) -> Done:
    return Done()


def recurses(run: StepRun) -> Done:
    return recurses(run)


def is_short_of_memory(run: StepRun) -> Done:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2**30, resource.getrlimit(resource.RLIMIT_AS)[1]))
    return Done("done", {"length": len(bytearray(2**32))})


def answers_nonsense(run: StepRun) -> Done:
    _begins_to_lie(run)
    protocol.transition_facts = lambda _transition: {"status": "heaven"}
    return Done()


def sends_nonsense(run: StepRun) -> Done:
    _begins_to_lie(run)
    (pipes,) = [each for each in gc.get_objects() if isinstance(each, child_main.Pipes)]
    os.write(pipes._answers, b"nonsense\n")
    time.sleep(600)
    return Done()


def says_nonsense(run: StepRun) -> Done:
    _begins_to_lie(run)
    protocol.evidence_facts = lambda _evidence: {"kind": "log"}
    run.log("nonsense")
    time.sleep(600)
    return Done()


def _begins_to_lie(run: StepRun) -> None:
    note(run)
    print("lying", flush=True)


def exits(run: StepRun) -> Done:
    print("about to exit")
    sys.stdout.flush()
    os._exit(7)


def segfaults(run: StepRun) -> Done:
    ctypes.string_at(0)
    return Done()


def kills_itself(run: StepRun) -> Done:
    psutil.Process().kill()
    return hangs(run)


def hangs(run: StepRun) -> Done:
    note(run)
    print("hanging", flush=True)
    while True:
        time.sleep(60)


def hangs_with_company(run: StepRun) -> Done:
    """One program in the step's group, one in a session of its own."""
    apart = {"start_new_session": True} if sys.platform != "win32" else {}
    programs = [subprocess.Popen([sys.executable, "-c", SLEEPS], **more) for more in ({}, apart)]
    note(run, programs=[program.pid for program in programs])
    return hangs(run)


def leaves_a_program(run: StepRun) -> Done:
    program = subprocess.Popen([sys.executable, "-c", KEEPS_ON])
    return Done("left", {"pid": os.getpid(), "program": program.pid})


def exits_and_leaves_a_program(run: StepRun) -> Done:
    apart = {"start_new_session": True} if sys.platform != "win32" else {}
    program = subprocess.Popen([sys.executable, "-c", KEEPS_ON], **apart)
    note(run, programs=[program.pid])
    os._exit(3)


def forks(run: StepRun) -> Done:
    if os.fork() == 0:
        sys.exit(0)
    return Done("forked", {"pid": os.getpid()})


def forks_and_dies(run: StepRun) -> Done:
    pid = os.fork()
    if pid == 0:
        time.sleep(600)
    os.kill(os.getpid(), signal.SIGKILL)
    return Done()


def says(run: StepRun) -> Done:
    run.log("first", æ="ø")
    run.exchange("SAP", {"moment": "now"}, [1, 2])
    run.progress(1, 2, "half")
    run.log("second")
    return Done("said")


def speaks_then_hangs(run: StepRun) -> Done:
    run.log("began")
    return hangs(run)


def prints(run: StepRun) -> Done:
    print("from Python: æøå")
    print("to stderr, password=geheim;", file=sys.stderr)
    os.write(1, b"raw \xff\n")
    ctypes.CDLL(None if sys.platform != "win32" else "ucrtbase").puts(b"from C")
    subprocess.run([sys.executable, "-c", "print('from a program')"], check=True)
    logging.getLogger("office").warning("from a logger")
    logs.get("office").warning("from.structlog", customer="Ada")
    return Done("printed")


def shouts(run: StepRun) -> Done:
    line = "x" * 99 + "\n"
    sys.stdout.write("the beginning\n")
    for _ in range(SHOUT // 100_000):
        sys.stdout.write(line * 1000)
    print("the end")
    return Done("shouted")


def closes_its_streams(run: StepRun) -> Done:
    print("before")
    sys.stdout.close()
    sys.stderr = io.StringIO()
    os.close(1)
    os.close(2)
    return Done("closed", {"pid": os.getpid()})


def reads(run: StepRun) -> Done:
    return Done("read", {"pid": os.getpid(), "read": sys.stdin.read(), "raw": os.read(0, 10).decode()})


def prints_later(run: StepRun) -> Done:
    def speak() -> None:
        while not Path(run.payload["file"]).exists():
            time.sleep(0.005)
        print("not of the step", flush=True)
        Path(run.payload["file"]).write_text("spoken", encoding="utf-8")

    threading.Thread(target=speak, daemon=True).start()
    return Done("done", {"pid": os.getpid()})


def obeys(run: StepRun) -> Retry:
    note(run)
    while not run.stop_requested:
        time.sleep(0.005)
    return Retry("asked to stop")


def counts(run: StepRun) -> Done:
    with run.database.begin() as connection:
        connection.execute(sa.text("CREATE TABLE counted (number INTEGER)"))
        connection.execute(sa.text("INSERT INTO counted VALUES (1)"))
    with run.database.read() as connection:
        number = connection.execute(sa.text("SELECT count(*) FROM counted")).scalar_one()
    return Done("counted", {"number": number})
