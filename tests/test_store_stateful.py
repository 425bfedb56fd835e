"""The store against a plain oracle: whatever is done in whatever order, what must always hold holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from backends import clean
from freezegun import freeze_time
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from oracle import LEASE, Known, Oracle
from rig import NOON, Three, execute, wanted

from process_manager import Done, Reject, Retry, Skip, Wait, every, interruption, operations, position
from process_manager.claim import Claim
from process_manager.database import Database
from process_manager.errors import HeldByAnother, Refused
from process_manager.operations import Act
from process_manager.outcomes import Outcome
from process_manager.position import Ran
from process_manager.registry import Registry
from process_manager.store import claiming, recording
from process_manager.store.claiming import Lease

WANTED = wanted(("three", 1))
REGISTRY = Registry([Three])
ADA = Act("Ada", "why not")
OUTCOMES: list[Outcome] = [
    Done("ok"), Done("ok"), Done("ok"), Done("bad", {"x": float("nan")}), Skip("none"), Reject("no"),
    Retry("down"), Retry("down", after=timedelta(seconds=3)), Wait("rest", after=timedelta(seconds=7)),
]  # fmt: skip


class Store(Oracle, RuleBasedStateMachine):
    """Every act there is, on the tables and on the oracle."""

    claims = Bundle("claims")
    made: Callable[[], Database]  # an empty one for each run

    @initialize()
    def open(self) -> None:
        self.database = type(self).made()
        self.now = NOON
        self.known: dict[int, Known] = {}
        self.fences: dict[int, int] = {}

    # --- the acts

    @rule(order_key=st.sampled_from([None, None, "p", "q"]), dedup_key=st.sampled_from([None, None, "k", "l"]))
    def start(self, order_key: str | None, dedup_key: str | None) -> None:
        holder = [each for each, known in self.known.items() if known.dedup_key == dedup_key and known.holds_key]
        with freeze_time(self.now), self.database.begin() as connection:
            found = operations.start(connection, Three, order_key=order_key, dedup_key=dedup_key)

        assert (found.is_new, found.id) == ((False, holder[0]) if holder else (True, len(self.known) + 1))
        if found.is_new:
            known = Known(order_key, dedup_key, due_at=self.now, holds_key=dedup_key is not None)
            if self.lane(order_key):
                known.status, known.due_at = "behind", None
            self.known[found.id] = known

    @rule(target=claims, limit=st.integers(1, 4))
    def claim(self, limit: int) -> tuple[Claim, ...]:
        lease = Lease("w", self.now, self.now + LEASE)
        with self.database.begin() as connection:
            found = claiming.claim_due(connection, WANTED, lease, limit=limit)

        due = sorted(
            (known.due_at, each) for each, known in self.known.items() if known.due_at and known.due_at <= self.now
        )
        assert [each.id for each in found] == sorted(each for _, each in due[:limit])
        for each in found:
            known = self.known[each.id]
            assert (each.step, each.attempts, each.seq) == (known.step, known.attempts, len(known.rows))
            known.status, known.due_at, known.lease, known.ran = "running", None, lease.ends_at, True
        return tuple(found)

    @rule(claimed=claims, outcome=st.sampled_from(OUTCOMES), seconds=st.integers(0, 4))
    def record(self, claimed: tuple[Claim, ...], outcome: Outcome, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        ran = Ran(outcome, self.now, self.now)
        policy = every(seconds=5, attempts=2)
        attempts = [position.next_position(each, Three.plan, ran, retry=policy, roll=0) for each in claimed]
        with self.database.begin() as connection:
            kept = recording.record(connection, attempts)

        valid = [each for each in claimed if self.is_held(each)]
        assert [each.claim.id for each in kept] == [each.id for each in valid]
        for attempt in kept:
            self.answered(attempt.claim.id, outcome)

    def is_held(self, claim: Claim) -> bool:
        known = self.known[claim.id]
        return known.status == "running" and self.fences[claim.id] == claim.fence and len(known.rows) == claim.seq

    @rule(seconds=st.integers(1, 15))
    def expire(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        with self.database.begin() as connection:
            gone = claiming.expired(connection, now=self.now, limit=100)
            recording.record(connection, [interruption.expired(each, self.now) for each in gone])

        over = [each for each, known in self.known.items() if known.lease is not None and known.lease < self.now]
        assert sorted(each.id for each in gone) == over
        for each in over:
            known = self.known[each]
            known.rows.append("lost")
            known.status, known.due_at, known.lease = "pending", self.now, None

    @rule(claimed=claims)
    def renew(self, claimed: tuple[Claim, ...]) -> None:
        pairs = [(each.id, each.fence) for each in claimed]
        with self.database.begin() as connection:
            ours = claiming.renew(connection, pairs, lease_ends_at=self.now + LEASE)

        held = {
            each.id
            for each in claimed
            if self.known[each.id].status == "running" and self.fences[each.id] == each.fence
        }
        assert ours == held
        for each in ours:
            self.known[each].lease = self.now + LEASE

    @rule(claimed=claims, interrupted=st.booleans())
    def release(self, claimed: tuple[Claim, ...], interrupted: bool) -> None:
        with self.database.begin() as connection:
            kept = recording.record(
                connection, [interruption.released(each, self.now, interrupted=interrupted) for each in claimed]
            )

        for attempt in kept:
            known = self.known[attempt.claim.id]
            known.status, known.due_at, known.lease = "pending", self.now, None
            known.rows += ["released"] * interrupted

    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        if not self.known:
            return
        process_id = data.draw(st.sampled_from(sorted(self.known)))
        known = self.known[process_id]
        with freeze_time(self.now), self.database.begin() as connection:
            if not known.is_open:
                with pytest.raises(Refused):
                    operations.abandon(connection, process_id, ADA)
                return
            operations.abandon(connection, process_id, ADA)

        known.rows += ["lost"] * (known.status == "running") + ["abandon"]
        self.close(process_id, "abandoned")

    @rule(data=st.data())
    def restart(self, data: st.DataObject) -> None:
        if not self.known:
            return
        process_id = data.draw(st.sampled_from(sorted(self.known)))
        with freeze_time(self.now), self.database.begin() as connection:
            if not self.may_restart(process_id):
                with pytest.raises((Refused, HeldByAnother)):
                    operations.restart(connection, process_id, ADA, registry=REGISTRY)
                return
            operations.restart(connection, process_id, ADA, registry=REGISTRY)

        known = self.known[process_id]
        known.rows.append("restart")
        known.status, known.due_at, known.attempts = "pending", self.now, 0
        known.holds_key = known.dedup_key is not None
        for other in self.lane(known.order_key):
            if other > process_id:
                self.known[other].status, self.known[other].due_at = "behind", None

    # --- what must always hold

    @invariant()
    def the_rows_are_what_the_oracle_knows(self) -> None:
        if not hasattr(self, "known"):
            return
        found = {
            each[0]: each[1:]
            for each in execute(
                self.database,
                "SELECT id, CASE waiting_for WHEN 'lane' THEN 'behind' ELSE status END, step, attempts, seq, fence"
                " FROM processes",
            )
        }
        assert {each: values[:4] for each, values in found.items()} == {
            each: (known.status, known.step, known.attempts, len(known.rows)) for each, known in self.known.items()
        }
        for each, values in found.items():
            assert values[4] >= self.fences.get(each, 0), "a fence went back"
            self.fences[each] = values[4]

    @invariant()
    def the_history_has_no_gaps_and_nothing_else_in_it(self) -> None:
        if not hasattr(self, "known"):
            return
        told: dict[int, list[Any]] = {each: [] for each in self.known}
        for process_id, seq, outcome in execute(
            self.database, "SELECT process_id, seq, outcome FROM process_steps ORDER BY 1, 2"
        ):
            told[process_id].append((seq, outcome))
        assert told == {each: list(enumerate(known.rows, start=1)) for each, known in self.known.items()}

    @invariant()
    def nothing_waits_unseen_and_no_lane_has_two_ahead(self) -> None:
        if not hasattr(self, "known"):
            return
        unseen = execute(
            self.database,
            "SELECT p.id FROM processes p WHERE finished_at IS NULL AND due_at IS NULL"
            " AND status IN ('pending', 'waiting') AND NOT EXISTS (SELECT 1 FROM processes a"
            " WHERE a.order_key = p.order_key AND a.id < p.id AND a.finished_at IS NULL)",
        )
        crowded = execute(
            self.database,
            "SELECT order_key FROM processes WHERE order_key IS NOT NULL AND (due_at IS NOT NULL OR status = 'running')"
            " GROUP BY 1 HAVING count(*) > 1",
        )
        keys = execute(self.database, "SELECT process_id FROM dedup_keys ORDER BY 1")
        held = [(each,) for each, known in sorted(self.known.items()) if known.holds_key]
        assert (unseen, crowded, keys) == ([], [], held)


@pytest.mark.every_database
def test_whatever_is_done_in_whatever_order_what_must_always_hold_holds(database: Database) -> None:
    def emptied() -> Database:
        clean(database)
        return database

    Store.made = staticmethod(emptied)
    run_state_machine_as_test(
        Store,
        settings=settings(
            max_examples=60 if database.dialect == "sqlite" else 5,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
