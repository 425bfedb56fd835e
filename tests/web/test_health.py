"""Health: whether the server lives, may be asked, and has started."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from rig import start
from starlette.testclient import TestClient
from web_visitor import HOME, Visitor, as_program

from process_manager import clock
from process_manager.database import Database
from process_manager.store import workers
from process_manager.store.workers import Registered

HEALTH = "/api/v1/health"


def away(database: Database) -> None:
    """Take the database away, as when its disk is gone."""
    database.close()
    path = str(database.engine.url.database)
    for file in (path, f"{path}-wal", f"{path}-shm"):
        Path(file).unlink(missing_ok=True)


def test_a_server_lives_whoever_asks_and_whatever_the_database_does(database: Database, visitor: Visitor) -> None:
    away(database)

    answer = visitor.get(f"{HEALTH}/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_only_liveness_needs_no_credentials(visitor: Visitor) -> None:
    assert [visitor.get(f"{HEALTH}/{each}").status_code for each in ("ready", "startup", "other")] == [401, 401, 401]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_whoever_is_on_this_host_may_ask_whether_it_is_ready_and_nothing_else(app: FastAPI, address: str) -> None:
    here = TestClient(app, HOME, client=(address, 5))

    asked = {
        path: here.get(f"/api/v1/{path}").status_code
        for path in ("health/", "health/ready", "health/startup/", "workers")
    }

    assert asked == {"health/": 200, "health/ready": 200, "health/startup/": 200, "workers": 401}


def test_a_server_that_answers_has_started(database: Database, visitor: Visitor) -> None:
    assert visitor.get(f"{HEALTH}/startup", authorization=as_program(database)).json() == {"status": "started"}


def test_with_nothing_due_and_nobody_at_work(database: Database, visitor: Visitor) -> None:
    answer = visitor.get(f"{HEALTH}/ready", authorization=as_program(database))

    assert answer.json() == {"status": "ready", "workers": 0, "oldest_due_seconds": None}


def test_what_is_due_longest_and_who_works_are_told(database: Database, visitor: Visitor) -> None:
    start(database)
    now = clock.now()
    living = Registered("w", "host", 1, now, now, 4, (), ())
    gone = replace(living, name="gone", seen_at=now - timedelta(hours=2))
    for each in (living, gone):
        database.run(lambda connection, each=each: workers.register(connection, each))
    secret = as_program(database)

    clock.follow(timedelta(seconds=30))
    told = visitor.get(f"{HEALTH}/ready", authorization=secret).json()

    assert (told["status"], told["workers"]) == ("ready", 1)
    assert 30 <= told["oldest_due_seconds"] < 60


def test_without_a_database_the_server_says_when_to_ask_again(database: Database, visitor: Visitor) -> None:
    secret = as_program(database)
    assert visitor.get(f"{HEALTH}/ready", authorization=secret).status_code == 200

    away(database)
    answer = visitor.get(f"{HEALTH}/ready", authorization=secret)

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert str(database.engine.url.database) not in answer.text


def test_a_page_says_so_too_and_asks_again_by_itself(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)
    away(database)

    answer = visitor.get("/system")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert '<meta http-equiv="refresh" content="5">' in answer.text
    assert "The database does not answer." in answer.text
    assert str(database.engine.url.database) not in answer.text


def test_another_schema_is_no_reason_to_be_asked(database: Database, visitor: Visitor) -> None:
    secret = as_program(database)
    database.run(lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'"))

    assert visitor.get(f"{HEALTH}/ready", authorization=secret).status_code == 503


@pytest.mark.slow
@pytest.mark.parametrize("each", ["live", "ready", "startup"])
def test_the_document_of_the_api_has_it(database: Database, visitor: Visitor, each: str) -> None:
    document = visitor.get("/api/v1/openapi.json", authorization=as_program(database)).json()

    assert document["paths"][f"{HEALTH}/{each}"]["get"]["summary"].startswith("Whether the server")
    assert [path for path in document["paths"] if not path.startswith("/api/v1/")] == []
