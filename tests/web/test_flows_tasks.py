"""What people do on the pages of tasks, schedules and events, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from asking_steps import Asks, AsksApart
from chromium import Seen, opened
from invoice_pages import ZONE
from rig import settings
from task_acts import asked, task
from web_server import serving
from web_visitor import add_user

from process_manager import clock, governance
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.definition.schedule import Cron
from process_manager.governance import Policies
from process_manager.governance.event_actions import SignalEvent
from process_manager.governance.schedule_actions import AddSchedule
from process_manager.operations.schedules import NewSchedule
from process_manager.web import cookies, sessions
from process_manager.web.office import Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KNOWN = Registry([Asks, AsksApart])
ADA = Actor("ada", is_person=True, way="page", role=Role.CASEWORKER)
ROOT = Actor("root", is_person=True, way="console", role=Role.ADMIN)


@pytest.fixture
def task_id(durable_files: None, database: Database) -> int:
    """A task that asks economy, of which ada is."""
    add_user(database, "ada", Role.CASEWORKER, groups=frozenset({"economy"}))
    new = NewSchedule("nightly", "asks", Cron("30 2 * * *", working_days="next", holidays="DK"))
    for action in (AddSchedule(new, KNOWN, ZONE), SignalEvent("paid:1")):
        governance.acting(database, ROOT, action, policies=Policies())
    return asked(database, AsksApart, reference="26-4711")


@pytest.fixture
def address(task_id: int, database: Database) -> Iterator[str]:
    """Where the pages are served."""
    with serving(Office.of(settings(zone=ZONE), database, KNOWN)) as found:
        yield found


def come_in(seen: Seen, database: Database) -> Seen:
    """Sign ada in without the work of a password."""
    value = sessions.create(database, ADA, before=None, now=clock.now())
    seen.page.context.add_cookies([{"name": cookies.SESSION, "value": value, "url": seen.address}])
    return seen


@pytest.mark.parametrize("script", [True, False])
def test_a_task_is_found_filled_in_corrected_and_answered(
    browser: Browser, address: str, database: Database, task_id: int, *, script: bool
) -> None:
    with opened(browser, address, script=script) as seen:
        page = come_in(seen, database).page
        seen.go("/attention")
        page.get_by_role("link", name="Tasks").click()
        page.get_by_role("link", name="Approve it?").click()
        page.get_by_label("Approved").check()
        page.get_by_label("Amount").fill("-5")
        page.get_by_role("button", name="Answer").click()
        assert page.get_by_text("Write at least 0.").is_visible()
        assert page.get_by_label("Approved").is_checked()
        seen.complaints.clear()  # the browser tells of the answer 422

        page.get_by_label("Amount").fill("1 200")
        page.get_by_role("button", name="Answer").click()

        page.get_by_text("Answered: its process goes on.").wait_for()
        assert page.url.endswith(f"/tasks/{task_id}?done=answer")
        assert seen.elsewhere == []
    assert task(database, task_id).task.answered_by == "ada"


@pytest.mark.parametrize(("width", "scheme"), [(1366, "light"), (390, "dark")])
def test_nothing_is_wrong_for_those_who_need_help_to_read(
    browser: Browser, address: str, database: Database, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with opened(browser, address, width=width, scheme=scheme) as seen:
        come_in(seen, database)
        for path in ("/tasks", "/tasks/1", "/processes/1", "/schedules", "/events?event=paid:1"):
            seen.go(path)
            assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= width, path
            seen.page.evaluate("document.querySelectorAll('details').forEach(d => { d.name = ''; d.open = true })")
            found = axe.run(seen.page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert seen.complaints == []
