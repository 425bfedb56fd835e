"""What is shown of a process that started others, and of those."""

from dataclasses import replace
from typing import Any

import pytest
from family_steps import Family, Letter
from rig import SEES_ALL, execute, get, start, work

from process_manager import Registry, clock, inspection
from process_manager.database import Database
from process_manager.gates.gate import Gates

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


def test_the_page_of_a_process_shows_its_parent_and_its_children(database: Database) -> None:
    parent = start(database, Family)
    work(database, Family, Letter)
    first, second = [child for (child,) in execute(database, "SELECT process_id FROM children ORDER BY process_id")]

    assert [(each.how, each.id) for each in related(database, parent)] == [("child", first), ("child", second)]
    assert [(each.how, each.id) for each in related(database, second)] == [("parent", parent)]
    assert (get(database, parent).parent_id, get(database, first).parent_id) == (None, parent)


def test_children_are_listed_by_pages_in_the_order_in_which_they_were_started(database: Database) -> None:
    parent = start(database, Family, {"letters": 3})
    work(database, Family)

    with database.read() as connection:
        first = inspection.children(connection, parent, limit=2, viewer=SEES_ALL)
        rest = inspection.children(connection, parent, limit=2, after=first[-1].process.id, viewer=SEES_ALL)
        hidden = replace(SEES_ALL, kinds=frozenset({"family"}))
        not_seen = inspection.children(connection, parent, limit=2, viewer=hidden)

    assert [(each.key, each.process.parent_id) for each in (*first, *rest)] == [(n, parent) for n in "012"]
    assert not_seen == []


def test_it_is_told_that_a_parent_waits_for_its_children(database: Database) -> None:
    parent = start(database, Family)
    work(database, Family)

    with database.read() as connection:
        around = inspection.look_around(connection, Gates(), {}, now=clock.now(), viewer=SEES_ALL)
        told = inspection.explain(inspection.get(connection, parent, viewer=SEES_ALL), around)

    assert told == "It waits for its children."


def related(database: Database, process_id: int) -> tuple[Any, ...]:
    registry = Registry([Family, Letter])
    with database.read() as connection:
        around = inspection.look_around(connection, Gates(), {}, now=clock.now(), viewer=SEES_ALL)
        page = inspection.process_page(connection, process_id, around=around, registry=registry, viewer=SEES_ALL)
    return page.relatives
