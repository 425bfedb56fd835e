"""What needs a person, by cause, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from invoice_pages import Pages, made, text
from invoices import EXPIRED, FRIDAY, Faktura, invoice
from rig import abandon, execute, status, work

from process_manager import clock as engine_clock
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.store import workers
from process_manager.store.workers import Registered


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock)


def concerns(answer: Any) -> list[tuple[str, int]]:
    """The sort and number of each line."""
    found = re.findall(r'<li class="(\w+)">\s*<span class="num">(\d+)</span>', answer.text)
    return [(mark, int(number)) for mark, number in found]


def test_what_failed_in_the_same_way_is_one_line(pages: Pages) -> None:
    answer = pages.get("/attention")

    assert answer.status_code == 200
    assert concerns(answer) == [("failed", 2), ("failed", 1), ("uncertain", 1), ("nobody", 1)]
    said = text(answer)
    assert "4 processes need a person. 1 is stuck or overdue." in said
    assert f"“{EXPIRED}”. Stopped until someone acts. Failed faktura 3, step 2 of 4, book" in said
    assert "Due, but no worker is running." in said


def test_its_button_shows_what_would_become_of_each(pages: Pages) -> None:
    form = re.search(
        r'<form method="post" action="/processes/many">(.*?)</form>', pages.get("/attention").text, re.DOTALL
    )
    assert form is not None
    ids = [int(each) for each in re.findall(r'name="id" value="(\d+)"', form[1])]

    assert sorted(ids) == [pages.made["failed"], pages.made["failed too"]]
    shown = pages.visitor.post("/processes/many", {"act": "restart", "id": ids})
    assert "2 processes would be restarted." in text(shown)


def test_its_link_lists_the_same_processes(pages: Pages) -> None:
    page = pages.get("/attention").text
    links = re.findall(r'<a href="(/processes\?[^"]+)">Show them</a>', page)

    found = pages.get(links[0].replace("&amp;", "&")).text
    assert sorted(int(each) for each in re.findall(r'<th scope="row"><a href="/processes/(\d+)"', found)) == sorted(
        [pages.made["failed"], pages.made["failed too"]]
    )


def test_nothing_that_needs_a_person_is_said_plainly(pages: Pages) -> None:
    for each in pages.made.values():
        if status(pages.database, each) in ("failed", "uncertain", "pending", "waiting"):
            abandon(pages.database, each)

    answer = pages.get("/attention")

    assert concerns(answer) == []
    assert "Nothing needs a person. Nothing is stuck or overdue." in text(answer)


def test_what_no_worker_knows_is_told_apart_from_what_is_late(pages: Pages, clock: Any) -> None:
    worker(pages.database, knows=())
    assert concerns(pages.get("/attention"))[-1] == ("nobody", 1)
    assert "Due, but it needs a worker that knows version 3 of 'faktura'." in text(pages.get("/attention"))

    execute(pages.database, "DELETE FROM workers")
    worker(pages.database, knows=(("faktura", 3, tuple(Faktura.step_names)),))
    assert ("late", 1) not in concerns(pages.get("/attention"))

    clock.tick(timedelta(minutes=16))
    execute(pages.database, "UPDATE workers SET seen_at = :now", now=f"{engine_clock.now():%Y-%m-%d %H:%M:%S}.000000")
    assert concerns(pages.get("/attention"))[-1] == ("late", 1)


def worker(database: Database, knows: Any) -> None:
    """A worker that lives now."""
    now = engine_clock.now()
    with database.begin() as connection:
        workers.register(connection, Registered("RPA-01", "RPA-01", 1, now, now, 1, (), knows))


def test_what_is_marked_is_masked_in_what_was_said(pages: Pages) -> None:
    execute(
        pages.database,
        "UPDATE process_steps SET message = 'no contact 010190-1111' WHERE process_id = :id AND seq ="
        " (SELECT seq FROM processes WHERE id = :id)",
        id=pages.made["trace"],
    )

    answer = pages.get("/attention")

    assert "“no contact ***”." in text(answer)
    assert "010190" not in answer.text


def test_it_takes_twelve_statements_at_most(pages: Pages) -> None:
    asked: list[str] = []

    def count(*told: Any) -> None:
        asked.append(told[2])

    pages.get("/attention")  # the session is seen
    sa.event.listen(pages.database.engine, "before_cursor_execute", count)
    try:
        pages.get("/attention")
    finally:
        sa.event.remove(pages.database.engine, "before_cursor_execute", count)

    told = [each for each in asked if not each.startswith(("PRAGMA", "BEGIN")) and "sessions" not in each]
    assert 5 < len(told) <= 12


def test_whoever_sees_no_kind_is_told_of_nothing(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.VIEWER, kinds=frozenset({"letter"}))

    answer = pages.get("/attention")

    assert concerns(answer) == []
    assert "faktura" not in answer.text


def test_a_page_that_shows_what_is_so_is_not_sent_again(pages: Pages) -> None:
    address = re.search(r'hx-get="([^"]+)"', pages.get("/attention").text)
    assert address is not None
    live = address[1].replace("&amp;", "&")

    same = pages.get(live, hx_request="true")
    invoice(pages.database, "new", "expired")
    work(pages.database, Faktura)
    other = pages.get(live, hx_request="true")

    assert (same.status_code, same.text) == (204, "")
    assert other.status_code == 200
