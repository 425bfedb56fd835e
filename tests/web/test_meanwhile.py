"""Who acts on a process that is no longer as they saw it is told who was first, and sees how it stands now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from freezegun import freeze_time
from invoice_pages import Pages, made, text
from invoices import FRIDAY, REGISTRY, Faktura
from rig import Bench, execute, row, work

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.governance import Policies, acting
from process_manager.governance.action import Stand
from process_manager.governance.process_actions import Abandon, Restart
from process_manager.web import meanwhile

DRIFT = Actor("rpa-drift", is_person=True, way="page")


@pytest.fixture
def clock() -> Iterator[Any]:
    with freeze_time(FRIDAY) as frozen:
        yield frozen


@pytest.fixture
def pages(database: Database, clock: Any) -> Pages:
    return made(database, clock)


def seen(pages: Pages, what: str) -> str:
    """How the forms of its page say that it stands."""
    found = set(re.findall(r'name="seen" value="([^"]+)"', pages.of(what).text))
    assert len(found) == 1
    return found.pop()


def by_drift(pages: Pages, action: Any) -> None:
    acting(pages.database, DRIFT, action, policies=Policies())


def test_a_second_restart_does_nothing_and_says_who_was_first(pages: Pages, clock: Any) -> None:
    stood, which = seen(pages, "failed"), pages.made["failed"]
    clock.tick(20)
    by_drift(pages, Restart(which, registry=REGISTRY, reason="new password"))
    work(pages.database, Faktura)
    before = row(pages.database, which)
    clock.tick(10)

    answer = pages.act("failed", "restart", reason="new password, I think", seen=stood)

    assert answer.status_code == 412
    assert re.search(
        r"rpa-drift restarted it at \d\d:\d\d:\d\d\. Your restart was not needed and did nothing\.", text(answer)
    )
    assert 'role="alert"' in answer.text
    assert row(pages.database, which) == before


def test_another_act_is_not_done_and_what_was_typed_is_kept(pages: Pages) -> None:
    stood, which = seen(pages, "failed"), pages.made["failed"]
    by_drift(pages, Restart(which, registry=REGISTRY, reason="new password"))

    answer = pages.act("failed", "abandon", reason="paid by hand", seen=stood)

    assert "rpa-drift restarted it" in text(answer)
    assert "So nothing was done for you." in text(answer)
    assert "paid by hand</textarea>" in answer.text
    assert row(pages.database, which)["status"] == "pending"
    assert pages.act("failed", "abandon", reason="paid by hand", seen=seen(pages, "failed")).status_code == 303


def test_who_pressed_twice_reads_of_themselves(pages: Pages) -> None:
    stood = seen(pages, "failed")
    assert pages.act("failed", "restart", reason="once", seen=stood).status_code == 303

    assert "You restarted it at" in text(pages.act("failed", "restart", reason="twice", seen=stood))


def test_an_edit_that_was_looked_at_is_not_made_in_what_has_changed(pages: Pages) -> None:
    stood = seen(pages, "failed")
    shown = pages.act("failed", "edit-payload", details='{"amount": "1.00"}', seen=stood)
    assert f'name="seen" value="{stood}"' in shown.text
    by_drift(pages, Abandon(pages.made["failed"], reason="paid by hand"))

    answer = pages.act("failed", "edit-payload", details='{"amount": "1.00"}', reason="a credit", do="1", seen=stood)

    assert "rpa-drift abandoned it" in text(answer)
    assert '"1.00"' not in row(pages.database, pages.made["failed"])["payload"]


def test_what_the_engine_did_is_nobodys_act(pages: Pages) -> None:
    number, rest = seen(pages, "failed").split(".", 1)
    earlier = f"{number}.{rest.replace('failed', 'waiting')}"

    answer = pages.act("failed", "abandon", reason="why wait", seen=earlier)

    assert "It has gone on since you looked. So nothing was done for you." in text(answer)


def test_a_form_without_it_acts_as_before(pages: Pages) -> None:
    assert pages.act("failed", "restart", reason="now").status_code == 303


@pytest.mark.parametrize("text", ["", "failed", "1.2", "x.1.failed.book", "1.-1.failed.book", "1234567890.1.failed.b"])
def test_what_is_no_mark_is_none(text: str) -> None:
    assert meanwhile.read(text) is None


def test_a_step_may_have_a_point_in_its_name_or_there_may_be_none() -> None:
    assert meanwhile.read("3.1.failed.a.b") == meanwhile.AsSeen(3, Stand(1, "failed", "a.b"))
    assert meanwhile.read("3.1.succeeded.") == meanwhile.AsSeen(3, Stand(1, "succeeded", None))


def test_who_was_signed_out_is_led_back_to_the_page_of_their_form(pages: Pages) -> None:
    pages.visitor.browser.cookies.clear()

    act = pages.act("failed", "restart", reason="now")
    start = pages.visitor.post("/start/faktura", {}, Referer=f"{pages.visitor.address}/start/faktura?reference=A%201")
    foreign = pages.visitor.post("/start/faktura", {}, Referer="https://elsewhere.example/start/faktura")
    nonsense = pages.visitor.post("/start/faktura", {}, Referer="http://[bad")

    assert f'href="/sign-in?next=/processes/{pages.made["failed"]}"' in act.text
    assert 'href="/sign-in?next=/start/faktura%3Freference%3DA%25201"' in start.text
    for each in (foreign, nonsense):
        assert 'href="/sign-in?next=/"' in each.text


def test_what_runs_is_asked_to_stop_however_far_it_has_come_meanwhile(pages: Pages) -> None:
    Bench(pages.database, Faktura, name="RPA-01").write()
    stood, which = seen(pages, "due"), pages.made["due"]
    before = row(pages.database, which)
    execute(pages.database, "UPDATE processes SET step = 'mark', seq = seq + 1 WHERE id = :id", id=which)

    assert pages.act("due", "cancel", reason="the wrong month", seen=stood).status_code == 303

    after = row(pages.database, which)
    assert before["step"] != after["step"]
    assert after["stop_requested_reason"] == "the wrong month"


def test_what_was_restarted_meanwhile_is_not_asked_to_stop(pages: Pages) -> None:
    Bench(pages.database, Faktura, name="RPA-01").write()
    stood, which = seen(pages, "due"), pages.made["due"]
    execute(pages.database, "UPDATE processes SET round = round + 1 WHERE id = :id", id=which)

    assert pages.act("due", "cancel", reason="the wrong month", seen=stood).status_code == 412
    assert row(pages.database, which)["stop_requested_at"] is None
