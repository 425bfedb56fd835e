"""What people do to commands and workers, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from chromium import Seen, opened
from command_office import MONDAY, REGISTRY, furnish_kinds, office_settings
from freezegun import freeze_time
from limit_acts import shared
from rig import execute, status
from web_server import serving
from web_visitor import add_user

from process_manager import clock as engine_clock
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.office import Office
from tests.web.test_flows import come_in, heading

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PAGES = ("/commands", "/workers", "/kinds")


@pytest.fixture
def made(database: Database) -> Iterator[dict[str, int]]:
    """The commands, and ada who may act on them, on Monday at 14:32 in Copenhagen."""
    with freeze_time(MONDAY) as frozen:
        found = furnish_kinds(database, frozen)
        add_user(database, "ada", Role.OPERATOR)
    engine_clock.follow(MONDAY - datetime.now(UTC))
    yield found
    engine_clock.follow_host()


@pytest.fixture
def address(durable_files: None, database: Database, made: dict[str, int]) -> Iterator[str]:
    """Where their pages are served."""
    with serving(Office.of(office_settings(), database, REGISTRY)) as found:
        yield found


@pytest.fixture
def seen(browser: Browser, address: str, database: Database) -> Iterator[Seen]:
    """A page of ada's, who has signed in."""
    with opened(browser, address) as found:
        yield come_in(found, database)


def test_a_command_is_run_now(seen: Seen, database: Database) -> None:
    seen.go("/commands")
    seen.page.get_by_role("button", name="Run oprydning now").click()

    note = seen.page.get_by_role("status")
    assert "Started: a worker takes it next." in note.inner_text()
    assert seen.page.evaluate("document.activeElement.id") == "note"
    note.get_by_role("link").click()
    assert status(database, int(seen.page.url.rpartition("/")[2])) == "pending"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_command_is_switched_off_until_a_moment_and_on_again(
    browser: Browser, address: str, database: Database, script: bool
) -> None:
    with opened(browser, address, script=script) as seen:
        come_in(seen, database).go("/commands")
        card = seen.page.get_by_role("article", name="oprydning")
        card.get_by_text("Switch off…").click()
        card.get_by_label("Reason").fill("the ledger is closed")
        card.get_by_label("Until").fill("2026-12-01T08:00")
        card.get_by_role("button", name="Switch off").click()

        assert "Switched off until tomorrow 08:00: the ledger is closed" in card.inner_text()
        seen.page.locator("#switches").get_by_role("button", name="Switch on oprydning").click()
        assert "It has not run yet." in card.inner_text()


def test_a_locked_command_is_unlocked(seen: Seen, database: Database, made: dict[str, int]) -> None:
    seen.go("/commands")
    card = seen.page.get_by_role("article", name="issue-invoices")
    card.get_by_text("Unlock…").click()
    card.get_by_label("Reason").first.fill("SRV-FIN-2 was rebooted")
    seen.page.keyboard.press("Enter")

    assert "Unlocked" in seen.page.get_by_role("status").inner_text()
    assert status(database, made["issue-invoices"]) == "pending"


def test_everything_is_stopped_and_the_page_says_by_itself_when_a_restart_is_safe(
    seen: Seen, database: Database
) -> None:
    seen.go("/commands")
    seen.page.get_by_text("Switch everything off…").click()
    seen.page.locator("#why-all").fill("the host is patched")
    seen.page.get_by_role("button", name="Switch everything off").click()
    assert "Everything is switched off" in heading(seen)
    seen.page.get_by_text("step match, which has been running on SRV-FIN-1:7:b").wait_for()

    engine_clock.follow(MONDAY + timedelta(minutes=1) - datetime.now(UTC))  # every worker has seen it by then
    execute(database, "UPDATE processes SET lease_ends_at = step_started_at WHERE status = 'running'")

    seen.page.get_by_role("heading", name="All stopped: safe to restart.").wait_for()


def test_a_worker_is_drained_with_a_reason(seen: Seen, database: Database) -> None:
    seen.go("/workers")
    seen.page.get_by_text("Drain RPA-01:3:c…").click()
    seen.page.get_by_label("Reason").first.fill("the host is patched")
    seen.page.get_by_role("button", name="Drain RPA-01:3:c").click()

    assert "It takes nothing more and ends." in seen.page.get_by_role("status").inner_text()
    assert execute(database, "SELECT name FROM workers WHERE drain_asked_at IS NOT NULL ORDER BY name") == [
        ("RPA-01:3:c",),
        ("RPA-02:4:d",),
    ]


def test_a_limit_is_changed_with_a_reason(seen: Seen, database: Database) -> None:
    shared(database)
    seen.go("/workers")
    seen.page.get_by_label("Change sap-seats…").click()
    seen.page.get_by_label("At most (empty: as the code says)").fill("5")
    seen.page.get_by_label("Reason").last.fill("two more licences")
    seen.page.get_by_role("button", name="Change sap-seats").click()

    assert "Every worker goes by it from its next look on." in seen.page.get_by_role("status").inner_text()
    assert "5 seats" in seen.page.get_by_role("row", name="sap-seats").inner_text()
    assert execute(database, "SELECT chosen, changed_by FROM limits") == [(5, "ada")]


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
            seen.page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(d => { d.open = true })")
            found = axe.run(seen.page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
            for menu in range(seen.page.locator("details.menu").count()):
                seen.page.evaluate(
                    "n => document.querySelectorAll('details.menu').forEach((d, i) => { d.open = i === n })", menu
                )
                assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= width, f"{path}, menu {menu}"
            found = axe.run(seen.page)
            assert found.violations_count == 0, f"{path}, menu open: {found.generate_report()}"
