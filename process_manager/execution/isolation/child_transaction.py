"""`transactional` steps in a child: the step and its record in one transaction, which is the child's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import cast

from process_manager.definition.step_host import Host
from process_manager.execution.call_step import run_step
from process_manager.execution.completion import Answered, Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import protocol
from process_manager.execution.isolation.child_host import LaterDatabase
from process_manager.execution.transactional import TransactionalExecutor
from process_manager.lifecycle.transition import StepResult, Transition


class TransactionRecorder:
    """Performs a step with its record, and answers what came of both."""

    def __init__(self, host: Host, decide: Callable[[HeldStep, StepResult], Transition]) -> None:
        self._decide = decide
        database = cast(LaterDatabase, host.database).connected()
        self._transactional = TransactionalExecutor(database, decide=decide, run=_run)

    def answer(self, held: HeldStep) -> dict[str, object]:
        """Return what to tell the worker."""
        came = self._transactional.perform(held)
        if isinstance(came, Answered):
            return {"decided": protocol.transition_facts(self._decide(held, came.result))}
        if isinstance(came, Recorded):
            return {"recorded": protocol.transition_facts(came.transition), "kept": came.kept}
        return {"undone": True}


def _run(held: HeldStep) -> StepResult:
    own = os.getpid()
    result = run_step(held)
    if os.getpid() != own:
        os._exit(0)  # the step forked, and this is the copy: it writes nothing in the name of the other
    return result
