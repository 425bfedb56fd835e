"""Why processes have stopped: a line for each cause, with whether others get through, counted once for all who look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from invoice_pages import Pages, made, text
from invoices import FRIDAY, MONDAY, Faktura, invoice
from rig import execute, work

from process_manager.database import Database
from process_manager.store import causes as store


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock)


def forget(pages: Pages) -> None:
    """Let five seconds pass, as far as answers are shared."""
    pages.visitor.browser.app.state.office.shared.forget()  # type: ignore[attr-defined]


def test_each_cause_is_a_line_with_its_number_its_step_and_examples(pages: Pages) -> None:
    said = text(pages.get("/causes"))

    assert "Four processes have stopped until someone acts, for three causes." in said
    assert "2 “SAP refused the logon: the password of user RPA_FAKT has expired”" in said
    assert "Failed faktura 3, step 2 of 4, book" in said
    assert "2026-10479 … 2026-10482" in said
    assert "Step book may have happened: “TimeoutError: no answer in 30.0 s”" in said
    assert "Restart 2… You check the list first. One first; the rest follow when it has passed. Show them" in said


def test_it_says_how_many_others_have_passed_the_step_since(pages: Pages, clock: Any) -> None:
    assert "No other has passed this step since today 07:12." in text(pages.get("/causes"))
    for number in range(3):
        invoice(pages.database, f"fine-{number}")
    clock.move_to(MONDAY + timedelta(minutes=1))
    work(pages.database, Faktura)
    forget(pages)

    assert "Since today 07:12, 4 others have passed this step." in text(pages.get("/causes"))


def test_a_link_shows_those_very_processes(pages: Pages) -> None:
    address = re.search(r'href="(/processes\?status=failed&amp;cause=[0-9a-f]+)"', pages.get("/causes").text)
    assert address is not None

    said = pages.get(address[1].replace("&amp;", "&")).text

    listed = {int(each) for each in re.findall(r'<th scope="row"><a href="/processes/(\d+)"', said)}
    assert listed == {pages.made["failed"], pages.made["failed too"]}


def test_filters_of_kind_and_step_stand_in_the_address(pages: Pages) -> None:
    assert "One process has stopped until someone acts, for one cause." in text(pages.get("/causes?step=mark"))
    assert "Nothing has stopped there. Remove all filters" in text(pages.get("/causes?name=letter"))


def test_who_sees_some_kinds_is_told_of_these_alone(database: Database, clock: Any) -> None:
    pages = made(database, clock, kinds=frozenset({"letter"}))

    assert "Nothing has stopped." in text(pages.get("/causes"))


def test_what_stopped_before_causes_were_kept_is_sorted_later(pages: Pages) -> None:
    execute(pages.database, "UPDATE processes SET cause = '' WHERE cause IS NOT NULL")
    assert "4 more are being sorted" in text(pages.get("/causes"))

    sorted_ = pages.database.run(lambda connection: store.sort_some(connection, most=3))
    sorted_ += pages.database.run(lambda connection: store.sort_some(connection, most=3))
    forget(pages)

    assert sorted_ == 4
    assert "Four processes have stopped until someone acts, for three causes." in text(pages.get("/causes"))
    assert pages.database.run(lambda connection: store.sort_some(connection, most=3)) == 0


def test_it_is_counted_once_for_all_who_look_within_five_seconds(pages: Pages) -> None:
    pages.get("/causes")
    execute(pages.database, "UPDATE processes SET cause = NULL WHERE cause IS NOT NULL")

    assert "Four processes have stopped" in text(pages.get("/causes?live=1"))
    forget(pages)
    assert "Nothing has stopped." in text(pages.get("/causes?live=1"))


def test_a_page_that_shows_what_is_so_is_not_sent_again(pages: Pages) -> None:
    address = re.search(r'hx-get="([^"]+)"', pages.get("/causes").text)
    assert address is not None

    assert pages.get(address[1].replace("&amp;", "&"), hx_request="true").status_code == 204
