"""Batches on the pages: shown before they are started, by their number; followed, and stopped between two waves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from invoice_pages import Pages, made, text
from invoices import FRIDAY, REGISTRY, Faktura
from rig import execute, history, status, work

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.governance import Policies
from process_manager.governance.batch_runner import BatchRunner, Turn


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock)


def run(pages: Pages) -> list[Turn]:
    """Do what a web server does beside its pages, until there is nothing to do but to wait."""
    server = BatchRunner(pages.database, REGISTRY, Policies(), "web-1")
    turns = []
    for holding in server.take():
        while turns[-1:] in ([], [Turn.WENT_ON]):
            turns.append(server.turn(holding))
        server.let_go(holding)
    return turns


def started(pages: Pages, **form: Any) -> Any:
    """The page of a batch of what failed to log on: two invoices."""
    wanted = {"act": "restart", "where": "status=failed&step=book", "reason": "new password", "number": "2", **form}
    answer = pages.visitor.post("/batches", wanted)
    assert answer.status_code == 303, text(answer)
    return pages.get(answer.headers["location"])


def test_a_cause_leads_to_what_would_become_of_its_processes(pages: Pages) -> None:
    address = re.search(r'href="(/batches/new\?[^"]+)"', pages.get("/causes").text)
    assert address is not None

    answer = pages.get(address[1].replace("&amp;", "&"))

    said = text(answer)
    assert "Two processes would be restarted. Nothing has been done yet." in said
    assert "Restart one first. The rest follow when it has passed." in said
    assert "faktura · failed 2" in said
    assert "2026-10482 would be restarted" in said
    assert status(pages.database, pages.made["failed"]) == "failed"
    assert execute(pages.database, "SELECT * FROM batches") == []


def test_one_is_restarted_first_and_the_other_once_it_has_passed(pages: Pages) -> None:
    said = text(started(pages, first="one"))
    assert "0 of 2 processes restarted: 2 are left." in said
    assert "2026-10482 not yet failed" in said

    assert run(pages) == [Turn.WENT_ON, Turn.WAITS]
    said = text(pages.get("/batches/1"))
    assert "1 of 2 processes restarted: the rest follow when the first has passed." in said
    assert "2026-10482 restarted pending" in said
    assert [status(pages.database, pages.made[each]) for each in ("failed", "failed too")] == ["pending", "failed"]

    execute(pages.database, "UPDATE processes SET step = 'mark' WHERE id = :id", id=pages.made["failed"])
    assert run(pages) == [Turn.WENT_ON, Turn.ENDED]
    said = text(pages.get("/batches/1"))
    assert "2 of 2 processes restarted: each has your name and reason in its history." in said
    told = history(pages.database, pages.made["failed too"])[-1]
    assert (told.outcome, told.by, told.message) == ("restart", "ada", "new password (batch 1)")


def test_the_other_is_left_alone_when_the_first_fails_again(pages: Pages, clock: Any) -> None:
    started(pages, first="one")
    run(pages)
    for _ in range(3):
        work(pages.database, Faktura)
        clock.tick(301)
    assert run(pages) == [Turn.ENDED]

    said = text(pages.get("/batches/1"))
    assert "1 of 2 processes restarted: it failed again, so the rest was left alone." in said
    assert "2026-10479 left alone failed" in said
    assert "Stop" not in said


def test_it_is_stopped_by_a_button(pages: Pages) -> None:
    started(pages, first="one")
    run(pages)

    answer = pages.visitor.post("/batches/1/stop")

    assert (answer.status_code, answer.headers["location"]) == (303, "/batches/1")
    assert "1 of 2 processes restarted: ada stopped it, and the rest was left alone." in text(pages.get("/batches/1"))
    assert run(pages) == []
    assert pages.visitor.post("/batches/1/stop").status_code == 409


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": " "}, "There is no reason. Say in a few words why"),
        ({"number": "3"}, "That is not the number: it is 2 processes now."),
        ({"number": ""}, "That is not the number: it is 2 processes now."),
    ],
)
def test_it_is_not_started_without_a_reason_and_the_number_that_was_shown(
    pages: Pages, form: dict[str, str], said: str
) -> None:
    wanted = {"act": "restart", "where": "status=failed&step=book", "reason": "new password", "number": "2", **form}

    answer = pages.visitor.post("/batches", wanted)

    assert (answer.status_code, said in text(answer)) == (200, True)
    assert execute(pages.database, "SELECT * FROM batches") == []


def test_of_more_than_two_hundred_the_number_is_typed(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("process_manager.web.pages.batches.TYPED_FROM", 1)

    assert "Type how many they are: 2" in text(pages.get("/batches/new?act=restart&step=book"))


def test_nothing_matches_and_no_such_act(pages: Pages) -> None:
    assert "No process matches any more. Nothing is to be done." in text(pages.get("/batches/new?act=restart&step=x"))
    assert pages.get("/batches/new?act=explode").status_code == 422
    assert pages.get("/batches/99").status_code == 404
    assert pages.visitor.post("/batches/99/stop").status_code == 404


def test_many_are_abandoned_all_at_once(pages: Pages) -> None:
    answer = started(pages, act="abandon", reason="paid by hand")
    assert "0 of 2 processes abandoned:" in text(answer)
    run(pages)

    assert "2 of 2 processes abandoned: each has your name and reason in its history." in text(pages.get("/batches/1"))


def test_batches_are_listed_for_those_who_see_their_kind(pages: Pages) -> None:
    assert "Nothing has been done to many at once." in text(pages.get("/batches"))
    started(pages)
    run(pages)
    assert "1 Restart 2 processes: new password ada today 14:32 All done 2 0" in text(pages.get("/batches"))

    pages.visitor.come_in(pages.database, "bo", kinds=frozenset({"letter"}))
    assert "Nothing has been done to many at once." in text(pages.get("/batches"))
    assert pages.get("/batches/1").status_code == 404


def test_a_role_that_may_not_sees_why_and_starts_nothing(database: Database, clock: Any) -> None:
    pages = made(database, clock, role=Role.VIEWER)

    said = text(pages.get("/batches/new?act=restart&status=failed"))
    wanted = {"act": "restart", "where": "status=failed", "reason": "I want to", "number": "3"}
    answer = pages.visitor.post("/batches", wanted)

    assert "Your role, viewer, cannot restart processes." in said
    assert answer.status_code == 403
    assert execute(database, "SELECT * FROM batches") == []


def test_a_page_that_shows_what_is_so_is_not_sent_again(pages: Pages) -> None:
    address = re.search(r'hx-get="([^"]+)"', started(pages, first="one").text)
    assert address is not None
    live = address[1].replace("&amp;", "&")

    same = pages.get(live, hx_request="true")
    run(pages)

    assert same.status_code == 204
    assert "1 of 2 processes restarted" in text(pages.get(live, hx_request="true"))


def test_pages_of_ten_thousand_follow_each_other(pages: Pages) -> None:
    started(pages)
    execute(
        pages.database,
        "INSERT INTO batch_items (batch_id, number, process_id, seq) "
        "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT 1, i, 1, 0 FROM n",
    )

    first = pages.get("/batches/1")
    following = re.search(r'href="(/batches/1\?after=50&amp;)"', first.text)
    assert following is not None
    second = pages.get(following[1].replace("&amp;", "&"))

    assert first.text.count("<tr><th scope") == second.text.count("<tr><th scope") == 51
    assert len(first.text) < 120_000


def test_it_is_in_danish_too(pages: Pages) -> None:
    started(pages, first="one")

    assert "0 af 2 processer genstartet: 2 er tilbage." in text(pages.get("/batches/1", accept_language="da"))


def test_of_more_than_a_batch_may_have_all_are_counted_and_none_is_taken(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("process_manager.web.batch_preview.MOST", 0)
    monkeypatch.setattr("process_manager.web.pages.batches.MOST", 0)
    monkeypatch.setattr("process_manager.governance.batches.MOST", 0)

    shown = pages.get("/batches/new?act=restart&status=failed&step=book")
    sent = {"act": "restart", "where": "status=failed&step=book", "reason": "new password", "number": "2"}
    answer = pages.visitor.post("/batches", sent)

    assert "Two processes would be restarted." in text(shown)
    assert "A batch has at most 0 processes." in text(shown)
    assert (answer.status_code, "more than 0 processes" in text(answer)) == (422, True)
