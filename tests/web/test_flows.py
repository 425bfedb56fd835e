"""What people do on the pages of processes, in a real Chromium: by mouse and keyboard, on a phone, without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from chromium import Seen, opened
from freezegun import freeze_time
from invoice_pages import ZONE
from invoices import FRIDAY, REGISTRY, furnish, invoice
from rig import abandon, history, settings, status
from web_server import serving
from web_visitor import GOOD, add_user

from process_manager import clock as engine_clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.web import cookies, sessions
from process_manager.web.office import Office
from tests.web.test_escaping import SCRIPTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PAGES = (
    "/attention",
    "/causes",
    "/processes",
    "/processes?status=person",
    "/processes?name=faktura&status=failed",
    "/processes/board",
    "/processes/1/history",
    *(f"/processes/{number}" for number in (1, 4, 5, 8, 9)),
)


@pytest.fixture
def made(database: Database, known: str) -> dict[str, int]:
    """The invoices, and ada who may act on them."""
    with freeze_time(FRIDAY) as frozen:
        found = furnish(database, frozen)
    engine_clock.follow_host()
    add_user(database, "ada", Role.OPERATOR, password_hash=known)
    return found


@pytest.fixture
def address(durable_files: None, database: Database, made: dict[str, int]) -> Iterator[str]:
    """Where their pages are served."""
    with serving(Office.of(settings(zone=ZONE), database, REGISTRY)) as found:
        yield found


@pytest.fixture
def seen(browser: Browser, address: str, database: Database) -> Iterator[Seen]:
    """A page of ada's, who has signed in."""
    with opened(browser, address) as found:
        yield come_in(found, database)


def come_in(seen: Seen, database: Database) -> Seen:
    """Sign ada in without the work of a password."""
    ada = Actor("ada", is_person=True, way="page", role=Role.OPERATOR)
    value = sessions.create(database, ada, before=None, now=engine_clock.now())
    seen.page.context.add_cookies([{"name": cookies.SESSION, "value": value, "url": seen.address}])
    return seen


def heading(seen: Seen) -> str:
    return seen.page.locator("h1").inner_text()


def test_a_failed_invoice_is_found_by_its_number_and_restarted_in_three_clicks(
    browser: Browser, address: str, database: Database, made: dict[str, int]
) -> None:
    with opened(browser, address) as seen:
        seen.go("/")
        seen.page.get_by_label("User name").fill("ada")
        seen.page.get_by_label("Password").fill(GOOD)
        seen.page.get_by_role("button", name="Sign in").click()
        assert "Four processes need a person" in heading(seen)

        seen.page.get_by_role("searchbox").fill("2026-10482")
        seen.page.get_by_role("button", name="Find").click()
        assert "Invoice 2026-10482 stopped at step 2 of 4, book:" in heading(seen)
        seen.page.get_by_label("Reason").first.click()
        seen.page.keyboard.type("the password is new")
        seen.page.get_by_role("button", name="Restart step 2").click()

        assert "Restarted: it is due now" in seen.page.get_by_role("status").inner_text()
        assert seen.page.evaluate("document.activeElement.id") == "note"
        assert status(database, made["failed"]) == "pending"


def test_an_uncertain_one_is_resolved_by_its_answer(seen: Seen, database: Database, made: dict[str, int]) -> None:
    seen.go("/attention")
    seen.page.get_by_role("link", name="Resolve 1…").click()
    assert "Did step book of Invoice 2026-10511 happen?" in heading(seen)

    seen.page.get_by_label("What it answered").fill('{"order": "4500118204"}')
    seen.page.get_by_label("How do you know?").first.fill("VA05 shows the order")
    seen.page.get_by_role("button", name="It happened").click()

    assert "Resolved: the step counts as done" in seen.page.get_by_role("status").inner_text()
    told = history(database, made["doubtful"])[-1]
    assert (told.outcome, told.by, told.payload) == ("resolve", "ada", {"order": "4500118204"})


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_many_are_checked_first_and_restarted_then(
    browser: Browser, address: str, database: Database, made: dict[str, int], script: bool
) -> None:
    with opened(browser, address, script=script) as seen:
        come_in(seen, database).go("/processes?status=failed")
        assert not seen.page.get_by_role("button", name="Restart…").is_visible()
        for reference in ("2026-10479", "2026-10397"):
            seen.page.get_by_label(f"Select {reference}").check()
        seen.page.get_by_role("button", name="Restart…").click()

        assert "Two processes would be restarted. Nothing has been done yet." in " ".join(heading(seen).split())
        assert status(database, made["trace"]) == "failed"
        seen.page.get_by_label("Reason").fill("new password")
        seen.page.get_by_role("button", name="Restart 2").click()

        assert "Two processes were restarted." in heading(seen)
        assert {status(database, made[each]) for each in ("trace", "failed too")} == {"pending"}


def test_without_a_script_a_process_is_found_restarted_and_abandoned(
    browser: Browser, address: str, database: Database, made: dict[str, int]
) -> None:
    with opened(browser, address, script=False) as seen:
        come_in(seen, database).go("/processes")
        seen.page.get_by_role("searchbox").fill("2026-10479")
        seen.page.keyboard.press("Enter")
        seen.page.get_by_label("Reason").first.fill("new password")
        seen.page.get_by_role("button", name="Restart step 2").click()
        assert "Restarted" in seen.page.get_by_role("status").inner_text()

        seen.page.get_by_text("Abandon…").click()
        seen.page.locator("#abandon-reason").fill("paid by hand")
        seen.page.get_by_role("button", name="Abandon permanently").click()
        assert "Abandoned: nothing runs it any more." in seen.page.get_by_role("status").inner_text()
        assert status(database, made["failed too"]) == "abandoned"
        assert not seen.page.get_by_role("button", name="Pause").is_visible()


def test_keys_find_a_process_and_restart_it(seen: Seen, database: Database, made: dict[str, int]) -> None:
    seen.go("/attention")
    seen.page.keyboard.press("g")
    seen.page.keyboard.press("p")
    seen.page.wait_for_url("**/processes")
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("2026-10397")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url(f"**/processes/{made['trace']}")
    seen.page.keyboard.press("r")
    seen.page.keyboard.type("r/jk . new password")
    seen.page.keyboard.press("Control+Enter")

    seen.page.wait_for_url("**?done=restart")
    assert history(database, made["trace"])[-1].message == "r/jk . new password"


def test_keys_walk_through_the_rows_and_select_them(seen: Seen) -> None:
    seen.go("/processes?status=failed")
    for key in ("j", "j", "k", "j"):
        seen.page.keyboard.press(key)
    assert seen.page.evaluate("document.activeElement.textContent") == "2026-10479"
    seen.page.keyboard.press("x")

    assert seen.page.get_by_label("Select 2026-10479").is_checked()
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_url(re.compile(r"/processes/\d+$"))


def test_the_keys_are_listed_and_can_be_switched_off(seen: Seen) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    seen.go("/attention")
    seen.page.keyboard.press("?")
    assert "Pause or resume live updates" in seen.page.locator("#keys").inner_text()
    found = axe.run(seen.page)
    assert found.violations_count == 0, found.generate_report()
    seen.page.get_by_role("button", name="Switch single keys off").click()
    seen.page.wait_for_selector('html[data-keys="off"]')

    seen.page.keyboard.press("/")
    seen.page.keyboard.press("?")

    assert seen.page.evaluate("document.activeElement.tagName") == "BODY"
    assert not seen.page.locator("#keys").is_visible()


def test_a_page_shows_by_itself_what_others_do(seen: Seen, database: Database, made: dict[str, int]) -> None:
    seen.go(f"/processes/{made['failed']}")
    seen.page.get_by_text("Show all as a table").click()

    abandon(database, made["failed"])

    seen.page.get_by_role("heading", name="Invoice 2026-10482 was abandoned:").wait_for()
    assert seen.page.locator("details[open]", has_text="Show all as a table").count() == 0  # there is a row more
    assert seen.page.get_by_role("button", name="Run again").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1366])
def test_every_page_is_as_wide_as_the_window_and_open_to_everybody(
    browser: Browser, address: str, database: Database, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with opened(browser, address, width=width, scheme=scheme) as seen:
        come_in(seen, database)
        for path in PAGES:
            seen.go(path)
            assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= width, path
            seen.page.evaluate("document.querySelectorAll('details').forEach(d => { d.name = ''; d.open = true })")
            found = axe.run(seen.page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"


def test_no_script_of_a_reference_runs(seen: Seen, database: Database) -> None:
    dialogs: list[str] = []
    seen.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    made = [invoice(database, f"{number} {each}", each) for number, each in enumerate(SCRIPTS)]
    for path in ("/processes", "/attention", *(f"/processes/{each}" for each in made[::5])):
        seen.go(path)
        assert seen.page.locator("h1").count() == 1
        assert seen.page.evaluate("document.querySelectorAll('main img, main script, main [onfocus]').length") == 0

    assert dialogs == []
