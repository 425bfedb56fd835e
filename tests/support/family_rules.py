"""What steps do with children in the model of the lifecycle: they start some, and wait for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from family_oracle import ChildAsked
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from lane_rules import HeldLanes
from model_workers import Hand
from oracle import Oracle
from scripted_processes import SCRIPT
from strategies import PICK, VERIFIED

from process_manager import Done, Reject, Retry, Skip, Wait

ASKED = st.builds(
    ChildAsked,
    st.sampled_from([("flow", 1), ("flow", 2)]),
    st.sampled_from(["0", "1", "2", "3"]),
    st.sampled_from([None, None, "children"]),
)
WAITS = [Wait(children="all"), Wait(children="any"), Wait(children="all", after=timedelta(seconds=40))]
SAYS = st.sampled_from([Done("split"), *WAITS, Skip("none"), Reject("no"), Retry("down"), ValueError("oh"), "maybe"])
ENDS = st.sampled_from([Skip("none"), Skip("none"), Reject("no"), "maybe", Done("ok")])


class Families(HeldLanes):
    """Steps with children."""

    oracle: Oracle
    hands: list[Hand]

    @precondition(lambda self: any(hand.tasks for hand in self.hands))
    @rule(pick=PICK, asked=st.lists(ASKED, max_size=3), says=SAYS, verify=VERIFIED, again=st.booleans())
    def a_step_starts_children(self, pick: int, asked: list[ChildAsked], says: Any, verify: Any, again: bool) -> None:
        hand = next(hand for hand in (*self.hands[pick % 3 :], *self.hands) if hand.tasks)
        task = hand.tasks.pop(pick % len(hand.tasks))
        lane = task.seen.order_key or ""  # a child in the lane of its parent is refused
        SCRIPT.says, SCRIPT.verify, SCRIPT.writes = says, verify, False
        SCRIPT.children = [each for each in asked if each.order_key != lane]
        hand.run(task)
        SCRIPT.children = None
        hand.write(claim=again)

    @rule(pick=PICK, waits=st.sampled_from(WAITS), ends=st.lists(ENDS, min_size=2, max_size=6))
    def a_family_is_worked_off(self, pick: int, waits: Wait, ends: list[Any]) -> None:
        """Parents wait for their children, which come to their end meanwhile."""
        hand = self.hands[pick % 3]
        hand.write(claim=True)
        for end in ends:
            if not hand.tasks:
                break
            task = hand.tasks.pop(0)
            is_parent = any(not self.oracle.families.settled[each] for each in self.oracle.families.of(task.seen.id))
            SCRIPT.says, SCRIPT.verify, SCRIPT.writes = waits if is_parent else end, None, False
            hand.run(task)
            hand.write(claim=True)
