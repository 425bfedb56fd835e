"""What is done in the model of the lifecycle where processes share seats, and the person who changes their number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from model_workers import Hand
from oracle import Oracle
from scripted_processes import SCRIPT
from strategies import ANSWERED, PAUSES, PICK, SEATED_WELL

from process_manager.database import Database
from process_manager.governance.limit_actions import ChangeLimit
from process_manager.store import limit_queries


class SharedSeats(RuleBasedStateMachine):
    """Two workers that know nothing but processes whose second step needs a seat."""

    database: Database
    oracle: Oracle
    hands: list[Hand]
    start: Callable[..., None]
    time_passes: Callable[..., None]
    act: Callable[..., Any]

    @rule(pick=PICK, claim=st.booleans(), unheard=st.sampled_from([False, False, False, True]))
    def one_with_seats_writes(self, pick: int, claim: bool, unheard: bool) -> None:
        self.hands[3 + pick % 2].write(claim=claim, unheard=unheard)

    @rule(pick=PICK, seconds=PAUSES, answers=st.lists(ANSWERED, min_size=2, max_size=8), unheard=st.booleans())
    def one_with_seats_works(self, pick: int, seconds: int, answers: list[Any], unheard: bool) -> None:
        self.time_passes(seconds)
        hand = self.hands[3 + pick % 2]
        for SCRIPT.says, SCRIPT.verify, SCRIPT.writes in answers:
            hand.write(claim=True)
            if hand.tasks:
                hand.run(hand.tasks.pop(0))
        hand.write(claim=False, unheard=unheard)

    @rule(pick=PICK, seconds=PAUSES, answers=st.lists(SEATED_WELL, min_size=4, max_size=8))
    def many_come_to_the_seats(self, pick: int, seconds: int, answers: list[Any]) -> None:
        self.start([(("seated", 1), None, None, None)] * 3)
        self.one_with_seats_works(pick, seconds, answers, unheard=False)

    @rule(number=st.sampled_from([0, 1, 2, 2, 3]))
    def somebody_changes_the_number_of_seats(self, number: int) -> None:
        number = max(number, self.oracle.seats.taken(self.oracle.known.values()))
        self.oracle.seats.most = number
        self.act(ChangeLimit("seats", number), lambda: None)

    @invariant()
    def no_more_have_a_seat_than_there_are(self) -> None:
        with self.database.read() as connection:
            found = limit_queries.holders(connection, "seats")
        holders = [each for each in self.oracle.known.values() if each.status == "running" and each.step == "s"]
        assert sorted(each.process_id for each in found) == [each.id for each in holders]
        assert len(found) <= self.oracle.seats.most
