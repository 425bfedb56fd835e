"""What operators and admins do on the pages Audit, System, Users and Reports, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from chromium import Seen, opened
from invoice_pages import ZONE
from invoices import REGISTRY
from rig import settings, start
from web_server import serving
from web_visitor import add_user

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import Policies, acting
from process_manager.governance.process_actions import Abandon
from process_manager.web import cookies, sessions
from process_manager.web.office import Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROOT = Actor("root", is_person=True, way="console", role=Role.ADMIN)
PAGES = ("/audit", "/system", "/users", "/users/ada", "/account", "/reports")


@pytest.fixture
def address(durable_files: None, database: Database, known: str) -> Iterator[str]:
    """Where the pages are served that ada, an admin, may look at; root has abandoned a process."""
    add_user(database, "ada", Role.ADMIN, password_hash=known)
    acting(database, ROOT, Abandon(start(database), reason="paid by hand"), policies=Policies())
    with serving(Office.of(settings(zone=ZONE), database, REGISTRY)) as found:
        yield found


@pytest.fixture
def seen(browser: Browser, address: str, database: Database) -> Iterator[Seen]:
    """A page of ada's, who has signed in."""
    with opened(browser, address) as found:
        yield come_in(found, database)


def come_in(seen: Seen, database: Database) -> Seen:
    """Sign ada in without the work of a password."""
    ada = Actor("ada", is_person=True, way="page", role=Role.ADMIN)
    value = sessions.create(database, ada, before=None, now=clock.now())
    seen.page.context.add_cookies([{"name": cookies.SESSION, "value": value, "url": seen.address}])
    return seen


def heading(seen: Seen) -> str:
    return seen.page.locator("h1").inner_text()


def test_the_audit_is_found_filtered_verified_and_exported(seen: Seen) -> None:
    seen.go("/system")
    seen.page.get_by_role("link", name="Audit").click()
    assert "The audit is intact: 1 entry" in heading(seen)
    assert "“paid by hand”" in seen.page.get_by_role("row").nth(1).inner_text()

    seen.page.get_by_text("Filter").click()
    seen.page.get_by_label("Who", exact=True).fill("nobody")
    seen.page.get_by_role("button", name="Show these").click()
    assert "No entry matches these filters." in seen.page.locator(".empty").inner_text()
    seen.page.get_by_label("Remove filter: who nobody").click()
    seen.page.get_by_role("button", name="Verify now").click()
    assert "up to entry 1." in heading(seen)

    seen.page.get_by_text("Export").click()
    with seen.page.expect_download() as got:
        seen.page.get_by_role("link", name="CSV for Excel").click()
    assert got.value.suggested_filename == "audit.csv"


def test_a_user_is_added_and_comes_in_with_the_password_that_was_shown(
    seen: Seen, browser: Browser, address: str
) -> None:
    seen.go("/users")
    seen.page.get_by_text("Add a user…").click()
    seen.page.get_by_label("Name").fill("bo")
    seen.page.get_by_label("every kind, those to come too").check()
    seen.page.get_by_role("button", name="Add the user").click()
    note = seen.page.get_by_role("status")
    assert "This is the password of bo." in note.inner_text()

    with opened(browser, address) as theirs:
        theirs.go("/account")
        theirs.page.get_by_label("User name").fill("bo")
        theirs.page.get_by_label("Password").fill(note.locator("code").inner_text())
        theirs.page.get_by_role("button", name="Sign in").click()
        theirs.page.wait_for_url(f"{address}/account")
        assert "You are bo." in heading(theirs)


def test_a_token_is_made_and_revoked(seen: Seen) -> None:
    seen.go("/users")
    seen.page.get_by_text("Make a token…").click()
    seen.page.get_by_role("textbox", name="Program").fill("payroll")
    seen.page.get_by_label("read").first.check()
    seen.page.get_by_role("button", name="Make the token").click()
    assert seen.page.get_by_role("status").locator("code").inner_text().startswith("pm_")

    seen.page.get_by_role("button", name="Revoke the token of payroll").click()
    assert "No program has a token." in seen.page.locator("main").inner_text()


def test_a_report_is_turned_to_another_month_and_sent_as_a_file(seen: Seen) -> None:
    seen.go("/attention")
    seen.page.get_by_role("link", name="Reports").click()
    assert "so far: one process finished, with the help of a person." in heading(seen)
    assert seen.page.get_by_role("button", name="Print").is_visible()

    seen.page.get_by_text("Export").click()
    with seen.page.expect_download() as got:
        seen.page.get_by_role("link", name="CSV for Excel: the days").click()
    assert got.value.suggested_filename.endswith("-days.csv")
    seen.page.locator("summary", has_text="month").click()
    seen.page.locator(".chips .menu[open] a").nth(1).click()
    assert "no process finished" in heading(seen)


@pytest.mark.parametrize(("width", "scheme"), [(1366, "light"), (390, "dark")])
def test_nothing_is_wrong_for_those_who_need_help_to_read(
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
