"""Starting a process on its page, in a real Chromium: by keyboard, with a file, on a phone, without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from chromium import Seen, opened
from rig import Three, execute, settings
from web_server import serving
from web_visitor import add_user

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web import cookies, sessions
from process_manager.web.office import Office
from tests.web.test_start import Invoice

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

REFUSED = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"


@pytest.fixture
def address(durable_files: None, database: Database) -> Iterator[str]:
    """Where the pages are served that ada may look at."""
    add_user(database, "ada", Role.CASEWORKER)
    with serving(Office.of(settings(zone="Europe/Copenhagen"), database, Registry([Invoice, Three]))) as found:
        yield found


def come_in(seen: Seen, database: Database) -> Seen:
    """Sign ada in without the work of a password."""
    ada = Actor("ada", is_person=True, way="page", role=Role.CASEWORKER)
    value = sessions.create(database, ada, before=None, now=clock.now())
    seen.page.context.add_cookies([{"name": cookies.SESSION, "value": value, "url": seen.address}])
    return seen


def fill(seen: Seen) -> None:
    """Fill in what must be."""
    for label, typed in {"Tilladelsesnr": "Å-518/26", "Amount": "7480.50", "Contact: Name": "Ida Holm"}.items():
        seen.page.get_by_label(label).fill(typed)
    seen.page.get_by_label("Valid from").fill("2026-12-01")
    seen.page.get_by_label("Zone").select_option("east")


def start(seen: Seen) -> None:
    seen.page.get_by_role("main").get_by_role("button", name="Start", exact=True).click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_mistake_is_told_corrected_and_the_process_started_with_its_file(
    browser: Browser, address: str, database: Database, tmp_path: Path, script: bool
) -> None:
    permit = tmp_path / "Tilladelse å.pdf"
    permit.write_bytes(b"%PDF-" + b"x" * 300_000)
    with opened(browser, address, script=script) as seen:
        come_in(seen, database).go("/attention")
        seen.page.get_by_role("link", name="Start", exact=True).click()
        seen.page.get_by_role("link", name="faktura").click()
        fill(seen)
        seen.page.get_by_label("Cvr").fill("1234567")
        start(seen)

        assert "Nothing was started. Correct 1 field first: Cvr." in seen.page.get_by_role("alert").inner_text()
        assert seen.page.locator(":focus").get_attribute("id") == "note"
        seen.page.get_by_role("alert").get_by_role("link", name="Cvr").click()
        assert seen.page.get_by_label("Cvr").evaluate("e => e === document.activeElement") or not script
        assert seen.page.get_by_label("Contact: Name").input_value() == "Ida Holm"
        seen.page.get_by_label("Cvr").fill("12345678")
        seen.page.get_by_label("Bilag").set_input_files(permit)
        start(seen)

        seen.page.wait_for_url(f"{address}/processes/1?done=start")
        with seen.page.expect_download() as download:
            seen.page.get_by_role("link", name="Tilladelse å.pdf").click()
        assert download.value.suggested_filename == "Tilladelse å.pdf"
        assert Path(download.value.path()).read_bytes() == permit.read_bytes()
        assert set(seen.complaints) <= {REFUSED}
        seen.complaints.clear()
    assert execute(database, "SELECT label, size FROM files WHERE process_id = 1") == [("Tilladelse å.pdf", 300_005)]


def test_by_keyboard_alone_it_is_checked_and_started(browser: Browser, address: str, database: Database) -> None:
    with opened(browser, address) as seen:
        come_in(seen, database).go("/start/three")
        seen.page.get_by_label("Details, as JSON").focus()
        seen.page.keyboard.type('{"invoice": 7}')
        for _ in range(3):
            seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")

        assert "All of it fits" in seen.page.get_by_role("status").inner_text()
        assert seen.page.locator(":focus").get_attribute("id") == "note"
        assert execute(database, "SELECT count(*) FROM processes") == [(0,)]
        seen.page.get_by_role("main").get_by_role("button", name="Start", exact=True).focus()
        seen.page.keyboard.press("Enter")

        seen.page.wait_for_url(f"{address}/processes/1?done=start")
    assert execute(database, "SELECT parameters FROM processes") == [('{"invoice":7}',)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_the_pages_are_as_wide_as_the_window_and_open_to_everybody(
    browser: Browser, address: str, database: Database, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with opened(browser, address, width=width, scheme=scheme) as seen:
        come_in(seen, database)
        for path in ("/start", "/start/invoice", "/start/three"):
            seen.go(path)
            look(seen, axe, width)
        seen.go("/start/invoice")
        start(seen)
        look(seen, axe, width)
        assert set(seen.complaints) <= {REFUSED}
        seen.complaints.clear()


def look(seen: Seen, axe: object, width: int) -> None:
    assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= width
    seen.page.evaluate("document.querySelectorAll('details').forEach(d => { d.name = ''; d.open = true })")
    found = axe.run(seen.page)  # type: ignore[attr-defined]  # it has no types
    assert found.violations_count == 0, found.generate_report()
