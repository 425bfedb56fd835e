"""The page of schedules: what starts by the clock, when next, and the acts on it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from rig import Three, settings
from web_visitor import Visitor

from process_manager import Cron
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.operations import declared_schedules
from process_manager.web.app import create_app
from process_manager.web.cron_words import in_words
from process_manager.web.office import Office

FORM = {
    "name": "nightly", "process": "three", "cron": "30 2 * * *", "zone": "Europe/Copenhagen", "missed": "all",
    "overlap": "skip", "jitter": "5m", "working_days": "next", "holidays": "DK+optional", "details": '{"n": 1}',
}  # fmt: skip


def opened(database: Database, *classes: Any, role: Role = Role.OPERATOR) -> Visitor:
    app: FastAPI = create_app(Office.of(settings(), database, Registry(classes or (Three,))))
    visitor = Visitor(app)
    visitor.come_in(database, role=role)
    return visitor


def test_a_schedule_is_made_shown_and_acted_on(database: Database) -> None:
    pages = opened(database)

    made = pages.post("/schedules", FORM)
    shown = pages.get("/schedules").text

    assert (made.status_code, made.headers["location"]) == (303, "/schedules?done=add")
    assert shown.count('<span title="') == 10
    assert "Every day at 02:30, or the next working day" in shown
    assert "Next: nightly, " in shown
    assert "The next fourteen days" in shown
    assert "all are made up for, at most 1,000" in shown
    assert "moves it to the next working day (DK+optional)" in shown
    assert pages.post("/schedules/nightly/run", {}).headers["location"] == "/schedules?done=run&of=1&name=nightly"
    assert pages.post("/schedules/nightly/run", {}).status_code == 409
    assert pages.post("/schedules/nightly/pause", {"reason": ""}).status_code == 422
    assert pages.post("/schedules/nightly/pause", {"reason": "the bank is closed"}).status_code == 303
    assert "the bank is closed" in pages.get("/schedules").text
    assert pages.post("/schedules/nightly/resume", {}).status_code == 303
    assert pages.post("/schedules/nightly/remove", {"reason": "no more"}).status_code == 303
    assert "Nothing starts by the clock." in pages.get("/schedules").text


def test_what_is_wrong_is_said_and_what_was_typed_stays(database: Database) -> None:
    answer = opened(database).post("/schedules", {**FORM, "cron": "0 6 * * mon-fry"})

    assert answer.status_code == 422
    assert "field 5, the day-of-week" in answer.text
    assert 'value="0 6 * * mon-fry"' in answer.text


def test_what_a_class_declares_cannot_be_removed_there(database: Database) -> None:
    cls = type("Nightly", (Three,), {"name": "nightly", "schedule": Cron("0 6 * * *", zone="UTC")})
    with database.begin() as connection:
        from process_manager import clock

        declared_schedules.declare(connection, registry=Registry([cls]), zone="UTC", now=clock.now())
    pages = opened(database, cls)

    assert "by version 1 of its class" in pages.get("/schedules").text
    assert "/schedules/nightly/remove" not in pages.get("/schedules").text
    assert pages.post("/schedules/nightly/remove", {"reason": "no more"}).status_code == 409


@pytest.mark.slow
def test_who_may_not_is_told(database: Database) -> None:
    pages = opened(database, role=Role.CASEWORKER)

    assert "Your role cannot make schedules." in pages.get("/schedules").text
    assert pages.post("/schedules", FORM).status_code == 403


DOT = '<circle class="act"'
SAID = {
    "0 6 * * mon-fri": "Monday to Friday at 06:00",
    "10 6-20 * * *": "every hour from 06:10 to 20:10, every day",
    "0 7-17/2 * * 1-5": "every 2 hours from 07:00 to 17:00, Monday to Friday",
    "*/15 8-16 * * *": "every 15 minutes from 08:00 to 16:45, every day",
    "*/5 * * * *": "every 5 minutes, every day",
    "5 * * * *": "at 05 past every hour, every day",
    "0 6,18 * * *": "every day at 06:00, 18:00",
    "30 2 * * 7L": "the last Sunday of each month at 02:30",
    "0 6 * * mon#2": "the 2nd Monday of each month at 06:00",
    "0 6 LW * *": "the last weekday of each month at 06:00",
    "0 6 1 * *": "day 1 of each month at 06:00",
    "0 6 * * tue,thu": "Tuesday, Thursday at 06:00",
}
NOT_SAID = ("0 6 1 1 *", "0 6 1 * mon", "0,30 6 * * *", "0 0 6 * * *", "0 1,2,3,4,5 * * *", "at 2026-12-01T08:00")


def test_usual_cron_texts_are_said_in_words() -> None:
    assert {text: in_words(text) for text in SAID} == SAID
    assert [in_words(text) for text in NOT_SAID] == [None] * len(NOT_SAID)
    assert in_words("0 6 1 * *", "only") == "day 1 of each month at 06:00, on working days only"


def test_a_schedule_of_every_minute_is_a_bar_and_one_of_each_day_is_dots(database: Database) -> None:
    pages = opened(database)
    pages.post("/schedules", {**FORM, "name": "often", "cron": "* * * * *", "working_days": "any"})
    assert pages.get("/schedules").text.count(DOT) == 1

    pages.post("/schedules", {**FORM, "name": "daily"})
    shown = pages.get("/schedules?name=daily").text

    assert 10 <= shown.count(DOT) <= 15
    assert "daily: the next ten starts" in shown
    assert shown.index("often</a>") < shown.index("daily</a>")
