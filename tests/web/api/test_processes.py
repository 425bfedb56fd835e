"""Processes by the API: started once, listed page by page, shown as far as whoever asks may see."""

from __future__ import annotations

from typing import Any

import pytest
from api_caller import Caller, Letter, give_token, ids
from fastapi import FastAPI
from rig import Three, execute, odd, start, work

from process_manager import Done, StepRun
from process_manager.database import Database

CPR = "010190-1234"
ANOTHER, RENEWED = "pm_another", "pm_renewed"
ABANDONED = "UPDATE processes SET status = 'abandoned', due_at = NULL, finished_at = created_at WHERE id = :id"


def test_a_start_answers_where_the_new_process_is(caller: Caller) -> None:
    answer = caller.post("/processes", {"name": "three", "payload": {"n": 1}, "reference": "R-1"})

    assert (answer.status_code, answer.headers["location"]) == (201, "/api/v1/processes/1")
    assert answer.json() == {"id": 1, "is_new": True, "is_dry_run": False}
    found = caller.get("/processes/1").json()
    assert (found["created_by"], found["created_way"], found["payload"]) == ("payroll", "api", {"n": 1})
    assert found["request_id"] == answer.headers["x-request-id"]
    assert found["sentence"] == "Due now. No worker is running."


def test_a_start_that_is_sent_again_answers_the_first_process(caller: Caller) -> None:
    first = caller.post("/processes", {"name": "three"}, Idempotency_Key="4f1c")
    second = caller.post("/processes", {"name": "three"}, Idempotency_Key="4f1c")

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == {"id": 1, "is_new": False, "is_dry_run": False}
    assert second.headers["location"] == first.headers["location"]


def test_the_idempotency_key_of_one_caller_is_nothing_to_another(
    app: FastAPI, database: Database, caller: Caller
) -> None:
    give_token(database, secret=ANOTHER, name="archive")
    give_token(database, secret=RENEWED)
    archive, renewed = Caller(app, f"Bearer {ANOTHER}"), Caller(app, f"Bearer {RENEWED}")

    sent = [each.post("/processes", {"name": "three"}, Idempotency_Key="4f1c") for each in (caller, archive, renewed)]
    guessed = archive.post("/processes", {"name": "three", "dedup_key": "4f1c"})

    assert [each.json()["id"] for each in (*sent, guessed)] == [1, 2, 1, 3]


def test_no_body_can_hold_the_key_of_another_caller(caller: Caller) -> None:
    caller.post("/processes", {"name": "three"}, Idempotency_Key="4f1c")

    forged = caller.post("/processes", {"name": "three", "dedup_key": "program\0payroll\x004f1c"})

    assert forged.status_code == 422


def test_the_key_of_the_office_is_one_for_all_and_decides_where_both_are_sent(
    app: FastAPI, database: Database, caller: Caller
) -> None:
    give_token(database, secret=ANOTHER, name="archive")

    first = caller.post("/processes", {"name": "three", "dedup_key": "invoice 7"}, Idempotency_Key="a")
    second = Caller(app, f"Bearer {ANOTHER}").post("/processes", {"name": "three", "dedup_key": "invoice 7"})

    assert (first.json()["id"], second.json()) == (1, {"id": 1, "is_new": False, "is_dry_run": False})


def test_a_start_that_is_tried_leaves_nothing(caller: Caller) -> None:
    answer = caller.post("/processes", {"name": "three", "dry_run": True})

    assert (answer.status_code, answer.json()) == (200, {"id": None, "is_new": True, "is_dry_run": True})
    assert caller.get("/processes/count").json() == {"count": 0}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "name"),
        ({"name": "three", "colour": "red"}, 422, "colour"),
        ({"name": "three", "payload": [1]}, 422, "payload"),
        ({"name": "three", "at": "2026-11-30T08:00"}, 422, "at"),
        ({"name": "three", "reference": ""}, 422, "reference"),
        ({"name": "letter", "payload": {"copies": "many"}}, 422, "payload.cpr"),
        ({"name": "nobody"}, 404, None),
    ],
    ids=str,
)
def test_what_cannot_be_started_is_told_with_the_path_of_its_field(
    caller: Caller, body: dict[str, Any], status: int, field: str | None
) -> None:
    answer = caller.post("/processes", body)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json; charset=utf-8")
    assert field is None or field in [each["field"] for each in answer.json()["errors"]]


def test_no_value_of_a_payload_is_told_in_a_problem(caller: Caller) -> None:
    answer = caller.post("/processes", {"name": "letter", "payload": {"cpr": [CPR], "copies": CPR}})

    assert answer.status_code == 422
    assert CPR not in answer.text


def test_a_list_is_read_page_by_page_and_misses_none(caller: Caller, database: Database) -> None:
    made = [start(database) for _ in range(5)]

    pages, below = [], None
    while True:
        answer = caller.get("/processes", limit=2, **({} if below is None else {"below": below})).json()
        pages.append([each["id"] for each in answer["items"]])
        below = answer["next_below"]
        if below is None:
            break

    assert pages == [[5, 4], [3, 2], [1]]
    assert sorted(each for page in pages for each in page) == made


def test_a_list_has_the_filters_of_the_command_line(caller: Caller, database: Database) -> None:
    failed, other, closed = start(database, reference="R-1"), start(database, order_key="lane"), start(database)
    execute(database, "UPDATE processes SET status = 'failed', due_at = NULL WHERE id = :id", id=failed)
    execute(
        database,
        "UPDATE processes SET status = 'abandoned', due_at = NULL, finished_at = created_at WHERE id = :id",
        id=closed,
    )

    assert list(ids(caller.get("/processes", status=["failed", "abandoned"]))) == [closed, failed]
    assert list(ids(caller.get("/processes", reference="R-1"))) == [failed]
    assert list(ids(caller.get("/processes", order_key="lane", older_than="0s"))) == [other]
    assert list(ids(caller.get("/processes", created_until="2020-01-01T00:00:00Z"))) == []
    assert list(ids(caller.get("/processes", name="letter"))) == []
    assert caller.get("/processes/count", status="failed").json() == {"count": 1}


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"limit": 0},
        {"limit": 1001},
        {"below": 2**63},
        {"older_than": "soon"},
        {"older_than": "99999999999d"},
        {"created_since": "2026-11-30T08:00"},
        {"created_since": "0001-01-01T00:00:00+14:00"},
        {"reference": "a\0b"},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_filter_that_is_none_is_told(caller: Caller, query: dict[str, Any]) -> None:
    answer = caller.get("/processes", **query)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(next(iter(query)))


def test_what_is_marked_is_masked_and_revealed_to_who_says_why(caller: Caller, database: Database) -> None:
    process_id = start(database, Letter, {"cpr": CPR})
    work(database, Letter)

    for path in ("", "/history", "/logs"):
        assert CPR not in caller.get(f"/processes/{process_id}{path}").text
    answer = caller.post(f"/processes/{process_id}/reveal", {"reason": "she has called"})

    assert answer.json()["process"]["payload"]["cpr"] == CPR
    assert answer.json()["history"][0]["logs"][0]["message"] == "copy 0 for ***"  # as it was stored
    assert execute(database, "SELECT act, actor, reason FROM audit") == [("reveal", "payroll", "she has called")]
    assert caller.post(f"/processes/{process_id}/reveal", {"reason": " "}).status_code == 422


def test_a_process_that_may_not_be_seen_is_not_there(app: FastAPI, database: Database) -> None:
    give_token(database, "letter:read,act")
    caller = Caller(app)
    process_id = start(database)

    for path in ("", "/history", "/logs", "/children"):
        assert caller.get(f"/processes/{process_id}{path}").status_code == 404
    assert caller.post(f"/processes/{process_id}/abandon", {"reason": "x"}).status_code == 404
    assert caller.get("/processes").json() == {"items": [], "next_below": None}
    assert caller.get("/kinds").json()["items"][0]["name"] == "letter"


def test_the_history_tells_what_happened(caller: Caller, database: Database) -> None:
    process_id = start(database)
    work(database, Three)

    found = caller.get(f"/processes/{process_id}/history").json()["items"]

    assert [(each["seq"], each["step"], each["outcome"]) for each in found] == [
        (1, "a", "done"),
        (2, "b", "done"),
        (3, "c", "done"),
    ]
    assert [each["seq"] for each in caller.get(f"/processes/{process_id}/history", step="b").json()["items"]] == [2]


def test_log_lines_are_followed_from_where_one_was(caller: Caller, database: Database) -> None:
    process_id = start(database, Letter, {"cpr": CPR, "copies": 3})
    assert caller.get(f"/processes/{process_id}/logs").json() == {"items": [], "next": "0-0"}
    work(database, Letter)

    seen, after = [], "0-0"
    while True:
        answer = caller.get(f"/processes/{process_id}/logs", after=after, limit=2).json()
        if answer["next"] == after:
            break
        seen += [each["line"]["copy"] for each in answer["items"]]
        after = answer["next"]

    assert seen == [0, 1, 2]
    assert caller.get(f"/processes/{process_id}/logs", after="later").status_code == 422


def test_both_slashes_are_routes(caller: Caller, database: Database) -> None:
    start(database)

    for path in ("/processes/", "/processes/1/", "/processes/1/history/", "/kinds/"):
        assert caller.get(path).status_code == 200, path


def test_what_a_step_says_now_can_be_read_while_it_runs(caller: Caller, database: Database) -> None:
    seen: list[Any] = []

    def answer(run: StepRun) -> Done:
        seen.append(caller.get(f"/processes/{run.process_id}").json()["status"])
        return Done("done")

    start(database, odd(answer))
    work(database, odd(answer))

    assert seen == ["running"]
