"""Giving up a process that has children: somebody has to say what becomes of those that are open."""

import pytest
from family_steps import Family, Letter
from rig import execute, start, status, work

from process_manager import Process, StepRun, Wait, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import Refused
from process_manager.operations import Act

pytestmark = [pytest.mark.every_database, pytest.mark.slow]
WHO = Act(Actor("Ada"), "the case is withdrawn")


class Parents(Process):
    """Starts a family and waits for it."""

    name = "parents"
    STEPS = {"look": "look"}

    def look(self, run: StepRun) -> Wait:
        run.start_child(Family, {"letters": 2}, key="family")
        return Wait(children="all")


@pytest.fixture
def parent(database: Database) -> int:
    parent = start(database, Parents)
    work(database, Parents, Family)
    assert [status(database, each) for each in (1, 2, 3, 4)] == ["waiting", "waiting", "pending", "pending"]
    return parent


def abandon(database: Database, process_id: int, children: str | None = None) -> None:
    with database.begin() as connection:
        operations.abandon(connection, process_id, WHO, children=children)  # type: ignore[arg-type]


def test_nobody_gives_up_a_parent_of_open_children_unasked(database: Database, parent: int) -> None:
    with pytest.raises(Refused, match="children of it are open: 3"):
        abandon(database, parent)

    assert status(database, parent) == "waiting"


def test_its_children_and_theirs_are_given_up_with_it(database: Database, parent: int) -> None:
    abandon(database, parent, "abandon")

    assert [status(database, each) for each in (1, 2, 3, 4)] == ["abandoned"] * 4
    told = execute(database, "SELECT COUNT(*) FROM process_steps WHERE outcome = 'abandon'")
    assert told == [(4,)]


def test_its_children_are_left_and_wake_nobody(database: Database, parent: int) -> None:
    abandon(database, parent, "leave")

    work(database, Family, Letter)

    assert [status(database, each) for each in (1, 2, 3, 4)] == ["abandoned", *["succeeded"] * 3]


def test_one_without_open_children_is_given_up_without_a_word_of_them(database: Database) -> None:
    parent = start(database, Family, {"letters": 1})
    work(database, Family)
    abandon(database, 2)

    abandon(database, parent)

    assert status(database, parent) == "abandoned"
