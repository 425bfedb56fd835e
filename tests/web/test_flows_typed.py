"""What is typed comes back after signing in again, and a button that was pressed turns: in a real browser."""

from __future__ import annotations

from chromium import Seen
from rig import eventually, row, status
from web_visitor import GOOD

from process_manager.database import Database
from process_manager.web import cookies
from tests.web.test_flows import address, heading, made, pytestmark, seen

__all__ = ["address", "made", "pytestmark", "seen"]

AGAIN = "What you typed is here again. Nothing was done with it."


def sign_out_behind(seen: Seen) -> None:
    """Let the session end while somebody types."""
    seen.page.context.clear_cookies(name=cookies.SESSION)


def sign_in(seen: Seen) -> None:
    seen.page.get_by_label("User name").fill("ada")
    seen.page.get_by_label("Password").fill(GOOD)
    seen.page.get_by_role("button", name="Sign in").click()


def test_a_reason_comes_back_after_signing_in_again(seen: Seen, database: Database, made: dict[str, int]) -> None:
    seen.go(f"/processes/{made['failed']}")
    seen.page.locator("summary", has_text="Abandon…").click()
    seen.page.locator("#abandon-reason").fill("paid by hand, INC40417")
    sign_out_behind(seen)
    seen.page.get_by_role("button", name="Abandon permanently").click()
    assert heading(seen).startswith("You are signed out.")
    assert seen.page.get_by_text("What you typed is kept in this tab").is_visible()
    seen.page.get_by_role("link", name="Sign in").click()
    sign_in(seen)

    seen.page.wait_for_url(f"{seen.address}/processes/{made['failed']}")
    assert seen.page.get_by_role("status").inner_text() == AGAIN
    assert seen.page.get_by_role("button", name="Abandon permanently").is_visible()
    assert seen.page.locator("#abandon-reason").input_value() == "paid by hand, INC40417"
    assert status(database, made["failed"]) == "failed"
    seen.page.get_by_role("button", name="Abandon permanently").click()
    assert "Abandoned" in seen.page.get_by_role("status").inner_text()
    seen.page.reload()
    assert AGAIN not in seen.page.get_by_role("main").inner_text()
    assert status(database, made["failed"]) == "abandoned"
    seen.complaints[:] = [each for each in seen.complaints if "401" not in each]


def test_an_edit_and_a_start_come_back_too(seen: Seen, made: dict[str, int]) -> None:
    seen.go(f"/processes/{made['failed']}")
    seen.page.locator("summary", has_text="Edit details…").click()
    seen.page.get_by_label("New values, as JSON").fill('{"amount": "4300.00"}')
    sign_out_behind(seen)
    seen.page.reload()
    sign_in(seen)
    assert seen.page.get_by_label("New values, as JSON").input_value() == '{"amount": "4300.00"}'

    seen.go("/start/faktura")
    assert AGAIN not in seen.page.get_by_role("main").inner_text()
    seen.page.locator("#reference").fill("2026-10999")
    seen.page.get_by_label("Details, as JSON").fill('{"permit": "Ø-1/26"}')
    sign_out_behind(seen)
    seen.page.reload()
    sign_in(seen)
    assert seen.page.locator("#reference").input_value() == "2026-10999"
    assert seen.page.get_by_label("Details, as JSON").input_value() == '{"permit": "Ø-1/26"}'


def test_nobody_else_finds_it_and_no_password_is_kept(seen: Seen, made: dict[str, int]) -> None:
    seen.go(f"/processes/{made['failed']}")
    seen.page.locator("#reason").fill("a private matter")
    kept = "sessionStorage.getItem('typed')"
    seen.page.evaluate(f"sessionStorage.setItem('typed', {kept}.replace('ada', 'bo'))")
    sign_out_behind(seen)
    seen.page.reload()
    sign_in(seen)

    assert seen.page.locator("#reason").input_value() == ""
    assert seen.page.evaluate(kept) is None
    seen.go("/account")
    seen.page.get_by_label("The password that you have").fill(GOOD)
    assert GOOD not in str(seen.page.evaluate(kept))


def test_a_button_turns_only_while_an_answer_takes_long(seen: Seen, made: dict[str, int]) -> None:
    seen.go(f"/processes/{made['failed']}")
    seen.page.locator("#reason").fill("the password is new")
    ring = "getComputedStyle(document.querySelector('.go'), '::before')"
    assert seen.page.evaluate(f"{ring}.content") == "none"
    seen.page.evaluate("addEventListener('submit', (event) => event.preventDefault())")  # no answer comes
    seen.page.get_by_role("button", name="Restart step 2").click()

    assert seen.page.evaluate(f"{ring}.animationDelay") == "0.3s"
    eventually(lambda: seen.page.evaluate(f"{ring}.opacity") == "1")


def test_somebody_was_quicker(seen: Seen, database: Database, made: dict[str, int]) -> None:
    seen.go(f"/processes/{made['failed']}")
    seen.page.locator("#reason").fill("the password is new")
    with seen.page.context.expect_page() as second:
        seen.page.evaluate("window.open(location.href)")
    other = Seen(second.value, seen.address)
    other.page.locator("#reason").fill("it is new")
    other.page.get_by_role("button", name="Restart step 2").click()
    other.page.get_by_role("status").wait_for()
    before = row(database, made["failed"])

    seen.page.get_by_role("button", name="Restart step 2").click()

    told = seen.page.get_by_role("alert").inner_text()
    assert "You restarted it at " in told
    assert "Your restart was not needed and did nothing." in told
    assert row(database, made["failed"]) == before
    seen.complaints[:] = [each for each in seen.complaints if "412" not in each]
