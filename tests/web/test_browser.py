"""The pages in a real Chromium: signing in, what a person sees, and what the browser complains of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import backends
import pytest
from chromium import Seen, opened
from rig import settings
from web_server import serving
from web_visitor import GOOD, add_user

from process_manager import clock
from process_manager.actor import Role
from process_manager.definition.registry import Registry
from process_manager.web import navigation
from process_manager.web.office import Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WRONG = "en ko på marken!"


@pytest.fixture
def address(durable_files: None, office: Office, known: str) -> Iterator[str]:
    """Where the pages are served that ada may look at."""
    add_user(office.database, "ada", Role.OPERATOR, password_hash=known)
    with serving(office) as found:
        yield found


@pytest.fixture
def seen(browser: Browser, address: str) -> Iterator[Seen]:
    """A page of the browser."""
    with opened(browser, address) as found:
        yield found


def sign_in(seen: Seen, password: str = GOOD) -> None:
    seen.page.get_by_label("User name").fill("ada")
    seen.page.get_by_label("Password").fill(password)
    seen.page.get_by_role("button", name="Sign in").click()


def test_a_person_signs_in_by_keyboard_and_comes_where_they_wanted_to_go(seen: Seen) -> None:
    seen.go("/system")
    seen.page.keyboard.type("ada")  # the first field has the focus
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.type(GOOD)
    seen.page.keyboard.press("Enter")

    seen.page.wait_for_url(f"{seen.address}/system")
    assert seen.page.title() == "System · Process manager"
    assert seen.page.get_by_role("link", name="System").get_attribute("aria-current") == "page"
    assert "ada" in seen.page.locator(".me").inner_text()


def test_a_wrong_password_is_told_and_the_name_stays(seen: Seen) -> None:
    seen.go("/sign-in?next=/system")
    sign_in(seen, WRONG)

    assert "Wrong user name or password" in seen.page.get_by_role("alert").inner_text()
    assert seen.page.get_by_label("User name").input_value() == "ada"
    assert seen.page.get_by_label("Password").input_value() == ""
    assert seen.page.evaluate("document.activeElement.id") == "password"
    seen.complaints.clear()  # of the status 422, which is what was tried
    sign_in(seen)
    seen.page.wait_for_url(f"{seen.address}/system")


SUBMITTED_TWICE = """() => {
  const form = document.querySelector("form[action='/sign-in']");
  let sent = 0;
  addEventListener("submit", (event) => { sent += !event.defaultPrevented; event.preventDefault(); });
  form.requestSubmit();
  form.requestSubmit();
  return sent;
}"""


def test_a_form_is_sent_once_while_its_answer_is_awaited(seen: Seen) -> None:
    seen.go("/sign-in")
    seen.page.get_by_label("User name").fill("ada")
    seen.page.get_by_label("Password").fill(GOOD)

    assert seen.page.evaluate(SUBMITTED_TWICE) == 1


def test_signing_out_leads_back_to_the_door(seen: Seen) -> None:
    seen.go("/sign-in")
    sign_in(seen)
    seen.page.locator(".me").click()
    seen.page.get_by_role("button", name="Sign out").click()

    assert "You are signed out." in seen.page.get_by_role("status").inner_text()
    seen.go("/system")
    assert "/sign-in?next=/system" in seen.page.url


def test_a_session_that_has_ended_is_told_and_its_page_comes_back(seen: Seen) -> None:
    seen.go("/system")
    sign_in(seen)
    seen.page.wait_for_url(f"{seen.address}/system")

    clock.follow(timedelta(minutes=31))
    seen.page.reload()

    assert "You were signed out." in seen.page.get_by_role("status").inner_text()
    sign_in(seen)
    seen.page.wait_for_url(f"{seen.address}/system")


def test_who_reads_while_the_database_is_away_keeps_the_page_and_is_told(seen: Seen) -> None:
    seen.go("/attention")
    sign_in(seen)
    seen.page.wait_for_url(f"{seen.address}/attention")

    seen.page.route("**/attention?live=1*", lambda route: route.fulfill(status=503, body=""))
    note = seen.page.get_by_role("alert")
    note.wait_for()
    assert "The database does not answer. This page shows the last known status." in note.inner_text()
    assert seen.page.get_by_role("heading", level=1).inner_text() != ""
    seen.page.unroute("**/attention?live=1*")
    note.wait_for(state="detached")
    seen.complaints[:] = [each for each in seen.complaints if "503" not in each]


def test_who_is_signed_out_while_they_read_is_told_and_goes_on_after_signing_in_elsewhere(seen: Seen) -> None:
    seen.go("/attention")
    sign_in(seen)
    seen.page.wait_for_url(f"{seen.address}/attention")

    clock.follow(timedelta(minutes=31))
    note = seen.page.get_by_role("alert")
    note.wait_for()  # until the page asks by itself
    assert "You were signed out." in note.inner_text()
    with seen.page.context.expect_page() as opened_tab:
        note.get_by_role("link", name="Sign in").click()
    elsewhere = Seen(opened_tab.value, seen.address)
    sign_in(elsewhere)
    elsewhere.page.wait_for_url(f"{seen.address}/attention")
    seen.page.bring_to_front()
    note.wait_for(state="detached")
    seen.complaints[:] = [each for each in seen.complaints if "401" not in each]


def test_a_theme_is_kept_as_soon_as_it_is_chosen(seen: Seen) -> None:
    seen.go("/sign-in")
    light = background(seen)

    with seen.page.expect_response("**/preferences"):
        seen.page.get_by_label("Dark").check(force=True)
    dark = background(seen)
    seen.page.reload()

    assert background(seen) == dark != light
    with seen.page.expect_response("**/preferences"):
        seen.page.get_by_label("Auto").check(force=True)
    assert background(seen) == light


def background(seen: Seen) -> str:
    return str(seen.page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_without_a_script_a_person_signs_in_and_chooses_light_and_language(browser: Browser, address: str) -> None:
    with opened(browser, address, script=False) as seen:
        seen.go("/system")
        sign_in(seen)
        seen.page.wait_for_url(f"{seen.address}/system")

        seen.page.get_by_label("Dark").check(force=True)
        seen.page.get_by_role("button", name="Keep").click()
        assert seen.page.locator("html").get_attribute("data-theme") == "dark"
        seen.page.get_by_role("button", name="Dansk").click()
        assert seen.page.locator("html").get_attribute("lang") == "da"
        assert "Systemet virker." in seen.page.locator("h1").inner_text()


PAGES = ("/sign-in", "/sign-in?ended=1", "/sign-out", *(entry.path for entry in navigation.ENTRIES), "/nowhere")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1366])
def test_every_page_is_as_wide_as_the_window_and_open_to_everybody(
    browser: Browser, address: str, width: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with opened(browser, address, width=width, scheme=scheme) as seen:
        seen.go("/system")
        sign_in(seen)
        seen.page.wait_for_url(f"{seen.address}/system")
        for path in PAGES:
            seen.go(path)
            assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= width, path
            found = axe.run(seen.page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        seen.complaints[:] = [each for each in seen.complaints if "404" not in each]  # /nowhere is what it says


def test_no_script_runs_that_stands_in_a_page(browser: Browser, address: str) -> None:
    attack = '"><img src=x onerror="window.hit=1"><script>window.hit=1</script>'
    with opened(browser, address) as seen:
        seen.go("/sign-in")
        seen.page.get_by_label("User name").fill(attack)
        seen.page.get_by_label("Password").fill(WRONG)
        seen.page.get_by_role("button", name="Sign in").click()
        seen.page.get_by_role("alert").wait_for()

        assert seen.page.evaluate("window.hit") is None
        assert seen.page.get_by_label("User name").input_value() == attack
        seen.complaints.clear()
        seen.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.hit=1\">')")
        seen.page.get_by_role("button", name="Sign in").hover()  # which takes longer than the handler would
        assert seen.page.evaluate("window.hit") is None
        assert any("Content Security Policy" in each for each in seen.complaints)
        seen.complaints.clear()


def test_a_database_that_is_away_is_told_and_comes_back_by_itself(browser: Browser, known: str) -> None:
    with backends.serving("postgresql_18") as server, backends.laid_out(server.create("engine")) as database:
        add_user(database, "ada", Role.OPERATOR, password_hash=known)
        office = Office.of(settings(), database, Registry(()))
        with serving(office) as address, opened(browser, address) as seen:
            seen.go("/system")
            sign_in(seen)
            seen.page.wait_for_url(f"{address}/system")

            server.kill()
            seen.page.reload()
            assert "The database does not answer." in seen.page.locator("h1").inner_text()
            server.start()
            seen.page.get_by_role("heading", name="The settings").wait_for()
            seen.complaints[:] = [each for each in seen.complaints if "503" not in each]
