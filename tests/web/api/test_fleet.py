"""Commands, switches, quiet windows, workers and kinds by the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from api_caller import Caller, Tidy, basic
from fastapi import FastAPI
from rig import Three, execute, start, work
from web_visitor import add_user

from process_manager import clock, operations
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import passwords
from process_manager.store import limits, workers
from process_manager.store.workers import Registered
from process_manager.web.office import Office

PASSWORD = "a long pass phrase"  # noqa: S105 - of a user that only a test has


@pytest.fixture
def operator(app: FastAPI, database: Database) -> Caller:
    """An operator with a password: no token may do anything to the fleet."""
    add_user(database, "ada", Role.OPERATOR, password_hash=passwords.hashed(PASSWORD, of="ada"))
    return Caller(app, basic("ada", PASSWORD))


def test_a_command_is_run_once_at_a_time(operator: Caller) -> None:
    tried = operator.post("/commands/tidy-attic/run", {"dry_run": True})
    first = operator.post("/commands/tidy-attic/run")
    second = operator.post("/commands/tidy-attic/run/")
    other = operator.post("/commands/tidy-cellar/run")

    assert (tried.status_code, tried.json()["process_id"]) == (200, None)
    assert (first.status_code, first.headers["location"]) == (201, f"/api/v1/processes/{first.json()['process_id']}")
    assert (second.status_code, second.json()["code"]) == (409, "held-by-another")
    assert other.status_code == 201
    states = {each["key"]: each["state"] for each in operator.get("/commands").json()["items"]}
    assert states.keys() == {"tidy-attic", "tidy-cellar"}


def test_a_command_that_nobody_knows_is_told_with_the_nearest(operator: Caller) -> None:
    answer = operator.post("/commands/tidy-atic/run")

    assert (answer.status_code, answer.json()["detail"]) == (
        404,
        "There is no command 'tidy-atic'. Did you mean 'tidy-attic'?",
    )


def test_a_command_whose_worker_is_gone_is_freed(operator: Caller, database: Database) -> None:
    registry = Registry((Tidy,))
    process_id = database.run(lambda connection: operations.run_command(connection, "tidy-attic", registry=registry))
    idle = operator.post("/commands/tidy-cellar/unlock", {"reason": "the host is gone"})
    waiting = operator.post("/commands/tidy-attic/unlock", {"reason": "the host is gone"})
    execute(
        database,
        "UPDATE processes SET status = 'running', due_at = NULL, worker = 'gone', fence = 1, lease_ends_at = :then,"
        " step_started_at = :then",
        then=f"{clock.now() - timedelta(hours=1):%Y-%m-%d %H:%M:%S.%f}",
    )
    freed = operator.post("/commands/tidy-attic/unlock", {"reason": "the host is gone"})

    assert (idle.status_code, waiting.status_code) == (404, 409)
    assert (freed.status_code, freed.json()["process_id"]) == (200, process_id)
    assert operator.get(f"/processes/{process_id}").json()["status"] == "pending"


def test_what_is_disabled_starts_no_more_until_it_is_enabled(operator: Caller) -> None:
    thrown = operator.post("/switches/tidy-attic/disable", {"reason": "SAP is closed", "until": "2099-01-01T00:00:00Z"})
    refused = operator.post("/commands/tidy-attic/run")
    listed = operator.get("/switches").json()["items"]
    taken = operator.post("/switches/tidy-attic/enable")
    again = operator.post("/switches/tidy-attic/enable")

    assert (thrown.status_code, thrown.json()["still_disabled"]) == (200, True)
    assert (refused.status_code, refused.json()["code"]) == (409, "switched-off")
    assert [(each["key"], each["by"], each["until"]) for each in listed] == [
        ("tidy-attic", "ada", "2099-01-01T00:00:00Z")
    ]
    assert (taken.status_code, taken.json()["still_disabled"]) == (200, False)
    assert again.status_code == 404
    assert operator.get("/switches").json() == {"items": []}


def test_a_switch_file_of_the_host_stays_and_is_told(operator: Caller, office: Office) -> None:
    file = Path(office.settings.locks_folder) / "three.disabled"
    file.touch()
    operator.post("/switches/three/disable", {"reason": "SAP is closed"})

    answer = operator.post("/switches/three/enable")

    assert (answer.status_code, answer.json()["still_disabled"]) == (200, True)
    assert file.exists()


@pytest.mark.parametrize(
    ("key", "body", "field"),
    [
        ("Three!", {"reason": "x"}, "key"),
        ("con", {"reason": "x"}, "key"),
        ("three", {}, "reason"),
        ("three", {"reason": "x", "until": "2020-01-01T00:00:00Z"}, "until"),
        ("three", {"reason": "x", "until": "tomorrow"}, "until"),
    ],
)
def test_a_switch_that_cannot_be_is_told(operator: Caller, key: str, body: dict[str, Any], field: str) -> None:
    answer = operator.post(f"/switches/{key}/disable", body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_who_sees_one_kind_is_shown_the_switches_that_hold_it(
    app: FastAPI, operator: Caller, database: Database
) -> None:
    for key in ("three", "letter", "default", "all-commands", "tidy-attic"):
        operator.post(f"/switches/{key}/disable", {"reason": "x"})
    hashed = passwords.hashed(PASSWORD, of="bo")
    add_user(database, "bo", Role.VIEWER, kinds=frozenset({"letter"}), password_hash=hashed)
    viewer = Caller(app, basic("bo", PASSWORD))

    assert [each["key"] for each in viewer.get("/switches").json()["items"]] == ["all-commands", "default", "letter"]
    assert viewer.get("/commands").json() == {"items": []}
    assert viewer.post("/switches/letter/enable").status_code == 403


def test_workers_are_told_with_what_they_know(operator: Caller, database: Database) -> None:
    assert operator.get("/workers").json() == {"items": []}
    now = clock.now()
    lives = Registered("w1", "office-1", 812, now, now, 8, (), (("letter", 1, ("write", "send")),))
    gone = replace(lives, name="w2", seen_at=now - timedelta(days=1))
    database.run(lambda connection: [workers.register(connection, each) for each in (lives, gone)])

    (found,) = operator.get("/workers").json()["items"]

    assert (found["name"], found["concurrency"], found["channels"]) == ("w1", 8, [])
    assert found["knows"] == [{"name": "letter", "version": 1, "steps": ["write", "send"]}]


def test_a_worker_is_drained_once(operator: Caller, database: Database) -> None:
    now = clock.now()
    lives = Registered("office-1:812:3fb2", "office-1", 812, now, now, 8, (), ())
    database.run(lambda connection: workers.register(connection, lives))

    tried = operator.post("/workers/office-1:812:3fb2/drain", {"dry_run": True})
    first = operator.post("/workers/office-1:812:3fb2/drain", {"reason": "it is patched"})
    again = operator.post("/workers/office-1:812:3fb2/drain/")
    other = operator.post("/workers/office-2/drain")

    assert (tried.status_code, tried.json()["was_asked"], tried.json()["audit_number"]) == (200, False, None)
    assert (first.status_code, first.json()["was_asked"]) == (200, False)
    assert first.json()["audit_number"] is not None
    assert (again.status_code, again.json()["was_asked"], again.json()["audit_number"]) == (200, True, None)
    assert (other.status_code, other.json()["code"]) == (404, "not-found")
    (found,) = operator.get("/workers").json()["items"]
    assert found["drain_asked_at"] is not None


def test_a_limit_is_listed_and_changed(operator: Caller, database: Database) -> None:
    database.run(lambda connection: limits.declare(connection, [limits.Declared("sap-seats", None, 3, {"sap": 1})]))

    tried = operator.post("/limits/sap-seats", {"number": 5, "dry_run": True})
    first = operator.post("/limits/sap-seats", {"number": 5, "reason": "two more licences"})
    other = operator.post("/limits/sap-seat", {"number": 5})

    assert (tried.status_code, tried.json()["changed"], tried.json()["audit_number"]) == (200, True, None)
    assert (first.status_code, first.json()["changed"]) == (200, True)
    assert (other.status_code, other.json()["code"]) == (404, "not-found")
    (found,) = operator.get("/limits").json()["items"]
    assert (found["name"], found["most"], found["declared"], found["holders"]) == ("sap-seats", 5, 3, [])


def test_kinds_are_told_with_their_counts(operator: Caller, database: Database) -> None:
    start(database)
    work(database, Three)
    start(database)

    found = {each["name"]: each["counts"] for each in operator.get("/kinds").json()["items"]}

    assert found["three"] == {"succeeded": 1, "pending": 1}
    assert found["letter"] == {}


def test_a_kind_is_told_by_step_and_version(operator: Caller, database: Database) -> None:
    start(database)

    found = operator.get("/kinds/three").json()

    assert [(each["name"], each["here"]) for each in found["kind"]["steps"]] == [("a", 1), ("b", 0), ("c", 0)]
    assert [(each["version"], each["due"], each["standing"]) for each in found["kind"]["versions"]] == [(1, 1, "used")]
    assert [(each["open"], each["fate"]) for each in found["deployments"]] == [(1, "continues")]
    assert operator.get("/kinds/four").status_code == 404


def test_a_worker_is_told_with_what_it_does(operator: Caller, database: Database) -> None:
    now = clock.now()
    lives = Registered("office-1:812:3fb2", "office-1", 812, now, now, 8, (), ())
    gone = replace(lives, name="office-2:1:a", seen_at=now - timedelta(hours=1))
    database.run(lambda connection: [workers.register(connection, each) for each in (lives, gone)])

    found = operator.get("/workers/office-1:812:3fb2").json()

    assert (found["worker"]["host"], found["standing"], found["held"], found["steps"]) == ("office-1", "idle", 0, [])
    assert operator.get("/workers/office-2:1:a").json()["standing"] == "offline"
    assert operator.get("/workers/office-3").status_code == 404


def test_quiet_windows_are_told_with_what_each_would_hold(operator: Caller, office: Office) -> None:
    assert operator.get("/quiet-windows").json() == {"items": []}
    object.__setattr__(office, "settings", office.settings.model_copy(update={"quiet": "22:00-06:00"}))

    found = operator.get("/quiet-windows", days=3).json()["items"]

    assert {each["of"] for each in found} == {"engine"}
    assert len(found) in (3, 4)
    assert operator.get("/quiet-windows", days=32).status_code == 422
