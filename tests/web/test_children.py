"""The children of a process: all of them by pages, on a page of their own and by the API."""

from __future__ import annotations

import pytest
from family_steps import Family, Letter
from rig import settings, start, work
from web_visitor import Visitor, as_program

from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web import app as web_app
from process_manager.web.office import Office
from process_manager.web.pages import process_story

pytestmark = pytest.mark.slow


@pytest.fixture
def visitor(database: Database) -> Visitor:
    return Visitor(web_app.create_app(Office.of(settings(), database, Registry([Family, Letter]))))


def test_the_page_of_a_parent_leads_to_all_of_its_children(
    visitor: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_story, "MOST_CHILDREN", 2)
    parent = start(database, Family, {"letters": 3})
    work(database, Family, Letter)
    visitor.come_in(database)
    all_of_them = f"/processes/{parent}/children"

    first = visitor.get(all_of_them).text
    second = visitor.get(f"{all_of_them}?after={parent + 2}").text

    assert f'href="{all_of_them}"' in visitor.get(f"/processes/{parent}").text
    assert f'href="{all_of_them}"' not in visitor.get(f"/processes/{parent + 1}").text
    assert [f"letter {parent + number}" in first for number in (1, 2, 3)] == [True, True, False]
    assert [f"letter {parent + number}" in second for number in (1, 2, 3)] == [False, False, True]
    assert f"{all_of_them}?after={parent + 2}" in first
    assert ["More children" in each for each in (first, second)] == [True, False]
    assert "There are none here." in visitor.get(f"/processes/{parent + 1}/children").text
    assert visitor.get("/processes/99999/children").status_code == 404


def test_the_api_lists_children_with_their_keys(visitor: Visitor, database: Database) -> None:
    parent = start(database, Family, {"letters": 3})
    work(database, Family, Letter)
    path, who = f"/api/v1/processes/{parent}/children", as_program(database)

    first = visitor.get(f"{path}?limit=2", authorization=who).json()
    rest = visitor.get(f"{path}?limit=2&after={first['next_after']}", authorization=who).json()

    assert [(each["key"], each["process"]["status"]) for each in first["items"]] == [
        ("0", "succeeded"),
        ("1", "succeeded"),
    ]
    assert [each["process"]["parent_id"] for each in rest["items"]] == [parent]
    assert (first["next_after"], rest["next_after"]) == (first["items"][-1]["process"]["id"], None)
