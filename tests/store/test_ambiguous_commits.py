"""What a commit did of which no answer came is found in the rows; a late write is told from a repeated one."""

from datetime import timedelta

import pytest
from rig import NOON, execute, start
from rows import LEASE, answer, claim

from process_manager import Done, Retry, Skip, Wait
from process_manager.database import Database
from process_manager.lifecycle import interruption
from process_manager.lifecycle.outcomes import Outcome
from process_manager.lifecycle.transition import Transition
from process_manager.store import recording
from process_manager.worker import ambiguous_commits
from process_manager.worker.ambiguous_commits import UnconfirmedClaims

pytestmark = pytest.mark.every_database

OUTCOMES = [Done("went on"), Skip("nothing to do"), Retry("later"), Wait("a while", after=timedelta(minutes=1))]


def record(database: Database, *attempts: Transition) -> list[int]:
    with database.begin() as connection:
        return [attempt.claim.id for attempt in ambiguous_commits.record(connection, attempts).kept]


def expire(database: Database, *attempts: Transition) -> None:
    with database.begin() as connection:
        recording.record(connection, [interruption.expired(each.claim, NOON + LEASE) for each in attempts])


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_answer_whose_commit_was_not_confirmed_counts_once(database: Database, outcome: Outcome) -> None:
    start(database)
    (held,) = claim(database)
    attempt = answer(held, outcome)

    assert record(database, attempt) == record(database, attempt) == [held.id]
    assert execute(database, "SELECT count(*) FROM process_steps") == [(1,)]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_late_answer_is_refused_though_its_worker_is_named_in_the_row_of_the_loss(
    database: Database, outcome: Outcome
) -> None:
    start(database)
    (held,) = claim(database)
    attempt = answer(held, outcome)
    expire(database, attempt)

    assert record(database, attempt) == []
    assert execute(database, "SELECT outcome FROM process_steps") == [("lost",)]


def test_an_answer_that_was_recorded_before_its_process_was_lost_is_not_gone_on_with(database: Database) -> None:
    start(database)
    (held,) = claim(database)
    attempt = answer(held, Done("went on"))
    record(database, attempt)
    execute(database, "UPDATE processes SET fence = fence + 1")

    assert record(database, attempt) == []


def test_the_repeated_and_the_late_of_a_batch_are_told_apart_from_the_new(database: Database) -> None:
    for _ in range(3):
        start(database)
    repeated, late, new = (answer(held, Done("went on")) for held in claim(database))
    record(database, repeated)
    expire(database, late)

    assert sorted(record(database, repeated, late, new)) == [repeated.claim.id, new.claim.id]


def test_claims_of_whose_commit_a_worker_never_heard_are_found(database: Database) -> None:
    start(database)
    start(database)
    known, unknown = claim(database)
    unconfirmed = UnconfirmedClaims("w")

    def found() -> list[int]:
        with database.begin() as connection:
            return [
                each.id
                for each in unconfirmed.find(
                    connection, lambda each: each.id == known.id, lease_ends_at=NOON + 2 * LEASE
                )
            ]

    assert not unconfirmed.is_to_look()
    unconfirmed.may_exist()
    assert (unconfirmed.is_to_look(), found(), unconfirmed.is_to_look()) == (True, [unknown.id], False)
