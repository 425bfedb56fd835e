"""`once` steps that a test supplies, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rig import Bench, start

from process_manager import Done, Process, Step, StepRun
from process_manager.database import Database
from tests.worker.test_claims import let_leases_end


class Once(Process):
    """One step that happens once, what is asked whether it did, and a step after it."""

    STEPS = {"do": Step("do", effect="once", verify="ask"), "after": "after"}
    answer: Callable[[StepRun], Any]
    says: Callable[[StepRun], Any]

    def do(self, run: StepRun) -> Any:
        return type(self).answer(run)

    def ask(self, run: StepRun) -> Any:
        return type(self).says(run)

    def after(self, run: StepRun) -> Done:
        return Done("after")


def once(answer: Callable[[StepRun], Any], says: Callable[[StepRun], Any] | None = None, **more: Any) -> type[Once]:
    """A class with this step, and `verify` if there is one."""
    steps = {"do": Step("do", effect="once", verify=None if says is None else "ask"), "after": "after"}
    attributes = {"STEPS": steps, "answer": staticmethod(answer), "says": staticmethod(says or print), "name": "once"}
    return type("Once", (Once,), {**attributes, **more})


def calls(*answers: object) -> Any:
    """A function that answers these in turn, or raises those that are exceptions; `.runs` are those it was given."""

    def call(run: StepRun) -> object:
        answer = answers[min(len(call.runs), len(answers) - 1)]  # type: ignore[attr-defined]
        call.runs.append(run)  # type: ignore[attr-defined]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    call.runs = []  # type: ignore[attr-defined]
    return call


def crashed(database: Database, process: type[Process]) -> int:
    """A process whose worker was gone in the middle of its step."""
    process_id = start(database, process)
    bench = Bench(database, process, name="gone")
    (job,) = bench.write()
    assert bench.effects._may_begin(job)
    let_leases_end(database)
    return process_id
