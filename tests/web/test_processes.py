"""The list of processes: search, filters in the address, and acts on many that are shown before they are done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from invoice_pages import Pages, made, text
from invoices import FRIDAY, Faktura, invoice
from rig import history, start, status

from process_manager.actor import Role
from process_manager.database import Database


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock)


def listed(answer: Any) -> list[int]:
    """The processes in the table."""
    return [int(each) for each in re.findall(r'<th scope="row"><a href="/processes/(\d+)"', answer.text)]


MOST_URGENT_FIRST = [
    "failed", "failed too", "trace", "doubtful", "behind", "later", "due", "skipped", "rejected", "done",
]  # fmt: skip


def test_each_row_is_a_sentence(pages: Pages) -> None:
    answer = pages.get("/processes")

    assert answer.status_code == 200
    said = text(answer)
    assert "Four processes need a person. Two are waiting. One is due now." in said
    assert "Waiting for process 1, ahead of it in lane 'debtor 44108821'." in said
    assert "Done in 4 steps." in said
    assert listed(answer) == [pages.made[each] for each in MOST_URGENT_FIRST]


def test_columns_that_the_class_declares_are_masked_as_the_details(pages: Pages) -> None:
    page = pages.get("/processes?status=failed").text

    assert re.findall(r'<th scope="col" class="c-x n">([^<]+)', page) == ["amount", "kontakt"]
    assert page.count('<td class="n c-hide">4250.00</td><td class="n c-hide">***</td>') == 3
    assert "010190" not in page


def test_a_search_for_a_reference_or_a_number_opens_the_process(pages: Pages) -> None:
    for sought in ("2026-10482", " 2026-10482 ", str(pages.made["failed"])):
        answer = pages.get(f"/processes?q={sought}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/processes/{pages.made['failed']}")


def test_a_search_finds_a_field_that_the_class_declares(pages: Pages) -> None:
    only = start(pages.database, Faktura, {"permit": "Ø-999/26"})

    answer = pages.get("/processes?q=ø-999/26")
    several = pages.get("/processes?q=4500118204")

    assert answer.headers["location"] == f"/processes/{only}"
    assert listed(several) == [pages.made["trace"], pages.made["done"]]
    assert "No process matches" in text(pages.get("/processes?q=7318"))


def test_a_search_that_finds_several_lists_them(pages: Pages) -> None:
    again = invoice(pages.database, "2026-10482")

    assert listed(pages.get("/processes?q=2026-10482")) == [pages.made["failed"], again]


def test_a_search_that_finds_none_says_so_and_what_was_meant(pages: Pages) -> None:
    said = text(pages.get("/processes?q=2026-1O482"))

    assert "No process matches “2026-1O482”. The letter O looks like a zero. Search for 2026-10482" in said
    assert "A letter looks like the digit one. Search for FA-1023" in text(pages.get("/processes?q=FA-l023"))


def test_letters_that_stand_beside_no_digit_are_meant(pages: Pages) -> None:
    answer = pages.get("/processes?q=Bolo&status=failed")

    assert "looks like" not in text(answer)
    assert 'href="/processes?q=Bolo">Remove all filters' in answer.text


def test_the_pages_of_what_has_stopped_stand_beside_each_other(pages: Pages) -> None:
    beside = pages.get("/batches").text
    listed_there = re.findall(r'<a href="(/[a-z]+)"', beside.partition('class="sub"')[2].partition("</nav>")[0])

    assert listed_there == ["/attention", "/causes", "/batches"]
    assert 'href="/attention" aria-current="page"' in beside.partition('class="sub"')[0]
    assert 'class="sub"' not in pages.get("/attention").text


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("status=person", ["doubtful", "failed", "failed too", "trace"]),
        ("status=uncertain", ["doubtful"]),
        ("status=failed,uncertain&step=book", ["doubtful", "failed", "failed too"]),
        ("error=expired&step=mark", ["trace"]),
        ("reference=2026-10519", ["later"]),
        ("name=letter", []),
        ("since=2026-11-30", ["doubtful", "due", "later"]),
        ("order_key=debtor+44108821", ["behind", "failed"]),
    ],
)
def test_filters_stand_in_the_address(pages: Pages, address: str, found: list[str]) -> None:
    expected = [pages.made[each] for each in MOST_URGENT_FIRST if each in found]
    assert listed(pages.get(f"/processes?{address}")) == expected


@pytest.mark.parametrize("address", ["status=broken", "version=x", "since=yesterday", "after=7", "before=9-1"])
def test_a_filter_that_is_none_is_refused_with_what_would_do(pages: Pages, address: str) -> None:
    assert pages.get(f"/processes?{address}").status_code == 422


def test_a_chip_leads_to_the_same_without_it(pages: Pages) -> None:
    page = pages.get("/processes?status=failed&step=book").text

    assert 'href="/processes?step=book" aria-label="Remove filter: status failed"' in page
    assert 'href="/processes?status=failed" aria-label="Remove filter: step book"' in page


def test_pages_follow_each_other_by_key_there_and_back(pages: Pages) -> None:
    made = [invoice(pages.database, f"more-{number}") for number in range(55)]
    before, after = ([pages.made[each] for each in some] for some in (MOST_URGENT_FIRST[:7], MOST_URGENT_FIRST[7:]))

    first = pages.get("/processes")
    second = pages.get(leading(first, "Older"))
    again = pages.get(leading(second, "Newer"))

    assert listed(first) + listed(second) == before + made + after
    assert len(listed(first)) == 50
    assert listed(again) == listed(first)
    assert [leading(each, "Older") for each in (first, again)] == [leading(first, "Older")] * 2
    assert "Older" not in text(second)
    assert "Newer" not in text(first) + text(again)


def leading(page: Any, words: str) -> str:
    """Where a link leads."""
    found = re.search(rf'<a href="([^"]+)">{words}', page.text)
    assert found is not None
    return found[1].replace("&amp;", "&")


def test_a_list_takes_twelve_statements_at_most(pages: Pages) -> None:
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2])

    pages.get("/processes")  # the session is seen
    sa.event.listen(pages.database.engine, "before_cursor_execute", count)
    try:
        for address in ("", "?status=person", "?status=open", "?q=Ø-417/26", "?error=expired", "/1"):
            asked.clear()
            pages.get(f"/processes{address}")
            told = [each for each in asked if not each.startswith(("PRAGMA", "BEGIN")) and "sessions" not in each]
            assert len(told) <= 12, address
    finally:
        sa.event.remove(pages.database.engine, "before_cursor_execute", count)


def test_many_are_shown_first_and_done_then(pages: Pages) -> None:
    chosen = [pages.made[each] for each in ("failed", "trace", "done")]

    shown = pages.visitor.post("/processes/many", {"act": "restart", "id": chosen})

    said = text(shown)
    assert "Two processes would be restarted. One would be refused. Nothing has been done yet." in said
    assert "2026-10402 would be refused" in said
    assert "has succeeded" in said
    assert status(pages.database, pages.made["failed"]) == "failed"
    left = [int(each) for each in re.findall(r'name="id" value="(\d+)"', shown.text)]
    assert left == chosen[:2]

    done = pages.visitor.post("/processes/many", {"act": "restart", "id": left, "reason": "new password", "do": "1"})

    assert "Two processes were restarted. Each has your name and reason in its history." in text(done)
    assert {status(pages.database, each) for each in left} == {"pending"}
    told = history(pages.database, pages.made["trace"])[-1]
    assert (told.outcome, told.by, told.message) == ("restart", "ada", "new password")


def test_many_are_not_done_without_a_reason(pages: Pages) -> None:
    form = {"act": "abandon", "id": [pages.made["failed"]], "reason": " ", "do": "1"}

    answer = pages.visitor.post("/processes/many", form)

    assert "There is no reason." in text(answer)
    assert "One process would be abandoned." in text(answer)
    assert status(pages.database, pages.made["failed"]) == "failed"


@pytest.mark.parametrize("form", [{"act": "restart"}, {"act": "explode", "id": [1]}, {"act": "restart", "id": ["x"]}])
def test_many_of_nothing_or_in_no_way_is_refused(pages: Pages, form: dict[str, Any]) -> None:
    assert pages.visitor.post("/processes/many", form).status_code == 422


def test_a_role_that_may_not_act_is_refused_for_each(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.VIEWER)

    assert "Your role, viewer, cannot restart processes." in text(pages.get("/processes"))
    form = {"act": "restart", "id": [pages.made["failed"]], "reason": "I want to", "do": "1"}
    assert "No processes were restarted. One was refused." in text(pages.visitor.post("/processes/many", form))
    assert status(database, pages.made["failed"]) == "failed"


def test_a_list_that_shows_what_is_so_is_not_sent_again(pages: Pages) -> None:
    address = re.search(r'hx-get="([^"]+)"', pages.get("/processes?status=failed").text)
    assert address is not None
    live = address[1].replace("&amp;", "&")

    same = pages.get(live, hx_request="true")
    pages.act("failed", "restart", reason="now")
    other = pages.get(live, hx_request="true")

    assert (same.status_code, same.text) == (204, "")
    assert (other.status_code, listed(other)) == (200, [pages.made["failed too"], pages.made["trace"]])
