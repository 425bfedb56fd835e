"""How often a page asks the database, when nothing is kept from before: at most twelve times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import backends
import pytest
import sqlalchemy as sa
from command_office import office_settings
from freezegun import freeze_time
from invoices import FRIDAY
from sqlalchemy.engine.interfaces import CacheStats
from web_visitor import Visitor
from whole_office import GETS, REGISTRY, Furnished, furnish_all

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web import cookies
from process_manager.web.app import create_app
from process_manager.web.office import Office

MOST = 12
SENT = {"/audit/export", "/processes/export", "/reports/export"}
"""Files, which are sent portion by portion."""
TRIED = "/batches/new"
"""Each act is done and taken back, which takes a few statements for each process."""
OF_THE_TRANSACTION = ("PRAGMA", "BEGIN")


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("database", backends.BACKENDS, indirect=True)
def test_no_page_asks_more_than_twelve_times(database: Database, clock: Any) -> None:
    found = furnish_all(database, clock)
    cookie = Visitor(create_app(Office.of(office_settings(), database, REGISTRY))).come_in(database, role=Role.ADMIN)

    asked = {address: statements(database, cookie, address) for address in addresses(found)}

    assert {address: said for address, said in asked.items() if len(said) > MOST} == {}


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("database", ["sqlite", "postgresql_18"], indirect=True)
def test_no_page_makes_a_statement_anew_that_it_made_before(database: Database, clock: Any) -> None:
    found = furnish_all(database, clock)
    cookie = Visitor(create_app(Office.of(office_settings(), database, REGISTRY))).come_in(database, role=Role.ADMIN)

    anew = {}
    for address in addresses(found):
        statements(database, cookie, address)
        with compiled(database) as again:
            statements(database, cookie, address)
        anew[address] = again

    assert {address: made for address, made in anew.items() if made} == {}


@contextmanager
def compiled(database: Database) -> Iterator[list[str]]:
    """The statements that are made into text."""
    made: list[str] = []

    def listen(_connection: Any, _cursor: Any, text: str, _values: Any, context: Any, _many: bool) -> None:
        if context.cache_hit is CacheStats.CACHE_MISS:
            made.append(text)

    sa.event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield made
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", listen)


def addresses(found: Furnished) -> list[str]:
    """Every page, and the page of a process in each state."""
    pages = [found.address(path) for path in GETS if path not in SENT | {TRIED}]
    return [*pages, *(f"/processes/{each}" for each in found.invoices.values() if f"/processes/{each}" not in pages)]


def statements(database: Database, cookie: str, address: str) -> list[str]:
    """What a server asks for that has only just begun."""
    visitor = Visitor(create_app(Office.of(office_settings(), database, REGISTRY)))
    visitor.browser.cookies.set(cookies.SESSION, cookie, domain="127.0.0.1")
    with backends.overheard(database) as said:
        answer = visitor.get(address)
    assert answer.status_code in (200, 303), address
    return [each for each in said if not each.startswith(OF_THE_TRANSACTION)]
