"""Kinds and versions: what a deployment would do to what is open, and who can run each version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from command_office import MONDAY, REGISTRY, furnish_kinds, live, office_settings
from freezegun import freeze_time
from invoice_pages import Pages, text
from rig import start
from web_visitor import Visitor

from process_manager import Done, Process, StepRun
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web.app import create_app
from process_manager.web.office import Office
from tests.web.test_workers import rows


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(MONDAY) as frozen:
        yield frozen


def opened(database: Database, made: dict[str, int], registry: Registry = REGISTRY, **more: Any) -> Pages:
    visitor = Visitor(create_app(Office.of(office_settings(), database, registry)))
    visitor.come_in(database, role=Role.OPERATOR, **more)
    return Pages(database, made, visitor)


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return opened(database, furnish_kinds(database, clock))


def test_it_says_first_what_a_deployment_would_do_to_each_version_with_open_processes(pages: Pages) -> None:
    answer = pages.get("/kinds")

    said = text(answer)
    assert "Two processes are stranded: no worker can run rykker 7, rykker 3." in said
    assert "The code of this server would strand two processes." in said
    assert "rykker 3 3 1 h 12 min 1 stranded They are at ask. The code has no such step." in said
    assert "rykker 7 1 0 s 1 stranded The code has no version 7 of it, and no upgrade from it." in said
    assert "rykker 2 1 0 s Move to version 3 The code declares an upgrade" in said
    assert "import-books 1 1 50 min Continue unchanged" in said
    assert said.index("1 stranded") < said.index("Move to version 3") < said.index("Continue unchanged")


def test_each_kind_says_how_many_are_at_each_step_and_who_can_run_its_versions(pages: Pages) -> None:
    answer = pages.get("/kinds")

    said = text(answer)
    assert "rykker Reminds a citizen about an unpaid invoice. All processes" in said
    assert "1 look Is it paid? 4 here 2 letter once Sends the letter. 0 here ask of another version 1 here" in said
    assert "rykker 7 not in the code of this server Stranded – 1 – – 0 s none" in said
    assert "No worker for ask – 3 – – 1 h 12 min RPA-01:3:c" in said
    assert "In use – – – 1 0 s RPA-01:3:c" in said  # kontoafstemning, which runs
    assert "In use 1 – – – 50 min RPA-01:3:c" in said  # import-books, which has failed
    assert "Nothing open – – – – –" in rows(answer)["oprydning"]


def test_where_all_is_well_it_says_so(database: Database, clock: Any) -> None:
    pages = opened(database, {})
    live(database, "RPA-01:3:c")

    said = text(pages.get("/kinds"))

    assert "Everything that is open can be run. Every worker has the code of this server." in said
    assert "Nothing is open, so nothing would happen." in said


def test_a_server_with_other_code_than_the_workers_says_so(database: Database, clock: Any) -> None:
    live(database, "RPA-01:3:c")
    some = Registry(cls for cls in REGISTRY if cls.name != "rykker")
    start(database, next(cls for cls in REGISTRY if cls.name == "rykker"))

    said = text(opened(database, {}, some).get("/kinds"))

    assert "Everything that is open can be run. The code of this server would strand one process." in said
    assert "the workers have another" in said


def test_who_sees_some_kinds_only_sees_no_other(database: Database, clock: Any) -> None:
    pages = opened(database, furnish_kinds(database, clock), kinds=frozenset({"import-books"}))

    said = text(pages.get("/kinds"))

    assert "import-books 1" in said
    assert "rykker" not in said
    assert "kontoafstemning" not in said


def of_number(number: int) -> type[Process]:
    def work(self: Process, run: StepRun) -> Done:
        return Done()

    return type(f"Kind{number}", (Process,), {"STEPS": {"a": "work"}, "work": work})


def test_the_page_takes_as_many_statements_for_many_kinds_as_for_few(database: Database, clock: Any) -> None:
    counts = []
    for number in (2, 40):
        registry = Registry(of_number(each) for each in range(number))
        for cls in registry:
            start(database, cls)
        counts.append(statements(opened(database, {}, registry, name=f"user{number}"), database))

    assert counts[0] == counts[1]
    assert counts[0] <= 6


def statements(pages: Pages, database: Database) -> int:
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2])

    pages.get("/kinds")
    sa.event.listen(database.engine, "before_cursor_execute", count)
    try:
        pages.get("/kinds")
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", count)
    return len([each for each in asked if not each.startswith(("PRAGMA", "BEGIN")) and "sessions" not in each])


def test_what_is_shown_is_not_sent_again_until_something_happens(pages: Pages) -> None:
    address = re.search(r'hx-get="([^"]+)"', pages.get("/kinds").text)
    assert address is not None
    live_address = address[1].replace("&amp;", "&")

    same = pages.get(live_address, hx_request="true")
    start(pages.database, next(cls for cls in REGISTRY if cls.name == "rykker"))
    other = pages.get(live_address, hx_request="true")

    assert (same.status_code, other.status_code) == (204, 200)
