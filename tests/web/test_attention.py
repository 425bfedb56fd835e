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
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.operations import Act, switches
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
    assert "Four processes need a person, the oldest since Fri 13:08. One more is stuck or overdue." in said
    assert "Attention 4 need a person Processes" in said
    assert f"“{EXPIRED}”. Stopped until someone acts. Failed faktura 3, step 2 of 4, book" in said
    assert "Due, but no worker is running." in said


def test_its_button_shows_what_would_become_of_each(pages: Pages) -> None:
    address = re.search(r'href="(/batches/new\?[^"]+)"', pages.get("/attention").text)
    assert address is not None
    shown = pages.get(address[1].replace("&amp;", "&"))

    assert "Two processes would be restarted." in text(shown)
    ids = {int(each) for each in re.findall(r'<th scope="row"><a href="/processes/(\d+)"', shown.text)}
    assert ids == {pages.made["failed"], pages.made["failed too"]}


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
    said = text(answer)
    assert "Nothing needs a person. Nothing is stuck or overdue." in said
    assert "7 processes finished today." in said
    assert "Attention Processes" in said


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


def worker(database: Database, knows: Any, name: str = "RPA-01", *, ago: timedelta = timedelta()) -> None:
    """A worker that was seen so long ago."""
    now = engine_clock.now() - ago
    with database.begin() as connection:
        workers.register(connection, Registered(name, name, 1, now, now, 8, (), knows))


def test_the_workers_are_told_in_a_line_and_those_that_fell_silent(pages: Pages) -> None:
    worker(pages.database, (), "SRV-FIN-2", ago=timedelta(hours=2))
    worker(pages.database, ())
    worker(pages.database, (), "RPA-02")

    said = text(pages.get("/attention"))

    assert "RPA-01, RPA-02 0 of 16 busy" in said
    assert "SRV-FIN-2 is offline since today 12:32" in said


def test_the_day_is_told_in_numbers_with_a_bar_an_hour(pages: Pages) -> None:
    page = pages.get("/attention")

    said = text(page)
    assert "Started 3 Succeeded 0 Skipped, rejected 0 · 0 Needed a person 2" in said
    assert page.text.count('<svg class="spark') == 4
    assert page.text.count('<rect class="hot"') == 3
    assert "4 since Fri, the last working day" in said


def test_it_is_told_in_danish_to_the_last_word(pages: Pages) -> None:
    said = text(pages.get("/attention", accept_language="da"))

    assert "Fire processer kræver et menneske, den ældste siden fre 13.08. Én mere sidder fast" in said
    assert f"“{EXPIRED}”. Stoppet, til nogen gør noget. Fejlet faktura 3, trin 2 af 4, book ældste 3 d" in said
    assert "Klar, men ingen worker kører. Intet kører, før en bliver startet." in said


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
    assert "Attention Processes" in text(answer)


def test_whoever_sees_some_kinds_is_told_of_no_switch_of_others(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.VIEWER, kinds=frozenset({"faktura"}))
    for key, reason in (("letter", "the citizen complained"), ("faktura", "SAP is closed")):
        act = Act(Actor("ola", is_person=True, way="page"), reason)
        database.run(lambda connection, key=key, act=act: switches.disable(connection, key, act))  # type: ignore[misc]

    answer = pages.get("/attention")

    assert "SAP is closed" in answer.text
    assert "the citizen complained" not in answer.text


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
