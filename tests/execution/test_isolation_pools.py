"""A step in a process of its own comes into the pool of the next one, and nothing else passes for that."""

import json
from datetime import timedelta
from typing import Any

import pytest
from rig import INSTALLATION, NOON, claim, settings

from process_manager import Done, Limit, Process, Step, StepRun, classic
from process_manager.definition.step_host import Host
from process_manager.execution import decision
from process_manager.execution.completion import Answered
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import protocol
from process_manager.gates import quiet
from process_manager.lifecycle.transition import StepResult, Transition


class Shared(Process):
    STEPS = {"read": "work", "post": Step("work", limit=Limit("sap-seats", 3)), "tell": "work"}

    def work(self, run: StepRun) -> Done:
        return Done()


def held(step: str) -> HeldStep:
    claimed = claim(name="shared", step=step)
    planned = next(each for each in Shared.plan if each.name == step)
    host = Host(None, settings(), INSTALLATION, lambda _said: None)  # type: ignore[arg-type]
    return HeldStep(claimed, Shared, planned, StepRun(host, claimed))


def decided(step: HeldStep) -> Transition:
    result = StepResult(Done("well"), NOON, NOON)
    return decision.decide(step, result, retry=classic(), quiet_of=lambda _name, _version: quiet.NONE)


def facts(transition: Transition, **changes: Any) -> dict[str, Any]:
    found: Any = protocol.transition_facts(transition)
    found["state"] |= changes
    return protocol.read(json.dumps({"decided": found}, default=protocol._tagged).encode())


def test_the_pool_of_the_next_step_crosses_as_it_would_be_decided_here() -> None:
    step = held("read")
    transition = decided(step)

    answer = protocol.answer_from(facts(transition), step, asks=False)

    assert not isinstance(answer, Answered)
    assert answer == transition
    assert (transition.state.status, transition.state.step, transition.state.pool) == ("waiting", "post", "sap-seats")


@pytest.mark.parametrize(
    "changes", [{"pool": "others"}, {"pool": None}, {"due_at": NOON + timedelta(days=1)}, {"step": "tell"}]
)
def test_a_pool_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    step = held("read")

    with pytest.raises(ValueError, match=r"cannot be|does not lead"):
        protocol.answer_from(facts(decided(step), **changes), step, asks=False)


def test_after_a_step_with_a_seat_the_next_goes_on_without_one() -> None:
    transition = decided(held("post"))

    assert (transition.state.status, transition.state.step, transition.state.pool) == ("running", "tell", None)
