"""Children take their places in lanes with positions, however their parent started them."""

from typing import Any

import pytest
from placed_messages import SENT, Batch, BatchApart, Message, Plain
from rig import execute, history, status, work
from rig import start as started

from process_manager import Process, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.operations import Act

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


@pytest.fixture(autouse=True)
def nothing_sent() -> None:
    SENT.clear()


def start(database: Database, position: Any, what: str = "") -> int:
    return started(database, Message, {"pos": position, "what": what}, order_key="k")


@pytest.mark.parametrize("cls", [Batch, BatchApart])
def test_children_take_their_places_and_one_that_is_outdated_has_ended(database: Database, cls: type[Process]) -> None:
    start(database, 5)
    work(database, Message)
    parent = started(database, cls, {"positions": [10, 4, 9, 7]})

    work(database, cls, Message)

    assert status(database, parent) == "succeeded"
    assert SENT == [5, 7, 9, 10]
    assert execute(database, "SELECT open FROM joins") == [(0,)]


def test_a_child_that_does_not_fit_its_lane_fails_the_step_that_starts_it(database: Database) -> None:
    first = start(database, 5, "fails")
    work(database, Message)
    parent = started(database, Batch, {"positions": [1], "plain": True})

    work(database, Batch, Plain)

    assert status(database, parent) == "failed"
    assert f"process {first}, which is open in it, has a position" in history(database, parent)[-1].message


def test_a_lane_goes_on_when_its_children_are_given_up_with_their_parent(database: Database) -> None:
    parent = started(database, Batch, {"positions": [4, 2]})
    work(database, Batch)
    other = start(database, 9)
    with database.begin() as connection:
        operations.abandon(connection, parent, Act(Actor("Ada"), "withdrawn"), children="abandon")
    stands = status(database, other)

    work(database, Message)

    assert (stands, SENT) == ("pending", [9])
