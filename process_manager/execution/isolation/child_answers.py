"""What a child answers of a step: what follows from it, decided here as a thread of its worker would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from process_manager.definition.process import Process
from process_manager.definition.step_host import Host
from process_manager.execution import decision
from process_manager.execution.call_step import ask_verify, run_step, verified
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import protocol
from process_manager.gates import quiet
from process_manager.gates.quiet import Quiet
from process_manager.lifecycle import retry, uncertainty
from process_manager.lifecycle.transition import StepResult, Transition

Answer = dict[str, object]


class StepAnswers:
    """Calls steps, or their `verify`, and decides what follows, by what the worker handed over when it started."""

    def __init__(self, start: Mapping[str, Any], host: Host) -> None:
        self._start = start
        self._host = host
        self._quiet: dict[type[Process], Quiet] = {}  # made once for each: it takes a millisecond

    def prepared(self, ask: str, doubt: object) -> Callable[[HeldStep], Answer]:
        """Return the function that answers, with all that it needs imported; `ask` is an effect, or `verify`."""
        self._retry = retry.parse(self._start["retry"])
        if ask == "verify":
            return partial(self._verified, doubt=protocol.doubt_from(doubt))
        if ask == "transactional":
            from process_manager.execution.isolation.child_transaction import TransactionRecorder

            return TransactionRecorder(self._host, self.decide).answer
        return self._performed

    def decide(self, held: HeldStep, result: StepResult) -> Transition:
        """Return what follows from a run of a step."""
        return decision.decide(
            held, result, retry=self._retry, quiet_of=lambda _name, _version: self._windows(held.process)
        )

    def _windows(self, process: type[Process]) -> Quiet:
        found = self._quiet.get(process)
        if found is None:
            own = self._start["quiet"] if process.quiet is None else process.quiet
            found = self._quiet[process] = quiet.parse(own, self._start["zone"])
        return found

    def _performed(self, held: HeldStep) -> Answer:
        result = run_step(held)
        if held.planned.effect == "once" and not result.returned:
            return {"raised": protocol.doubt_facts(result)}
        return {"decided": protocol.transition_facts(self.decide(held, result))}

    def _verified(self, held: HeldStep, *, doubt: StepResult) -> Answer:
        asked = ask_verify(held)
        if uncertainty.did_not_happen(asked):
            return {"did_not_happen": True}
        return {"decided": protocol.transition_facts(self.decide(held, verified(doubt, asked)))}
