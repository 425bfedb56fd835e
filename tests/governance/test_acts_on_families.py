"""Acts on a process and its children: the rights are those to each, their rows are locked together, each is chained."""

from dataclasses import replace

import pytest
from family_steps import Family, Letter
from rig import execute, start, status, work

from process_manager import governance
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.errors import Forbidden, Refused
from process_manager.governance import Policies
from process_manager.governance.process_actions import Abandon
from process_manager.store import lanes

pytestmark = [pytest.mark.every_database, pytest.mark.slow]

ADA = Actor("ada", is_person=True, way="page", role=Role.CASEWORKER, kinds=frozenset({"family", "letter"}))
BOT = Actor("bot", way="api", role=Role.CASEWORKER, scopes=frozenset({("family", "act"), ("letter", "read")}))


@pytest.fixture
def parent(database: Database) -> int:
    parent = start(database, Family)
    work(database, Family)
    return parent


@pytest.mark.parametrize("actor", [replace(ADA, kinds=frozenset({"family"})), BOT])
def test_who_may_not_end_a_child_ends_no_parent_with_its_children(
    database: Database, parent: int, actor: Actor
) -> None:
    with pytest.raises(Forbidden, match="'letter'"):
        governance.acting(database, actor, Abandon(parent, children="abandon", reason="withdrawn"), policies=Policies())

    assert [status(database, each) for each in (1, 2, 3)] == ["waiting", "pending", "pending"]
    assert execute(database, "SELECT process_id, result FROM audit") == [(parent, "refused")]


def test_the_chain_has_a_row_for_each_child_that_ends_with_its_parent(database: Database, parent: int) -> None:
    action = Abandon(parent, children="abandon", reason="withdrawn")

    done = governance.acting(database, ADA, action, policies=Policies())

    assert isinstance(done, governance.Acted)
    assert done.number == 1
    told = execute(database, "SELECT act, process_id, name, target, reason, result FROM audit ORDER BY number")
    assert told == [
        ("abandon", 1, "family", None, "withdrawn", "done"),
        ("abandon", 2, "letter", "with process 1", "withdrawn", "done"),
        ("abandon", 3, "letter", "with process 1", "withdrawn", "done"),
    ]
    after = [each for (each,) in execute(database, "SELECT after FROM audit")]
    assert all('"abandoned"' in each for each in after)


def test_the_lanes_of_children_are_locked_with_that_of_their_parent(
    database: Database, parent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[list[str]] = []
    monkeypatch.setattr(lanes, "lock", lambda _connection, keys: locked.append(sorted(key for key in keys if key)))
    execute(database, "UPDATE processes SET order_key = 'b' WHERE id = 1")
    execute(database, "UPDATE processes SET order_key = 'a' WHERE id = 3")

    action = Abandon(parent, children="abandon", reason="withdrawn")
    governance.acting(database, ADA, action, policies=Policies(), dry_run=True)

    assert locked == [["a", "b"]]


def test_a_child_that_came_in_the_moment_before_is_not_ended_unasked(
    database: Database, parent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = iter([[2], [2, 3]])
    monkeypatch.setattr(Abandon, "along", lambda _action, _connection: next(found))

    with pytest.raises(Refused, match="changed this very moment"):
        action = Abandon(parent, children="abandon", reason="withdrawn")
        governance.acting(database, ADA, action, policies=Policies())

    assert [status(database, each) for each in (1, 2, 3)] == ["waiting", "pending", "pending"]


def test_children_that_are_left_are_in_no_row_of_the_chain(database: Database, parent: int) -> None:
    governance.acting(database, ADA, Abandon(parent, children="leave", reason="withdrawn"), policies=Policies())

    work(database, Letter)

    assert [status(database, each) for each in (1, 2, 3)] == ["abandoned", "succeeded", "succeeded"]
    assert execute(database, "SELECT process_id FROM audit") == [(parent,)]
