"""What others do to lanes in the model of the lifecycle: they hold one open while a worker writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from model_workers import Hand
from scripted_processes import CLASSES, SCRIPT
from strategies import GOING_WELL, PICK

from process_manager.database import Database
from process_manager.store import lanes


class HeldLanes(RuleBasedStateMachine):
    """The acts of a caller whose transaction lasts; on SQLite nobody could write beside it."""

    database: Database
    hands: list[Hand]
    start: Callable[..., None]
    time_passes: Callable[..., None]

    @precondition(lambda self: self.database.dialect == "postgresql")
    @rule(pick=PICK, claim=st.booleans(), lane=st.sampled_from(["p", "p", "q"]))
    def one_writes_while_another_holds_a_lane(self, pick: int, claim: bool, lane: str) -> None:
        with self.database.engine.begin() as other:
            lanes.lock(other, [lane])
            self.hands[pick % 3].write(claim=claim, held_lane=lane)

    @precondition(lambda self: self.database.dialect == "postgresql")
    @rule(pick=PICK, which=st.sampled_from(sorted(CLASSES)), answers=st.lists(GOING_WELL, min_size=3, max_size=5))
    def a_lane_is_worked_off_while_another_holds_it(
        self, pick: int, which: tuple[str, int], answers: list[Any]
    ) -> None:
        self.start([(which, lane, None, None) for lane in "pqp"])
        hand = self.hands[pick % 3]
        for SCRIPT.says, SCRIPT.verify, SCRIPT.writes in answers:
            self.one_writes_while_another_holds_a_lane(pick, True, "pq"[pick % 2])
            while hand.tasks:
                hand.run(hand.tasks.pop(0))
            self.time_passes(1)
        self.one_writes_while_another_holds_a_lane(pick, True, "pq"[pick % 2])
