"""What the fleet shares, as people see it: who has the seats, who waits for one, and another number of them."""

from typing import Any

import pytest
from rig import NOON, SEES_ALL, Bench, Three, execute, get, settings, start

from process_manager import Limit, Process, Rate, Step, Upgrade, inspection, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import IllegalValue, NotFound
from process_manager.gates.gate import Gates
from process_manager.operations import Act

ACT = Act(Actor("Ada"), "two more licences")


class Sap(Three):
    """Three steps that share two seats."""

    name = "sap"
    limit = Limit("sap-seats", 2)


class Paced(Process):
    """A step that starts ten times a minute."""

    STEPS = {"ask": Step("ask", rate=Rate("sap-calls", 10, per="1m"))}

    def ask(self, run: Any) -> Any:
        return None


def seated(database: Database, count: int, *, seats: int = 2) -> list[int]:
    """So many processes, of which the first ones have the seats."""
    ids = [start(database, Sap) for _ in range(count)]
    bench = Bench(database, Sap, threads=8, wait_for=lambda _transition: False)
    assert len(bench.write()) == min(count, seats)
    return ids


def listed(database: Database, **seen: Any) -> list[inspection.SharedLimit]:
    with database.read() as connection:
        return inspection.shared_limits(connection, **seen)


def explained(database: Database, process_id: int) -> str:
    with database.read() as connection:
        around = inspection.look_around(connection, Gates(), {}, now=NOON, viewer=SEES_ALL)
    return inspection.explain(get(database, process_id), around)


@pytest.mark.every_database
def test_a_limit_is_shown_with_who_has_its_seats_and_how_many_wait(database: Database) -> None:
    ids = seated(database, 5)

    (found,) = listed(database)

    assert (found.name, found.kind, found.most, found.taken, found.resting) == ("sap-seats", "limit", 2, 2, 3)
    assert [(each.process_id, each.name, each.step) for each in found.holders] == [
        (ids[0], "sap", "a"), (ids[1], "sap", "a"),
    ]  # fmt: skip


def test_what_waits_for_a_seat_says_so_and_who_has_them(database: Database) -> None:
    ids = seated(database, 3)

    found = get(database, ids[2])

    assert (found.status, found.due_at) == ("waiting", None)
    assert found.waiting_for == "a seat of sap-seats: 2 of 2 taken by processes 1 and 2"
    assert explained(database, ids[2]) == "It waits for a seat of sap-seats: 2 of 2 taken by processes 1 and 2."


def test_who_may_not_see_the_kind_of_a_holder_is_told_the_number_alone(database: Database) -> None:
    seated(database, 3)

    (found,) = listed(database, viewer=inspection.Viewer(kinds=frozenset({"other"})))

    assert (found.taken, found.holders) == (2, ())


def test_what_waits_for_its_turn_at_a_rate_says_so(database: Database) -> None:
    ids = [start(database, Paced) for _ in range(2)]
    bench = Bench(database, Paced, threads=8, wait_for=lambda _transition: False)
    bench.write()

    assert get(database, ids[1]).waiting_for == "its turn at sap-calls, which lets 10 start in 1m"


@pytest.mark.every_database
def test_a_person_sets_another_number_and_puts_it_back(database: Database) -> None:
    seated(database, 3)
    with database.begin() as connection:
        assert operations.change_limit(connection, "sap-seats", 5, ACT)
        assert not operations.change_limit(connection, "sap-seats", 5, ACT)
    (more,) = listed(database)
    with database.begin() as connection:
        operations.change_limit(connection, "sap-seats", None, ACT)
    (back,) = listed(database)

    assert (more.most, more.declared, more.changed_by) == (5, 2, "Ada")
    assert (back.most, back.declared) == (2, 2)


def test_a_limit_that_is_not_there_and_a_number_that_cannot_be_are_refused(database: Database) -> None:
    seated(database, 1)
    with database.begin() as connection:
        with pytest.raises(NotFound, match="Did you mean 'sap-seats'"):
            operations.change_limit(connection, "sap-seat", 5, ACT)
        with pytest.raises(IllegalValue, match="is not 0 to 10000"):
            operations.change_limit(connection, "sap-seats", -1, ACT)


def test_the_number_of_a_higher_version_is_taken_over_and_what_a_person_chose_stays(database: Database) -> None:
    class More(Three):
        name = "sap"
        version = 2
        upgrades = {1: Upgrade()}
        limit = Limit("sap-seats", 4)

    seated(database, 5)
    with database.begin() as connection:
        operations.change_limit(connection, "sap-seats", 3, ACT)

    taken = Bench(database, More, threads=8, wait_for=lambda _transition: False).write()

    (found,) = listed(database)
    assert (found.most, found.declared, found.taken, len(taken)) == (3, 4, 3, 1)


def test_two_limits_of_one_name_with_different_numbers_are_refused() -> None:
    class Other(Three):
        limit = Limit("sap-seats", 3)

    with pytest.raises(Exception, match="Declare it once"):
        Registry([Sap, Other])
    assert settings().concurrency


def test_who_waits_too_long_for_a_limit_that_is_declared_no_more_is_taken_by_any_worker(database: Database) -> None:
    class Free(Three):
        name = "sap"

    ids = seated(database, 3)
    execute(
        database, "UPDATE processes SET due_at = :then WHERE id = :id", then="2026-01-01 00:00:00.000000", id=ids[2]
    )

    (held,) = Bench(database, Free, threads=8).write()

    assert held.claim.id == ids[2]
