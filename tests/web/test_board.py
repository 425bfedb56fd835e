"""The board says where each case stands in words for who works on cases, and what they can do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from invoice_pages import Pages, made, text
from invoices import EXPIRED, FRIDAY, Faktura, invoice
from rig import start, status

from process_manager.actor import Role
from process_manager.database import Database

SAID = "The invoice could not be sent. RPA-drift has been told."


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock, role=Role.CASEWORKER)


def row(page: Any, reference: str) -> list[str]:
    """What stands in the row of a case, a text for each cell."""
    (found,) = [
        each for each in re.findall(r"<tr><th scope=\"row\">.*?</tr>", page.text, re.DOTALL) if reference in each
    ]
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", found, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in cells]


def test_each_case_is_a_row_and_each_step_a_column(pages: Pages) -> None:
    page = pages.get("/processes/board")

    assert "Four cases of Invoice need a person." in text(page)
    assert "1 check 2 book 3 mark 4 notify" in text(page)
    assert row(page, "2026-10402")[1:] == [*["Done Fri 12:58"] * 4, ""]
    assert row(page, "2026-10549") == ["2026-10549", "Due now", *["Not started"] * 3, ""]
    assert row(page, "2026-10533")[1].startswith("Waiting for process 1, ahead of it")


def test_a_system_error_is_told_as_the_class_says_and_a_business_error_as_it_stands(pages: Pages) -> None:
    page = pages.get("/processes/board")

    assert row(page, "2026-10479")[2] == f"Failed: {SAID}"
    assert row(page, "2026-10397")[3] == "Failed: A system did not do its part. It has stopped until someone acts."
    assert row(page, "2026-10405") == [
        "2026-10405", "Rejected: the CVR number has 7 digits", "Cancelled", "Cancelled", "Cancelled", "Correct",
    ]  # fmt: skip
    assert row(page, "2026-10511")[2] == "Uncertain: Did it happen? Someone must find out."
    assert EXPIRED not in text(page)


def test_who_works_on_cases_restarts_as_often_as_the_class_allows(pages: Pages) -> None:
    assert row(pages.get("/processes/board"), "2026-10479")[-1] == "Restart"
    assert row(pages.get("/processes/board"), "2026-10482")[-1] == "Restarted as often as you may. Ask an operator."

    refused = pages.act("failed", "restart", reason="once more")
    done = pages.act("failed too", "restart", reason="once more")

    assert (refused.status_code, done.status_code) == (403, 303)
    assert "its class allows caseworkers 1 restart" in text(refused)
    assert status(pages.database, pages.made["failed"]) == "failed"


def test_nobody_counts_the_restarts_of_an_operator(database: Database, clock: Any) -> None:
    pages = made(database, clock)

    assert row(pages.get("/processes/board"), "2026-10482")[-1] == "Restart"
    assert pages.act("failed", "restart", reason="once more").status_code == 303


def test_a_viewer_is_told_that_they_may_not(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.VIEWER)

    assert row(pages.get("/processes/board"), "2026-10479")[-1] == "Your role, viewer, cannot restart processes."


def test_a_board_is_narrowed_and_leads_on_by_key(pages: Pages) -> None:
    for number in range(40):
        invoice(pages.database, f"more-{number}")

    failed = pages.get("/processes/board?name=faktura&status=failed")
    first = pages.get("/processes/board")
    older = re.search(r'href="([^"]+after=[^"]+)"', first.text)
    assert older is not None
    second = pages.get(older[1].replace("&amp;", "&"))

    assert failed.text.count('<th scope="row">') == 3
    assert (first.text.count('<th scope="row">'), second.text.count('<th scope="row">')) == (30, 20)
    assert "There is no case of letter here." in text(pages.get("/processes/board?name=letter"))


def test_a_board_that_shows_what_is_so_is_not_sent_again(pages: Pages) -> None:
    address = re.search(r'hx-get="([^"]+)"', pages.get("/processes/board").text)
    assert address is not None
    live = address[1].replace("&amp;", "&")

    same = pages.get(live, hx_request="true")
    pages.act("failed too", "restart", reason="now")

    assert (same.status_code, pages.get(live, hx_request="true").status_code) == (204, 200)


def test_a_board_takes_twelve_statements_at_most_and_is_small(pages: Pages) -> None:
    for number in range(30):
        start(pages.database, Faktura, {"does": "expired"}, reference=f"more-{number}")
    pages.get("/processes/board")
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2])

    sa.event.listen(pages.database.engine, "before_cursor_execute", count)
    try:
        page = pages.get("/processes/board")
    finally:
        sa.event.remove(pages.database.engine, "before_cursor_execute", count)

    told = [each for each in asked if not each.startswith(("PRAGMA", "BEGIN")) and "sessions" not in each]
    assert len(told) <= 12
    assert len(page.content) < 120_000


def test_nobody_sees_the_board_of_a_kind_that_is_not_theirs(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.CASEWORKER, kinds=frozenset({"letter"}))

    assert '<th scope="row">' not in pages.get("/processes/board?name=faktura").text
