"""What people do to jobs, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from chromium import Seen, opened
from job_pages import REGISTRY, furnish_jobs, said
from rig import row, settings
from web_server import serving
from web_visitor import add_user

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.office import Office
from tests.web.test_flows import come_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def made(database: Database) -> dict[str, int]:
    """A job in each status, and ada who may act on them."""
    add_user(database, "ada", Role.OPERATOR)
    return furnish_jobs(database)


@pytest.fixture
def address(durable_files: None, database: Database, made: dict[str, int]) -> Iterator[str]:
    """Where their pages are served."""
    with serving(Office.of(settings(zone="Europe/Copenhagen"), database, REGISTRY)) as found:
        yield found


@pytest.fixture
def seen(browser: Browser, address: str, database: Database) -> Iterator[Seen]:
    """A page of ada's, who has signed in."""
    with opened(browser, address) as found:
        yield come_in(found, database)


def test_j10_a_log_goes_on_by_itself_while_the_step_writes_and_no_line_comes_twice(
    seen: Seen, database: Database, made: dict[str, int]
) -> None:
    seen.go("/jobs")
    log = seen.page.get_by_role("log")
    assert log.get_by_text("is read rows").count() == 3

    said(database, made["running"], 4, 40)
    log.get_by_text("batch 40 is read").wait_for()
    said(database, made["running"], 41, 45)
    log.get_by_text("batch 45 is read").wait_for()

    written = log.get_by_text("is read rows").all_inner_texts()
    assert written == [f"batch {number} is read rows={100 * number}" for number in range(1, 46)]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_running_job_is_asked_to_stop_and_the_page_says_that_it_is_stopping(
    browser: Browser, address: str, database: Database, made: dict[str, int], script: bool
) -> None:
    with opened(browser, address, script=script) as seen:
        come_in(seen, database).go("/jobs")
        line = seen.page.get_by_role("row", name="November")
        line.get_by_text("Stop…").click()
        line.get_by_label("Reason").fill("the wrong month")
        line.get_by_role("button", name="Ask it to stop").click()

        assert "Asked to stop" in seen.page.get_by_role("status").inner_text()
        assert "Stopping" in seen.page.get_by_role("row", name="November").inner_text()
    assert row(database, made["running"])["stop_requested_by"] == "ada"


def test_a_job_that_failed_is_opened_and_run_again(seen: Seen, database: Database, made: dict[str, int]) -> None:
    seen.go("/jobs?status=failed")
    seen.page.get_by_role("link", name="Rates 2027", exact=True).click()
    assert seen.page.get_by_role("heading", name="Rates 2027: log").is_visible()

    seen.page.get_by_role("button", name="Run again Rates 2027").click()

    assert "Started anew" in seen.page.get_by_role("status").inner_text()
    assert row(database, max(made.values()) + 1)["rerun_of"] == made["failed"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1366])
def test_the_page_is_as_wide_as_the_window_and_open_to_everybody(
    browser: Browser, address: str, database: Database, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with opened(browser, address, width=width, scheme=scheme) as seen:
        come_in(seen, database).go("/jobs")
        assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= width
        found = axe.run(seen.page)
        assert found.violations_count == 0, found.generate_report()
        seen.page.evaluate("document.querySelectorAll('details.menu').forEach((d, i) => { d.open = i === 1 })")
        assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= width
        found = axe.run(seen.page)
        assert found.violations_count == 0, found.generate_report()
