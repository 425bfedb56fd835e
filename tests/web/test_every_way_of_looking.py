"""Every page of the navigation on paper, in the reader's own colours, at 200 % and on the narrowest phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from chromium import Seen, opened
from command_office import MONDAY, REGISTRY, furnish_kinds, office_settings
from freezegun import freeze_time
from web_server import serving
from web_visitor import add_user

from process_manager import clock as engine_clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.web import cookies, navigation, sessions
from process_manager.web.office import Office

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ENTRIES = [each for entry in navigation.ENTRIES for each in (entry, *entry.within)]
PAGES = [*dict.fromkeys(each.path for each in ENTRIES), "/processes/5", "/processes?q=nothing", "/nowhere"]
A4 = 718
"""Pixels of a page of paper between margins of 1 cm."""

CLIPPED = """() => [...document.querySelectorAll("main *, .foot *, .top *")].filter((each) => {
  const style = getComputedStyle(each);
  const says = [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!says || each.closest(".sr, .skip, svg, option, [hidden]") || !each.checkVisibility()) return false;
  const hides = (way) => ["hidden", "clip"].includes(way);
  return (hides(style.overflowX) && each.scrollWidth > each.clientWidth + 1)
    || (hides(style.overflowY) && each.scrollHeight > each.clientHeight + 1);
}).map((each) => `${each.tagName} ${each.className}: ${each.textContent.trim().slice(0, 60)}`)"""
"""The elements with text of their own that is cut off."""

SCROLLED = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const scrolls = ["auto", "scroll"].includes(getComputedStyle(each).overflowX);
  return scrolls && each.scrollWidth > each.clientWidth + 1 && !each.matches(".wide, .nav, pre, .quote");
}).map((each) => `${each.tagName} ${each.className}`)"""
"""What scrolls sideways, but for wide tables and pictures, the names of the pages, and what a machine said."""

CUT = """(width) => [...document.querySelectorAll("main *")].filter((each) => {
  if (!each.checkVisibility() || each.closest("svg, .sr")) return false;
  return each.getBoundingClientRect().right > width + 1;
}).map((each) => `${each.tagName} ${each.className}: ${each.textContent.trim().slice(0, 60)}`)"""
"""What reaches over the edge of the paper."""


@pytest.fixture
def address(durable_files: None, database: Database) -> Iterator[str]:
    """Where the pages are served that an admin may see: all of them."""
    with freeze_time(MONDAY) as frozen:
        furnish_kinds(database, frozen)
        add_user(database, "ada", Role.ADMIN)
    engine_clock.follow(MONDAY - datetime.now(UTC))
    with serving(Office.of(office_settings(), database, REGISTRY)) as found:
        yield found
    engine_clock.follow_host()


def walked(seen: Seen, database: Database) -> Iterator[str]:
    """Go to each page as ada."""
    ada = Actor("ada", is_person=True, way="page", role=Role.ADMIN)
    value = sessions.create(database, ada, before=None, now=engine_clock.now())
    seen.page.context.add_cookies([{"name": cookies.SESSION, "value": value, "url": seen.address}])
    for path in PAGES:
        seen.go(path)
        seen.page.evaluate(
            "document.querySelectorAll('details:not(.menu)').forEach(d => { d.name = ''; d.open = true })"
        )
        yield path
    seen.complaints[:] = [each for each in seen.complaints if "404" not in each]  # /nowhere is what it says


@pytest.mark.parametrize("width", [320, 683], ids=["narrowest phone", "200 %"])
def test_no_text_is_cut_off_and_nothing_scrolls_sideways_but_what_is_wide(
    browser: Browser, address: str, database: Database, width: int
) -> None:
    with opened(browser, address, width=width) as seen:
        wrong: dict[str, Any] = {}
        for path in walked(seen, database):
            found = {
                "wider than the window": seen.page.evaluate("document.scrollingElement.scrollWidth") > width,
                "cut off": seen.page.evaluate(CLIPPED),
                "scrolls": seen.page.evaluate(SCROLLED),
            }
            wrong |= {f"{path} {what}": each for what, each in found.items() if each}

    assert wrong == {}, wrong


def test_a_page_on_paper_has_all_that_is_said_and_nothing_to_press(
    browser: Browser, address: str, database: Database
) -> None:
    with opened(browser, address, width=A4, scheme="dark") as seen:
        seen.page.emulate_media(media="print")
        wrong: dict[str, Any] = {}
        for path in walked(seen, database):
            pressed = seen.page.locator("button:visible, .btn:visible, .top:visible, .foot:visible, .menu:visible")
            found = {
                "to press": pressed.all_inner_texts(),
                "over the edge": seen.page.evaluate(CUT, A4),
                "cut off": seen.page.evaluate(CLIPPED),
                "not white": seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
                != "rgb(255, 255, 255)",
                "no heading": not seen.page.locator("h1").first.is_visible(),
            }
            wrong |= {f"{path} {what}": each for what, each in found.items() if each}

    assert wrong == {}, wrong


def test_in_the_readers_own_colours_every_mark_and_button_can_be_seen(
    browser: Browser, address: str, database: Database
) -> None:
    with opened(browser, address) as seen:
        seen.page.emulate_media(forced_colors="active")
        wrong: dict[str, Any] = {}
        for path in walked(seen, database):
            unseen = seen.page.evaluate(UNSEEN)
            if unseen:
                wrong[path] = unseen

    assert wrong == {}, wrong


UNSEEN = """() => {
  const canvas = getComputedStyle(document.body).backgroundColor;
  const marks = [...document.querySelectorAll(".st > .i, h1 .i, .note > .i, .pic .bar, .pic .nowline")];
  const drawn = marks.filter((each) => {
    const style = getComputedStyle(each);
    const own = style.fill === "none" ? style.stroke : style.fill;
    return each.checkVisibility() && (own === canvas || style.color === canvas && own.includes("currentcolor"));
  });
  const pressed = [...document.querySelectorAll("button:not(.bare), .btn, input, select, textarea")].filter((each) => {
    const style = getComputedStyle(each);
    const shown = each.checkVisibility() && !each.closest(".theme, .sr") && each.type !== "hidden";
    return shown && style.appearance === "none" && style.borderTopWidth === "0px";
  });
  const bars = [...document.querySelectorAll(".meter")].filter(
    (each) => getComputedStyle(each).forcedColorAdjust !== "none");
  const here = document.querySelector(".nav [aria-current]");
  const others = [...document.querySelectorAll(".nav a:not([aria-current])")];
  const line = (each) => getComputedStyle(each).borderBottomColor;
  const lost = here && others.some((each) => line(each) === line(here)) ? ["the page that is open"] : [];
  return [...drawn, ...pressed, ...bars].map((each) => `${each.tagName} ${each.getAttribute("class")}`).concat(lost);
}"""
"""Marks in the colour of the ground, fields and buttons without an edge, bars without a colour, and a page that is open
and looks like the others."""
