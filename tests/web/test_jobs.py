"""The page of jobs: how far each is, the log of one as it is written, and how one is stopped or started anew."""

from __future__ import annotations

import re
from typing import Any

import pytest
from backends import overheard
from invoice_pages import text
from job_pages import REGISTRY, furnish_jobs, said
from rig import row, settings, start, status
from web_visitor import Visitor

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.app import create_app
from process_manager.web.office import Office


@pytest.fixture
def made(database: Database) -> dict[str, int]:
    return furnish_jobs(database)


def came_in(database: Database, role: Role = Role.OPERATOR, **more: Any) -> Visitor:
    visitor = Visitor(create_app(Office.of(settings(zone="Europe/Copenhagen"), database, REGISTRY)))
    visitor.come_in(database, role=role, **more)
    return visitor


@pytest.fixture
def visitor(database: Database, made: dict[str, int]) -> Visitor:
    return came_in(database)


def rows(answer: Any) -> list[str]:
    """What each row of the list says."""
    found = re.findall(r"<tr[^>]*><th scope=\"row\">(.*?)</tr>", answer.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", each).split()) for each in found]


def lines(answer: Any) -> list[str]:
    return re.findall(r"batch \d+ is read rows=\d+", answer.text)


def test_the_page_says_what_runs_and_how_far_each_is(visitor: Visitor) -> None:
    answer = visitor.get("/jobs")

    assert "Two jobs are running. One is scheduled." in text(answer)
    scheduled, queued, stopping, running, failed, done = rows(answer)
    assert scheduled.startswith("Wait for the sheet patient 1 Waiting until")
    assert "Due now." in queued and "It never begins then." in queued
    assert "Stopping at its next safe point, as Bo asked." in stopping and "Stop…" not in stopping
    assert running.startswith(
        "November Read the rows, reader 1 Running on RPA-01: 312 of 486 rows are read 64 % 64 % ada"
    )
    assert "left" in running
    assert failed.startswith("Rates 2027 Read the rows, reader 1 Failed: “AttributeError") and failed.endswith(
        "Run again with changes…"
    )
    assert "Done: “4 rows”. " in done and "took" in done


def test_the_page_costs_few_statements_however_many_jobs_it_shows(visitor: Visitor, database: Database) -> None:
    visitor.get("/jobs")
    with overheard(database) as said_to_it:
        visitor.get("/jobs?status=running")
    asked = [each for each in said_to_it if each.lstrip().startswith(("SELECT", "WITH"))]

    assert len(asked) <= 15, asked  # two of them know who asks


def test_below_is_the_log_of_the_one_that_runs_with_what_it_was_started_with(
    visitor: Visitor, made: dict[str, int]
) -> None:
    answer = visitor.get("/jobs", Accept_Language="en")

    assert lines(answer) == ["batch 1 is read rows=100", "batch 2 is read rows=200", "batch 3 is read rows=300"]
    assert f"/jobs/{made['running']}/lines?after=1-3" in answer.text
    assert "Started with year 2026 kind permit dry false" in text(answer)


def test_j10_a_log_is_read_on_by_a_cursor_and_no_line_comes_twice(
    visitor: Visitor, database: Database, made: dict[str, int]
) -> None:
    there = f"/jobs/{made['running']}/lines?after="

    first = visitor.get(f"{there}0-0")
    assert len(lines(first)) == 3
    assert visitor.get(f"{there}1-3").status_code == 204
    said(database, made["running"], 4, 5)
    on = visitor.get(f"{there}1-3")

    assert lines(on) == ["batch 4 is read rows=400", "batch 5 is read rows=500"]
    assert "after=1-5" in on.text
    assert visitor.get(f"/jobs/{made['done']}/lines?after=1-9").status_code == 286
    assert visitor.get("/jobs/999/lines").status_code == 404
    assert visitor.get(f"{there}nonsense").status_code == 200


def test_the_job_that_is_asked_for_is_shown_though_it_is_on_no_page_of_the_list(
    visitor: Visitor, made: dict[str, int]
) -> None:
    answer = visitor.get(f"/jobs?status=scheduled&job={made['done']}")

    assert len(rows(answer)) == 1
    assert "Read the rows: log" in text(answer) and "rows 4" in text(answer)


@pytest.mark.parametrize(("status", "count"), [("running", 1), ("failed", 1), ("success", 1), ("nonsense", 6)])
def test_a_list_has_the_jobs_that_stand_so(visitor: Visitor, status: str, count: int) -> None:
    assert len(rows(visitor.get(f"/jobs?status={status}"))) == count


def test_a_running_job_is_asked_to_stop_with_a_reason(
    visitor: Visitor, database: Database, made: dict[str, int]
) -> None:
    assert visitor.post(f"/jobs/{made['running']}/cancel").status_code == 422
    assert row(database, made["running"])["stop_requested_at"] is None

    answer = visitor.post(f"/jobs/{made['running']}/cancel", {"reason": "the wrong month"})

    assert answer.headers["location"] == f"/jobs?job={made['running']}&done=cancel"
    assert row(database, made["running"])["stop_requested_reason"] == "the wrong month"
    assert "as ada asked" in text(visitor.get(answer.headers["location"]))


def test_a_job_that_ended_is_started_anew(visitor: Visitor, database: Database, made: dict[str, int]) -> None:
    answer = visitor.post(f"/jobs/{made['failed']}/rerun")

    new = int(re.search(r"job=(\d+)", answer.headers["location"])[1])  # type: ignore[index]
    assert (row(database, new)["rerun_of"], status(database, made["failed"])) == (made["failed"], "failed")
    assert "has not ended" in text(visitor.post(f"/jobs/{made['running']}/rerun"))


def test_what_is_new_is_asked_for_and_answered_only_where_there_is_something(visitor: Visitor) -> None:
    region = re.search(r'hx-get="(/jobs\?live=1[^"]*)"', visitor.get("/jobs").text)

    assert region is not None
    assert visitor.get(region[1].replace("&amp;", "&")).status_code == 204
    assert visitor.get("/jobs?live=1&shown=other").status_code == 200


def test_who_may_not_stop_jobs_reads_why(database: Database, made: dict[str, int]) -> None:
    answer = came_in(database, Role.VIEWER).get("/jobs")

    assert "Your role, viewer, cannot stop processes." in text(answer)


def test_who_sees_other_kinds_only_sees_no_job_of_these(database: Database, made: dict[str, int]) -> None:
    narrow = came_in(database, kinds=frozenset({"three"}))

    assert "No job is running." in text(narrow.get("/jobs"))
    assert rows(narrow.get(f"/jobs?job={made['done']}")) == []
    assert narrow.get(f"/jobs/{made['done']}/lines").status_code == 404


def test_a_process_that_is_no_job_is_not_among_them(visitor: Visitor, database: Database) -> None:
    process_id = start(database)

    assert len(rows(visitor.get(f"/jobs?job={process_id}"))) == 6
    assert visitor.post(f"/jobs/{process_id}/rerun").status_code == 404


def test_where_there_is_none_the_page_says_how_one_is_started(database: Database) -> None:
    assert "No job has been started. A front end starts jobs" in text(came_in(database).get("/jobs"))


def test_why_a_job_is_not_stopped_is_said_in_the_language_of_the_reader(visitor: Visitor, made: dict[str, int]) -> None:
    answer = visitor.post(f"/jobs/{made['done']}/cancel", {"reason": "not needed"}, Accept_Language="da")

    assert answer.status_code == 409
    assert "has succeeded" not in answer.text
    assert "process-manager" not in text(answer)


def test_a_job_that_waits_for_its_moment_is_run_now(visitor: Visitor, database: Database, made: dict[str, int]) -> None:
    assert text(visitor.get("/jobs")).count("Run now") == 1

    answer = visitor.post(f"/jobs/{made['scheduled']}/run-now")

    assert answer.headers["location"] == f"/jobs?job={made['scheduled']}&done=run-now"
    assert "It is due now" in text(visitor.get(answer.headers["location"]))
    assert (row(database, made["scheduled"])["status"], row(database, made["done"])["status"]) == (
        "pending", "succeeded"
    )  # fmt: skip
    assert "waits for no moment" in text(visitor.post(f"/jobs/{made['done']}/run-now"))
