"""Claim, record, renew and expire on the rows themselves, without a worker around them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from rig import NOON, execute, history, row, start
from rig import claim_request as of
from rows import LEASE, THREE, answer, claim, everything, record

from process_manager import Done, Reject, Retry, Skip, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.lifecycle import interruption
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.outcomes import Outcome
from process_manager.operations import Act
from process_manager.store import claiming, due, evidence, recording
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest

pytestmark = pytest.mark.every_database

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with freeze_time(NOON):
        yield


def test_a_claim_is_a_lease_with_a_fence_of_its_own(database: Database) -> None:
    process_id = start(database, payload={"x": 1}, reference="R")

    held = claim(database)

    assert held == [
        Claim(
            id=process_id, name="three", version=1, reference="R", order_key=None, step="a", attempts=0,
            attempts_since=None, round=1, seq=0, fence=1, crashes=0, reruns=None, payload='{"x":1}', dedup_hash=None,
            step_started_at=NOON, worker="w",
        )
    ]  # fmt: skip
    found = row(database, process_id)
    assert (found["status"], found["due_at"], found["lease_ends_at"]) == ("running", None, NOON + LEASE)


def test_a_process_is_claimed_once(database: Database) -> None:
    for _ in range(3):
        start(database)

    assert [len(claim(database, worker=name)) for name in ("w", "v")] == [3, 0]


def test_the_longest_due_is_claimed_first_and_no_more_than_asked_for(database: Database) -> None:
    with freeze_time(NOON - timedelta(hours=1)):
        late = [start(database), start(database)]
    with freeze_time(NOON - timedelta(hours=2)):
        later = start(database)

    assert [each.id for each in claim(database, limit=1)] == [later]
    assert [each.id for each in claim(database, limit=0)] == []
    assert [each.id for each in claim(database, limit=5)] == late


@pytest.mark.parametrize(("late", "count"), [(timedelta(microseconds=-1), 0), (timedelta(0), 1)])
def test_nothing_is_claimed_before_its_moment_to_the_microsecond(
    database: Database, late: timedelta, count: int
) -> None:
    moment = NOON + timedelta(hours=1)
    start(database, at=moment)

    assert len(claim(database, now=moment + late)) == count


def test_only_the_requested_names_versions_and_channels_are_claimed(database: Database) -> None:
    here, there = start(database), start(database, channel="sap")

    assert claim(database, request=ClaimRequest(())) == []
    assert claim(database, request=of(("three", 2), ("other", 1))) == []
    assert claim(database, request=of(("three", 1), channels=("mail",))) == []
    assert [each.id for each in claim(database, request=of(("three", 1), channels=("mail", "sap")))] == [there]
    assert [each.id for each in claim(database)] == [here]


def test_the_next_due_moment_is_that_of_the_requested_names_alone(database: Database) -> None:
    start(database, at=NOON + 9 * SECOND)
    start(database, at=NOON + 5 * SECOND, channel="sap")

    with database.read() as connection:
        moments = [
            due.next_due(connection, request)
            for request in (THREE, replace(THREE, channels=("default",)), of(("other", 1)), ClaimRequest(()))
        ]

    assert moments == [NOON + 5 * SECOND, NOON + 9 * SECOND, None, None]


# --- the fence --------------------------------------------------------------------------------------------------


def take_away(database: Database, held: Claim, how: str) -> None:
    with database.begin() as connection:
        if how == "expire":
            recording.record(connection, [interruption.expired(held, NOON)])
        elif how == "release":
            recording.record(connection, [interruption.released(held, NOON, interrupted=True)])
        elif how == "abandon":
            operations.abandon(connection, held.id, Act(Actor("Ada"), "wrong"))
        else:
            recording.record(connection, [interruption.expired(held, NOON)])
            claiming.claim_due(connection, THREE, Lease("v", NOON, NOON + LEASE), limit=1)


@pytest.mark.parametrize("how", ["expire", "release", "abandon", "claim by another"])
@pytest.mark.parametrize("outcome", [Done("ok", {"x": 1}), Skip("none"), Reject("no"), Retry("down")])
def test_a_stale_fence_writes_nothing(database: Database, how: str, outcome: Outcome) -> None:
    start(database, dedup_key="k", order_key="o")
    (held,) = claim(database)
    take_away(database, held, how)
    before = everything(database)

    kept = record(database, answer(held, outcome))

    assert kept == []
    assert everything(database) == before


def test_a_fence_from_the_future_writes_nothing_either(database: Database) -> None:
    start(database)
    (held,) = claim(database)

    assert record(database, answer(held._replace(fence=2), Done())) == []


def test_an_answer_is_recorded_once_even_when_its_commit_is_repeated(database: Database) -> None:
    for outcome in (Done("ok"), Retry("down")):
        process_id = start(database)
        (held,) = claim(database)

        assert record(database, answer(held, outcome)) == [process_id]
        before = everything(database)
        assert record(database, answer(held, outcome)) == []
        assert everything(database) == before


def test_the_stale_ones_of_a_batch_do_not_hinder_the_others(database: Database) -> None:
    ids = [start(database) for _ in range(3)]
    held = claim(database)
    take_away(database, held[1], "expire")

    kept = record(database, *(answer(each, Done("ok")) for each in held))

    assert kept == [ids[0], ids[2]]
    assert [len(history(database, each)) for each in ids] == [2, 1, 2]


def test_the_fence_grows_with_every_claim_and_every_taking_away(database: Database) -> None:
    process_id = start(database)
    fences = []
    for how in ("expire", "release", "abandon"):
        (held,) = claim(database)
        fences += [held.fence, row(database, process_id)["fence"]]
        take_away(database, held, how)
        fences.append(row(database, process_id)["fence"])

    assert fences == [1, 1, 2, 3, 3, 4, 5, 5, 6]


def test_recording_a_step_starts_the_next_under_the_same_lease_and_fence(database: Database) -> None:
    process_id = start(database)
    (held,) = claim(database)

    record(database, answer(held, Done("ok", {"x": 1}), at=NOON + SECOND))

    found = row(database, process_id)
    assert (found["step"], found["status"], found["fence"], found["seq"]) == ("b", "running", 1, 1)
    assert (found["step_started_at"], found["lease_ends_at"]) == (NOON + SECOND, NOON + LEASE)
    assert (found["payload"], found["parameters"]) == ('{"x":1}', "{}")


def test_only_our_own_leases_are_renewed(database: Database) -> None:
    ids = [start(database) for _ in range(3)]
    held = claim(database)
    take_away(database, held[0], "claim by another")
    record(database, answer(held[1], Skip("none")))
    later = NOON + timedelta(minutes=5)

    pairs = [(each.id, each.fence) for each in held]
    with database.begin() as connection:
        still = claiming.still_held(connection, pairs)
        ours = claiming.renew(connection, pairs, lease_ends_at=later)

    assert (still, ours) == ({pairs[2]}, {ids[2]})
    assert [row(database, each)["lease_ends_at"] for each in ids] == [NOON + LEASE, None, later]


@pytest.mark.parametrize(("late", "count"), [(timedelta(0), 0), (timedelta(microseconds=1), 1)])
def test_a_lease_is_over_when_its_end_is_past(database: Database, late: timedelta, count: int) -> None:
    start(database)
    claim(database)

    with database.read() as connection:
        assert len(claiming.expired(connection, now=NOON + LEASE + late, limit=10)) == count


def test_one_process_may_be_claimed_before_its_moment_but_not_from_another(database: Database) -> None:
    early = start(database, at=NOON + LEASE)
    first, second = (start(database, order_key="lane") for _ in range(2))

    def take(process_id: int) -> Claim | None:
        with database.begin() as connection:
            return claiming.claim_one(connection, process_id, Lease("w", NOON, NOON + LEASE))

    assert [take(each) is not None for each in (early, early, second, first, 999)] == [True, False, False, True, False]


# --- evidence ---------------------------------------------------------------------------------------------------


def say(number: int, body: str, *, kind: Any = "log", process_id: int = 1) -> Evidence:
    return Evidence(process_id, 1, number, kind, NOON, body)


def keep(database: Database, *said: Evidence) -> list[Any]:
    with database.begin() as connection:
        evidence.keep(connection, said)
    return execute(database, "SELECT number, kind, body FROM evidence ORDER BY process_id, seq, number")


def test_of_the_progress_only_the_newest_is_kept(database: Database) -> None:
    start(database)

    keep(database, say(0, "1", kind="progress"), say(1, "x"), say(0, "2", kind="progress"))

    assert keep(database, say(0, "3", kind="progress")) == [(0, "progress", "3"), (1, "log", "x")]


def test_evidence_that_is_stored_again_is_there_once(database: Database) -> None:
    start(database)
    said = [say(1, "x"), say(2, "y")]

    keep(database, *said)

    assert keep(database, *said, say(3, "z")) == [(1, "log", "x"), (2, "log", "y"), (3, "log", "z")]


def test_of_two_answers_for_one_process_in_one_transaction_only_the_one_under_the_newest_fence_counts(
    database: Database,
) -> None:
    start(database)
    (late,) = claim(database)
    record(database, interruption.expired(late, NOON))
    (held,) = claim(database)

    with database.begin() as connection:
        kept = recording.record(connection, [answer(late, Retry("late")), answer(held, Done("in time"))]).kept

    assert [each.claim.fence for each in kept] == [held.fence]
    assert [each.outcome for each in history(database, held.id)] == ["lost", "done", "started"]
