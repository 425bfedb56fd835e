"""The whole lifecycle against a plain oracle: whatever is done in whatever order, every row is what was foretold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import compared_rows
import pytest
from backends import clean
from forecast import SEATED, Hold, Known
from freezegun import freeze_time
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from model_workers import Hand, Unwritten
from oracle import Oracle
from people_rules import People
from rig import NOON, execute
from scripted_processes import CLASSES, DEPLOYED, SCRIPT
from strategies import ANSWERED, ANSWERS, EVENTS, GOING_WELL, PAUSES, PICK, SECONDS, STARTS, VERIFIED

from process_manager import Wait, operations
from process_manager.database import Database
from process_manager.errors import Refused, SwitchedOff
from process_manager.inspection import invariants
from process_manager.inspection.findings import Result
from process_manager.operations.start import Start
from process_manager.store import claiming, limits
from process_manager.worker.event_sweep import EventSweep


class Lifecycle(People):
    """Every act there is, on the tables and on the oracle, by workers that know different versions."""

    database: Database
    frozen: Any

    @initialize(wanted=st.lists(STARTS, min_size=3, max_size=5))
    def open(self, wanted: list[Any]) -> None:
        self.frozen.move_to(NOON)
        clean(self.database)
        execute(self.database, "DELETE FROM book")
        self.oracle = Oracle(NOON)
        self.number = 0
        self.database.run(lambda connection: limits.declare(connection, [limits.Declared("seats", None, 2, {})]))
        self.hands = [self.hired(kind) for kind in DEPLOYED]
        self.start(wanted)

    def hired(self, kind: str) -> Hand:
        self.number += 1
        return Hand(f"{kind}-{self.number}", self.database, self.oracle)

    def tasks(self) -> list[Any]:
        return [(hand, task) for hand in self.hands for task in hand.tasks]

    # --- time, and what is started

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: int) -> None:
        self.oracle.now += timedelta(seconds=seconds)
        self.frozen.move_to(self.oracle.now)
        EventSweep(self.database, None).look()  # as whoever lives does: it notes who went on without an event

    @rule(wanted=st.lists(STARTS, min_size=1, max_size=3))
    def start(self, wanted: list[Any]) -> None:
        moments = [None if at is None else self.oracle.now + timedelta(seconds=at) for *_rest, at in wanted]
        starts = [
            Start(CLASSES[which], {"n": 1}, order_key=order, dedup_key=dedup, at=at)
            for (which, order, dedup, _at), at in zip(wanted, moments, strict=True)
        ]
        with self.database.begin() as connection:
            found = operations.start_many(connection, starts)

        told = [
            self.oracle.start(*which, order, dedup, at)
            for (which, order, dedup, _at), at in zip(wanted, moments, strict=True)
        ]
        assert [(each.id, each.is_new) for each in found] == told

    # --- what workers do

    @rule(pick=PICK, claim=st.booleans(), unheard=st.sampled_from([False, False, False, True]), looks=st.booleans())
    def one_writes(self, pick: int, claim: bool, unheard: bool, looks: bool) -> None:
        self.hands[pick % 3].write(claim=claim, unheard=unheard, looks=looks)

    @precondition(lambda self: self.tasks())
    @rule(pick=PICK, says=ANSWERS, verify=VERIFIED, writes=st.booleans())
    def a_step_answers(self, pick: int, says: object, verify: object, writes: bool) -> None:
        hand, task = self.tasks()[pick % len(self.tasks())]
        SCRIPT.says, SCRIPT.verify, SCRIPT.writes = says, verify, writes
        hand.tasks.remove(task)
        hand.run(task)

    @precondition(lambda self: self.tasks())
    @rule(pick=PICK, key=EVENTS, signals=st.sampled_from(["before", "after", "never"]), again=st.booleans())
    def a_step_waits_for_an_event(self, pick: int, key: str, signals: str, again: bool) -> None:
        hand, task = self.tasks()[pick % len(self.tasks())]
        if signals == "before":
            self.somebody_signals_an_event(key)
        SCRIPT.says, SCRIPT.verify, SCRIPT.writes = Wait(event=key), None, False
        hand.tasks.remove(task)
        hand.run(task)
        hand.write(claim=again)
        if signals == "after":
            self.somebody_signals_an_event(key)

    @rule(pick=PICK, seconds=PAUSES, answers=st.lists(ANSWERED, min_size=2, max_size=8), unheard=st.booleans())
    def one_works(self, pick: int, seconds: int, answers: list[Any], unheard: bool) -> None:
        if sum(known.is_open for known in self.oracle.known.values()) < 3:
            self.start([(which, "p", None, None) for which in CLASSES])
        self.time_passes(seconds)
        hand = self.hands[pick % 3]
        hand.write(claim=True)
        for SCRIPT.says, SCRIPT.verify, SCRIPT.writes in answers:
            if not hand.tasks:
                hand.write(claim=True)
            if hand.tasks:
                hand.run(hand.tasks.pop(0))
        hand.write(claim=False, unheard=unheard)

    @rule(pick=PICK, seconds=PAUSES, answers=st.lists(GOING_WELL, min_size=4, max_size=8))
    def one_works_well(self, pick: int, seconds: int, answers: list[Any]) -> None:
        self.one_works(pick, seconds, answers, unheard=False)

    @rule(pick=PICK, which=st.sampled_from(sorted(CLASSES)), answers=st.lists(GOING_WELL, min_size=6, max_size=14))
    def a_lane_is_worked_off(self, pick: int, which: tuple[str, int], answers: list[Any]) -> None:
        self.start([(which, "p", None, None)] * 3)
        hand = self.hands[pick % 3]
        hand.write(claim=True)
        for SCRIPT.says, SCRIPT.verify, SCRIPT.writes in answers:
            if hand.tasks:
                hand.run(hand.tasks.pop(0))
            hand.write(claim=True, looks=False)

    @rule(before=st.lists(ANSWERED, min_size=1, max_size=4), answers=st.lists(GOING_WELL, min_size=3, max_size=6))
    def the_newest_version_replaces_all_others(self, before: list[Any], answers: list[Any]) -> None:
        self.one_works(0, 61, before, unheard=False)
        self.hands[:2] = [self.hired("old"), self.hired("both")]
        self.one_works(2, 91, answers, unheard=False)

    @rule(pick=PICK)
    def one_renews(self, pick: int) -> None:
        hand = self.hands[pick % 5]
        pairs = [(job.claim.id, job.claim.fence) for job in hand.bench.claims.held.values()]
        with self.database.begin() as connection:
            ours = claiming.renew(connection, pairs, lease_ends_at=self.oracle.now + timedelta(seconds=90))

        assert ours == self.oracle.renew(self.held(hand))

    def held(self, hand: Hand) -> list[Hold]:
        holds = [known.hold for known in self.oracle.known.values()]
        return [hold for hold in holds if hold is not None and hold.worker == hand.name]

    @rule(pick=PICK, how=st.sampled_from(["dies", "gives back what it did not begin", "stops in the middle of steps"]))
    def one_leaves(self, pick: int, how: str) -> None:
        if how == "dies":
            self.hands[pick % 5] = self.hired(self.hands[pick % 5].name.split("-")[0])
        elif how == "stops in the middle of steps":
            self.stop(self.hands[pick % 5])
        else:
            self.give_back(self.hands[pick % 5])

    def give_back(self, hand: Hand) -> None:
        hand.bench.claims.give_back([task.job for task in hand.tasks], interrupted=False)
        hand.unwritten += [Unwritten(task.hold, self.oracle.now) for task in hand.tasks]
        hand.tasks.clear()

    def stop(self, hand: Hand) -> None:
        late = [task for task in hand.tasks if task.job.planned.effect == "idempotent"]
        hand.write(claim=False)
        hand.bench.claims.give_back([task.job for task in late], interrupted=True)
        for task in late:
            self.oracle.released(task.hold, self.oracle.now, interrupted=True)
        hand.write(claim=False)

    @precondition(lambda self: self.oracle.known)
    @rule(pick=PICK, which=PICK)
    def one_is_asked_for_one(self, pick: int, which: int) -> None:
        hand, known = self.hands[which % 5], self.some(pick)
        hand.bench.gatekeeper.look()
        claims = hand.bench.claims
        if (error := self.refuses(hand, known)) is not None:
            with pytest.raises(error):
                claims.take_one(self.database, known.id)
            return
        claims.take_one(self.database, known.id)

        self.oracle.sweep(hand.name)
        found = [self.oracle.take(hand.name, known)] if known.due_at is not None else []
        hand.get(claims.take_ready(), found)

    def refuses(self, hand: Hand, known: Known) -> type[Exception] | None:
        if known.due_at is None and not self.oracle.is_left(known, hand.name):
            return None  # there is nothing to take, so nobody asks whether it may be
        if not self.oracle.may_take(hand.name, known):
            return Refused
        others = [each for each in self.oracle.known.values() if not self.oracle.is_left(each, hand.name)]
        if known.step == SEATED and not self.oracle.seats.free(others):
            return Refused
        return SwitchedOff if self.oracle.is_off(known.name) else None

    # --- what must always hold

    @invariant()
    def every_row_is_what_was_foretold(self) -> None:
        with self.database.read() as connection:
            assert compared_rows.found(connection) == compared_rows.foretold(self.oracle)

    @invariant()
    def the_doctor_finds_nothing(self) -> None:
        values = invariants.values(self.oracle.now, lease=timedelta(seconds=90))
        found = invariants.audit(self.database, values, names=invariants.names(quick=False))
        problems = [invariants.forgiven(each, ()) for each in found]
        assert [each for each in problems if each.result is Result.PROBLEM] == []


@pytest.mark.parametrize(
    ("database", "share"),
    [
        ("sqlite", 0.3),
        pytest.param("sqlite", 1.0, marks=pytest.mark.slow),
        pytest.param("postgresql_18", 0.3, marks=pytest.mark.slow),
    ],
    indirect=["database"],
)
def test_whatever_is_done_in_whatever_order_every_row_is_what_was_foretold(
    books: Database, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "freezegun.api.call_stack_inspection_limit", 1
    )  # so that only hypothesis itself goes on in time
    with freeze_time(NOON, ignore=["hypothesis"]) as frozen:
        machine = type("Machine", (Lifecycle,), {"database": books, "frozen": frozen})
        run_state_machine_as_test(machine, settings=extent(share))


def extent(share: float) -> settings:
    """How much is tried: little by default, all of it with `--hypothesis-profile=full`."""
    if settings.get_current_profile_name() == "full":
        return settings.get_profile("full")
    few = {"max_examples": int(40 * share), "stateful_step_count": 30, "deadline": None}
    return settings(**few, suppress_health_check=list(HealthCheck))
