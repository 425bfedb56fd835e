"""A list with its filters is kept under a name: for oneself, and by an admin for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from invoice_pages import ZONE, Pages, made, text
from invoices import FRIDAY, REGISTRY
from rig import settings
from web_visitor import Visitor

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.app import create_app
from process_manager.web.office import Office

ERRORS = {"name": "Errors in book", "address": "status=failed&step=book&after=0-1&nonsense=1"}


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock, role=Role.VIEWER)


def views(page: Any) -> dict[str, str]:
    """The saved views above the list, and where each leads."""
    nav = page.text.partition('<nav class="views"')[2].partition("<details")[0]
    found = re.findall(r'href="([^"]+)"[^>]*>([^<]+?)\s*<', nav)
    return {name: href.replace("&amp;", "&") for href, name in found[4:]}


def somebody(database: Database, name: str, role: Role) -> Visitor:
    visitor = Visitor(create_app(Office.of(settings(zone=ZONE), database, REGISTRY)))
    visitor.come_in(database, name=name, role=role)
    return visitor


def test_a_view_is_an_address_with_a_name_for_who_saved_it(pages: Pages, database: Database) -> None:
    saved = pages.visitor.post("/processes/views", ERRORS)
    page = pages.get(saved.headers["location"])

    assert saved.headers["location"] == "/processes?step=book&status=failed"
    assert views(page) == {"Errors in book": "/processes?step=book&status=failed"}
    assert 'href="/processes?step=book&amp;status=failed" aria-current="page">Errors in book' in page.text
    assert views(somebody(database, "ole", Role.ADMIN).get("/processes")) == {}


def test_an_admin_saves_a_view_for_everybody_and_others_may_not(pages: Pages, database: Database) -> None:
    root = somebody(database, "root", Role.ADMIN)

    refused = pages.visitor.post("/processes/views", {**ERRORS, "shared": "1"})
    done = root.post("/processes/views", {**ERRORS, "shared": "1"})

    assert (refused.status_code, done.status_code) == (403, 303)
    assert list(views(pages.get("/processes"))) == ["Errors in book"]
    assert "For everybody" in text(root.get("/processes?status=failed"))
    assert "For everybody" not in text(pages.get("/processes?status=failed"))
    assert "Delete the view Errors in book" not in text(pages.get("/processes"))


def test_a_view_is_deleted_by_who_saved_it(pages: Pages) -> None:
    pages.visitor.post("/processes/views", ERRORS)

    assert "Delete the view Errors in book" in text(pages.get("/processes"))
    pages.visitor.post("/processes/views", {"name": "Errors in book", "delete": "1"})

    assert views(pages.get("/processes")) == {}


def test_what_is_no_view_is_refused(pages: Pages) -> None:
    pages.visitor.post("/processes/views", ERRORS)

    for form, why in (
        (ERRORS, "There is a view of this name."),
        ({**ERRORS, "name": " "}, "A view has a name of 1 to 100 characters."),
        ({**ERRORS, "name": "x" * 101}, "A view has a name of 1 to 100 characters."),
        ({"name": "x", "address": "status=broken"}, "There is no status"),
    ):
        answer = pages.visitor.post("/processes/views", form)
        assert (answer.status_code, why in text(answer)) == (422, True), form


def test_nobody_saves_without_end(pages: Pages) -> None:
    answers = [pages.visitor.post("/processes/views", {**ERRORS, "name": f"v{number}"}) for number in range(31)]

    assert [each.status_code for each in answers] == [303] * 30 + [422]


def test_who_sees_some_kinds_saves_views_too(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.VIEWER, kinds=frozenset({"letter"}))

    assert pages.visitor.post("/processes/views", ERRORS).status_code == 303
