"""`/api/v1/reports`: how some days went, for programs."""

from __future__ import annotations

import pytest
from api_caller import Caller, give_token
from fastapi import FastAPI

from process_manager.database import Database
from tests.inspection.test_reports import TIRED, lived, ran


@pytest.fixture
def caller(app: FastAPI, database: Database) -> Caller:
    """Who may read."""
    helped = lived(database, "2026-11-27T08:00:00", "2026-11-27T10:00:00", stopped="2026-11-27T08:10:00")
    ran(database, helped, "retry", "2026-11-27T08:09:00", 60, said=TIRED)
    ran(database, helped, "restart", "2026-11-27T09:50:00", 0, said="new password", by="ada")
    ran(database, helped, "done", "2026-11-27T09:55:00", 8)
    give_token(database, "*:read")
    return Caller(app)


DAYS = {"from": "2026-11-23", "to": "2026-11-29"}


def test_each_day_is_counted(caller: Caller) -> None:
    found = caller.get("/reports/per-day", **DAYS).json()

    assert (found["first"], found["last"], len(found["items"])) == ("2026-11-23", "2026-11-29", 7)
    assert found["items"][4] == {
        "day": "2026-11-27", "finished": 1, "succeeded": 1, "skipped": 0, "rejected": 0, "abandoned": 0, "needed": 1,
        "stopped": 0,
    }  # fmt: skip


def test_durations_are_in_seconds(caller: Caller) -> None:
    found = caller.get("/reports/durations", **DAYS).json()

    assert found["total"]["number"] == found["waited"]["number"] == 1
    assert found["total"]["median"] == pytest.approx(7200, rel=0.025)
    assert found["waited"]["median"] == pytest.approx(6000, rel=0.025)
    assert found["items"][0] == {"day": "2026-11-23", "number": 0, "median": None, "p95": None}


def test_steps_and_causes_are_listed(caller: Caller) -> None:
    (step,) = caller.get("/reports/steps", name="three", **DAYS).json()["items"]
    (cause,) = caller.get("/reports/causes", **DAYS).json()["items"]

    assert (step["name"], step["step"], step["runs"], step["retried"], step["attempts"]) == ("three", "a", 2, 1, 2.0)
    assert (cause["said"], cause["number"], cause["stopped"], cause["is_rejection"]) == (TIRED, 1, 0, False)


def test_this_month_is_told_where_no_days_are_named_and_wrong_ones_are_refused(caller: Caller) -> None:
    assert len(caller.get("/reports/per-day").json()["items"]) in (28, 29, 30, 31)
    wrong: list[dict[str, str]] = [
        {"from": "2026-11-02", "to": "2026-11-01"},
        {"from": "yesterday"},
        {"from": "2020-01-01", "to": "2026-11-01"},
        {"day": "2026-11-01"},
    ]
    assert [caller.get("/reports/steps", **each).status_code for each in wrong] == [422] * 4
