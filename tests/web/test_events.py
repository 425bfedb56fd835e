"""The page of events: which stand, what waits for which, and the acts on them."""

from __future__ import annotations

from typing import Any

import pytest
from event_acts import KEY, signal
from event_steps import Waits
from fastapi import FastAPI
from rig import execute, settings, start, status, work
from web_visitor import Visitor

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web.app import create_app
from process_manager.web.office import Office

pytestmark = pytest.mark.slow


def opened(database: Database, role: Role = Role.CASEWORKER, **more: Any) -> Visitor:
    app: FastAPI = create_app(Office.of(settings(), database, Registry([Waits])))
    visitor = Visitor(app)
    visitor.come_in(database, role=role, **more)
    return visitor


def test_an_event_is_signalled_shown_and_withdrawn(database: Database) -> None:
    process_id = start(database, Waits, {"event": KEY})
    work(database, Waits)
    pages = opened(database)
    listed, shown = pages.get("/events").text, pages.get(f"/events?event={KEY}").text
    assert "Not signalled yet" in listed
    assert "One process waits for an event." in listed
    assert f"What waits for {KEY}" in shown
    assert f'href="/processes/{process_id}"' in shown
    assert f"for {KEY}, then step 1 of 2, look." in pages.get(f"/processes/{process_id}").text

    signalled = [
        pages.post("/events/signal", {"event": f" {KEY} ", "details": '{"amount": 7}', "reason": "paid by hand"})
        for _ in range(2)
    ]

    assert [each.headers["location"] for each in signalled] == ["/events?done=signal", "/events?done=stood"]
    assert status(database, process_id) == "pending"
    assert "Stands" in pages.get("/events").text
    work(database, Waits)
    assert f"woken by {KEY}" in pages.get(f"/processes/{process_id}").text
    withdrawn = [pages.post("/events/withdraw", {"event": KEY}) for _ in range(2)]
    assert [each.headers["location"] for each in withdrawn] == ["/events?done=withdraw", "/events?done=gone"]
    assert "Withdrawn" in pages.get("/events").text


def test_what_is_wrong_is_said_and_what_was_typed_stays(database: Database) -> None:
    answer = opened(database).post("/events/signal", {"event": KEY, "details": "[1]", "reason": "paid"})

    assert answer.status_code == 422
    assert f'value="{KEY}"' in answer.text


def test_who_may_not_signal_is_told_so(database: Database) -> None:
    signal(database)

    pages = opened(database, Role.VIEWER)

    assert pages.get(f"/events?event={KEY}").text.count("disabled") == 2
    assert pages.post("/events/signal", {"event": KEY}).status_code == 403


def test_an_act_that_there_is_not_does_nothing(database: Database) -> None:
    answer = opened(database).post("/events/withdrawn", {"event": KEY, "reason": "paid"})

    assert (answer.status_code, "There is no act" in answer.text) == (422, True)
    assert execute(database, "SELECT count(*) FROM events") == [(0,)]


def test_who_sees_some_kinds_only_is_told_so_instead_of_being_refused(database: Database) -> None:
    start(database, Waits, {"event": KEY})
    work(database, Waits)
    pages = opened(database)
    pages.post("/events/signal", {"event": KEY, "reason": "paid"})
    narrow = opened(database, name="bo", kinds=frozenset({"waits"})).get(f"/events?event={KEY}").text

    assert "disabled" not in pages.get(f"/events?event={KEY}").text
    assert narrow.count("You see some kinds only, and this is about all of them.") == narrow.count("disabled") == 2
