"""Processes whose step crashes, hangs or answers as its payload says, in threads and in children, for many effects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import psutil
import sqlalchemy as sa
from misbehaving_steps import SLEEPS
from traced_steps import note

from process_manager import BusinessError, Done, Process, Retry, Step, StepRun, every
from process_manager.execution.isolation import protocol
from process_manager.lifecycle.transition import Transition

SHOUT = 50_000_000


def payload(folder: Path, does: str = "answers", **more: Any) -> dict[str, Any]:
    return {"file": str(folder / "file"), "does": does, **more}


class Free(Process):
    """One step that does what its payload names, and one after it; its author asks for no child."""

    name = "free"
    STEPS: ClassVar[Mapping[str, Any]] = {"do": "do", "after": "after"}
    retry = every(seconds=0.05)

    def do(self, run: StepRun) -> Any:
        note(run)
        return getattr(self, run.payload.get("does", "answers"))(run)

    def after(self, run: StepRun) -> Done:
        return Done("after")

    def answers(self, run: StepRun) -> Done:
        return Done("done", {"pid": os.getpid(), "key": run.idempotency_key, "recovered": run.recovered})

    def dies(self, run: StepRun) -> Done:
        psutil.Process().kill()
        return self.hangs(run)

    def exits(self, run: StepRun) -> Done:
        os._exit(3)

    def dies_once(self, run: StepRun) -> Done:
        return self.answers(run) if run.recovered else self.dies(run)

    def hangs(self, run: StepRun) -> Done:
        threading.Event().wait()
        return Done()

    def hangs_once(self, run: StepRun) -> Done:
        """With a program that it started; the second time there is a file that says so."""
        seen = Path(run.payload["file"] + ".programs")
        if seen.exists():
            return self.answers(run)
        program = subprocess.Popen([sys.executable, "-c", SLEEPS])
        seen.write_text(json.dumps([os.getpid(), program.pid]), "utf-8")
        return self.hangs(run)

    def obeys(self, run: StepRun) -> Retry:
        while not run.stop_requested:
            threading.Event().wait(0.005)
        note(run, what="stopped")
        return Retry("asked to stop")

    def fails(self, run: StepRun) -> Done:
        raise TimeoutError("no answer within 30 s")

    def refuses(self, run: StepRun) -> Done:
        raise BusinessError("no contract", code="E7")

    def shouts(self, run: StepRun) -> Done:
        line = "x" * 99 + "\n"
        for _ in range(SHOUT // 100_000):
            sys.stdout.write(line * 1000)
        return Done("shouted")

    def lies(self, run: StepRun) -> Done:
        honest = protocol.transition_facts

        def of_a_liar(transition: Transition) -> dict[str, Any]:
            protocol.transition_facts = honest
            facts: dict[str, Any] = honest(transition)
            return {**facts, "state": {**facts["state"], "status": ["password=geheim"]}}

        protocol.transition_facts = of_a_liar  # type: ignore[assignment]
        return Done("a lie")

    def says_and_dies(self, run: StepRun) -> Done:
        run.log("before the end")
        print("printed before the end", flush=True)
        return self.dies(run)


class Apart(Free):
    """The same, in a child."""

    name = "apart"
    STEPS = {"do": Step("do", isolation="process"), "after": "after"}


class Limited(Free):
    """The same, in a child that is killed on time."""

    name = "limited"
    STEPS = {"do": Step("do", isolation="process", time_limit=timedelta(seconds=0.5)), "after": "after"}


class Posted(Free):
    """The same, once, in a child; what `verify` says is in the payload."""

    name = "posted"
    STEPS = {"do": Step("do", isolation="process", effect="once", verify="ask"), "after": "after"}

    def ask(self, run: StepRun) -> Any:
        note(run, what="asked")
        run.log("asked")
        says = run.payload.get("says")
        if says == "done":
            return Done("it is there")
        if says == "retry":
            return Retry("it is not there")
        return getattr(self, says)(run) if says else None


class Strict(Posted):
    """The same, killed on time."""

    name = "strict"
    STEPS = {
        "do": Step("do", isolation="process", effect="once", verify="ask", time_limit=timedelta(seconds=0.5)),
        "after": "after",
    }


class Unasked(Free):
    """The same, once, in a child, and nobody can be asked."""

    name = "unasked"
    STEPS = {"do": Step("do", isolation="process", effect="once"), "after": "after"}


class Booked(Free):
    """The same, its trace a row beside its record, in a child."""

    name = "booked"
    STEPS = {"do": Step("do", isolation="process", effect="transactional"), "after": "after"}

    def do(self, run: StepRun) -> Any:
        run.connection.execute(sa.text("INSERT INTO book (line) VALUES (:line)"), {"line": run.idempotency_key})
        return super().do(run)

    def dies_at_commit(self, run: StepRun) -> Done:
        return self.answers(run) if run.recovered else self._with_commit(run, lambda commit: self.dies(run))

    def dies_after_commit(self, run: StepRun) -> Done:
        return self._with_commit(run, lambda commit: (commit(), self.dies(run)))

    def _with_commit(self, run: StepRun, commits: Callable[[Callable[[], None]], Any]) -> Done:
        dialect = run.connection.engine.dialect
        plain = dialect.do_commit
        dialect.do_commit = lambda connection: commits(lambda: plain(connection))  # type: ignore[method-assign]
        return self.answers(run)


ALL = (Free, Apart, Limited, Posted, Strict, Unasked, Booked)
