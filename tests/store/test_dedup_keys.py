from collections.abc import Iterator

import pytest
from freezegun import freeze_time
from rig import NOON, Three, execute, row, start
from rig import claim_request as of
from rows import answer, claim, everything, record

from process_manager import Reject, Skip, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import IllegalValue
from process_manager.lifecycle import interruption
from process_manager.lifecycle.outcomes import Outcome
from process_manager.operations import Act, Start

pytestmark = pytest.mark.every_database


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with freeze_time(NOON):
        yield


class Once(Three):
    STEPS = {"a": "step"}
    dedup = "for_ever"


def test_a_second_start_with_a_key_gets_the_first_id_and_writes_nothing(database: Database) -> None:
    first = start(database, dedup_key="k")
    before = everything(database)

    with database.begin() as connection:
        second = operations.start(connection, Three, {"other": 1}, dedup_key="k", order_key="lane")

    assert (second.id, second.is_new) == (first, False)
    assert everything(database) == before


def test_of_one_batch_the_first_start_with_a_key_is_the_process(database: Database) -> None:
    taken = start(database, dedup_key="b")
    wanted = [Start(Three, {"n": number}, dedup_key=key) for number, key in enumerate(["a", "b", "a", None, None])]

    with database.begin() as connection:
        found = operations.start_many(connection, wanted)

    assert [(each.id - taken, each.is_new) for each in found] == [
        (1, True), (0, False), (1, False), (2, True), (3, True)
    ]  # fmt: skip
    assert row(database, found[0].id)["parameters"] == '{"n":0}'


@pytest.mark.parametrize("outcome", [Skip("none"), Reject("no")])
def test_a_key_is_free_again_when_its_process_ends(database: Database, outcome: Outcome) -> None:
    first = start(database, dedup_key="k")
    (held,) = claim(database)
    record(database, answer(held, outcome))

    assert start(database, dedup_key="k") != first


@pytest.mark.parametrize("ends", ["skip", "abandon"])
def test_a_key_that_is_kept_for_ever_outlives_its_process(database: Database, ends: str) -> None:
    first = start(database, Once, dedup_key="k")
    if ends == "skip":
        (held,) = claim(database, request=of(("once", 1)))
        record(database, answer(held, Skip("none")))
    else:
        with database.begin() as connection:
            operations.abandon(connection, first, Act(Actor("Ada"), "wrong"))

    assert start(database, Once, dedup_key="k") == first


def test_a_failed_process_keeps_its_key(database: Database) -> None:
    first = start(database, dedup_key="k")
    (held,) = claim(database)
    record(database, interruption.stopped(held, NOON, message="broken"))

    assert start(database, dedup_key="k") == first


def test_a_key_belongs_to_a_name(database: Database) -> None:
    assert start(database, dedup_key="k") != start(database, Once, dedup_key="k")


@pytest.mark.parametrize("key", ["æøå", "x" * 10_000, "a\0b", "\ud800", "a'b\"c"])
def test_a_key_may_be_any_text(database: Database, key: str) -> None:
    first = start(database, dedup_key=key)

    assert start(database, dedup_key=key) == first
    assert start(database, dedup_key=f"{key}.") != first


def test_keys_are_stored_as_hashes_for_they_may_be_personal(database: Database) -> None:
    start(database, dedup_key="010190-1234")

    ((stored,),) = execute(database, "SELECT key_hash FROM dedup_keys")
    assert len(stored) == 64
    assert "010190" not in str(everything(database))


@pytest.mark.parametrize("key", ["", " ", "\n"])
def test_a_blank_key_is_refused_for_it_would_make_one_of_all_processes(database: Database, key: str) -> None:
    with pytest.raises(IllegalValue, match=r"dedup_key .* is empty"):
        start(database, dedup_key=key)
