"""What a step asked for that was asked to stop: it starts nothing more."""

from rig import NOON, claim

from process_manager.lifecycle import interruption, stopping
from process_manager.lifecycle.children import ChildStart
from process_manager.lifecycle.events import Coordination, EventAct


def test_a_step_that_is_asked_to_stop_starts_no_child_and_signals_still() -> None:
    signal = EventAct("paid:7", "process 1")
    asks = Coordination(acts=(signal,), children=(ChildStart("a", "letter", 1, "default", "send", "{}"),))
    answer = interruption.released(claim(id=1), NOON, interrupted=False)._replace(coordination=asks)

    stopped = stopping.stopped(answer, stopping.StopRequest(2, 0, NOON, "Ada", "withdrawn"))

    assert stopped.coordination == Coordination(acts=(signal,))
