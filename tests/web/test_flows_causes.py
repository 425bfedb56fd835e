"""What people do about many at once, in a real Chromium: one first and a stop, and all that match."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from bills import KNOWN, Bill, failed, restarts
from chromium import Seen, opened
from rig import settings, status, work
from web_server import serving
from web_visitor import add_user

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.web import cookies, sessions
from process_manager.web.office import Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def bills(database: Database) -> list[int]:
    """Twelve bills that have failed, and ada who may restart them."""
    add_user(database, "ada", Role.OPERATOR)
    return failed(database, 12)


@pytest.fixture
def address(durable_files: None, database: Database, bills: list[int]) -> Iterator[str]:
    """Where their pages are served."""
    with serving(Office.of(settings(), database, KNOWN)) as found:
        yield found


@pytest.fixture
def few_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more than ten the number is typed, not only of more than two hundred."""
    monkeypatch.setattr("process_manager.web.pages.batches.TYPED_FROM", 10)


def come_in(seen: Seen, database: Database) -> Seen:
    """Sign ada in without the work of a password."""
    ada = Actor("ada", is_person=True, way="page", role=Role.OPERATOR)
    value = sessions.create(database, ada, before=None, now=clock.now())
    seen.page.context.add_cookies([{"name": cookies.SESSION, "value": value, "url": seen.address}])
    return seen


def says(seen: Seen, words: str) -> None:
    """Wait until the heading says so."""
    seen.page.locator("h1", has_text=words).wait_for()


def test_of_a_cause_one_is_restarted_first_the_next_wave_follows_and_the_rest_is_stopped(
    browser: Browser, address: str, database: Database, bills: list[int]
) -> None:
    with opened(browser, address) as seen:
        come_in(seen, database).go("/causes")
        says(seen, "Twelve processes have stopped until someone acts")
        seen.page.get_by_role("link", name="Restart 12…").click()
        says(seen, "Twelve processes would be restarted.")
        assert status(database, bills[0]) == "failed"
        seen.page.get_by_label("Reason").fill("the network is up")
        seen.page.get_by_role("button", name="Restart 12").click()

        says(seen, "1 of 12 processes restarted:")
        says(seen, "the rest follow when the first has passed.")
        work(database, Bill)
        says(seen, "5 of 12 processes restarted:")
        assert seen.page.get_by_role("progressbar").get_attribute("value") == "5"
        seen.page.get_by_role("button", name="Stop").click()
        says(seen, "ada stopped it, and the rest was left alone.")

    assert [status(database, each) for each in bills] == ["succeeded", *["pending"] * 4, *["failed"] * 7]
    assert restarts(database, bills[:5]) == {1}


@pytest.mark.usefixtures("few_are_typed")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_all_that_match_are_shown_confirmed_by_their_number_and_abandoned(
    browser: Browser, address: str, database: Database, bills: list[int], script: bool
) -> None:
    with opened(browser, address, script=script) as seen:
        come_in(seen, database).go("/processes?status=failed")
        seen.page.get_by_role("link", name="Abandon…").click()
        says(seen, "Twelve processes would be abandoned.")
        seen.page.get_by_label("Reason").fill("paid by hand")
        seen.page.get_by_label("Type how many they are: 12").fill("11")
        seen.page.get_by_role("button", name="Abandon 12 permanently").click()
        assert "That is not the number" in seen.page.get_by_role("alert").inner_text()
        seen.page.get_by_label("Type how many they are: 12").fill("12")
        seen.page.get_by_role("button", name="Abandon 12 permanently").click()

        says(seen, "of 12 processes abandoned:")
        while not script and "12 of 12" not in seen.page.locator("h1").inner_text():
            seen.page.reload()
        says(seen, "12 of 12 processes abandoned:")
        assert seen.page.get_by_role("row", name="abandoned").count() == 12

    assert {status(database, each) for each in bills} == {"abandoned"}


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1366, "light")])
def test_the_pages_of_batches_are_as_wide_as_the_window_and_open_to_everybody(
    browser: Browser, address: str, database: Database, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with opened(browser, address, width=width, scheme=scheme) as seen:
        come_in(seen, database).go("/batches/new?act=restart&status=failed")
        seen.page.get_by_label("Reason").fill("the network is up")
        seen.page.get_by_role("button", name="Restart 12").click()
        says(seen, "1 of 12 processes restarted:")
        for path in ("/causes", "/batches/new?act=restart&status=failed", "/batches", "/batches/1"):
            seen.go(path)
            assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= width, path
            seen.page.evaluate("document.querySelectorAll('details').forEach(d => { d.name = ''; d.open = true })")
            found = axe.run(seen.page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
