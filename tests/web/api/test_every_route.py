"""Every route, asked with every role and every scope: let in exactly where the table of acts says."""

from __future__ import annotations

from typing import Any

import pytest
from api_caller import Caller, Letter, Tidy, basic, give_token
from fastapi import FastAPI
from rig import Odd, Three, settings, start
from web_visitor import add_user

from process_manager import Cron, clock
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import bots, passwords
from process_manager.governance.permissions import ACTS, SCOPES
from process_manager.operations import schedules
from process_manager.store import jobs
from process_manager.web.app import create_app
from process_manager.web.office import Office
from tests.web.api.test_document import OPERATIONS

PASSWORD = "a long pass phrase"  # noqa: S105 - of a user that only a test has
OPEN = {"live", "ready", "startup"}
READING = {name for name in OPERATIONS if name.startswith(("get_", "list_", "count_"))}
ACT = {
    **{name: (name.replace("_", "-"),) for name in OPERATIONS if name.replace("_", "-") in ACTS},
    **dict.fromkeys(READING, ("read",)),
    "start_process": ("start",),
    "edit_payload": ("read", "edit-payload"),  # it answers what stood there
    "reveal": ("read", "reveal"),
    "reveal_file": ("read", "reveal"),
    "abandon_many": ("abandon",),
    "create_bot": ("bot-create",),
    "edit_bot": ("read", "bot-edit"),
    "replace_bot": ("read", "bot-edit"),
    "delete_bot": ("read", "bot-delete"),
    "start_job": ("read", "start"),
    "cancel_job": ("read", "cancel"),
    "rerun_job": ("read", "rerun"),
    "schedule_job": ("read", "rerun"),
    "restart_many": ("restart",),
    "add_schedule": ("schedule-add",),
    **{f"{way}_schedule": ("read", f"schedule-{way}") for way in ("pause", "resume", "run", "remove")},
    "change_limit": ("limit",),
    **{f"{way}_task": (f"task-{way}",) for way in ("answer", "claim", "release", "reassign")},
    "list_audit": ("audit",),
    "verify_audit": ("audit",),
}
"""The acts of the table that an operation needs."""


def test_every_operation_needs_an_act_of_the_table() -> None:
    assert ACT.keys() | OPEN == OPERATIONS.keys()
    assert {act for acts in ACT.values() for act in acts} <= ACTS.keys()


@pytest.mark.slow
@pytest.mark.parametrize("role", Role)
def test_a_role_is_let_in_where_the_table_says(app: FastAPI, database: Database, role: Role) -> None:
    started(database)
    add_user(database, "ada", role, password_hash=passwords.hashed(PASSWORD, of="ada"))

    found = let_in(app, Caller(app, basic("ada", PASSWORD)))

    assert found == {name for name, acts in ACT.items() if all(role in ACTS[act].roles for act in acts)} | OPEN


@pytest.mark.slow
@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_is_let_in_where_the_table_says(app: FastAPI, database: Database, scope: str) -> None:
    started(database)
    give_token(database, f"*:{scope}")

    found = let_in(app, Caller(app))

    assert found == {name for name, acts in ACT.items() if all(ACTS[act].scope == scope for act in acts)} | OPEN


def started(database: Database) -> None:
    """A process, which is a job, and a schedule."""
    new, known = bots.NewBot("Three", "three"), Registry((Three,))
    database.run(lambda connection: bots.create(connection, new, known, by="root", now=clock.now()))
    scheduled = schedules.NewSchedule("w1", "three", Cron("0 6 * * *"))
    database.run(lambda connection: schedules.add_schedule(connection, scheduled, registry=known, zone="UTC"))
    process_id = start(database)
    database.run(lambda connection: jobs.insert(connection, process_id, 1))


@pytest.mark.slow
def test_an_office_that_asks_for_every_reason_is_told_it_by_every_operation(database: Database) -> None:
    started(database)
    add_user(database, "ada", Role.ADMIN, password_hash=passwords.hashed(PASSWORD, of="ada"))
    known = Registry((Letter, Odd, Three, Tidy))
    app = create_app(Office.of(settings(reasons_required="*"), database, known))
    caller, document = Caller(app, basic("ada", PASSWORD)), app.openapi()

    asked = {name: sent(caller, document, *where.split()) for name, where in sorted(OPERATIONS.items())}
    lacking = {name for name, answer in asked.items() if answer.content and "needs a reason" in answer.text}

    assert lacking == set()
    assert {"remove_schedule", "delete_bot", "start_batch", "withdraw"} <= asked.keys()


def test_no_reason_stands_in_an_address_where_proxies_log_it(app: FastAPI) -> None:
    told = [each for path in app.openapi()["paths"].values() for each in path.values()]

    assert [each["operationId"] for each in told for it in each.get("parameters", []) if it["name"] == "reason"] == []


def let_in(app: FastAPI, caller: Caller) -> set[str]:
    """The operations that are not forbidden, whatever else becomes of them; each is sent its own example."""
    document = app.openapi()
    return {name for name, where in sorted(OPERATIONS.items()) if not forbidden(caller, document, *where.split())}


def forbidden(caller: Caller, document: dict[str, Any], method: str, path: str) -> bool:
    answer = sent(caller, document, method, path)
    assert answer.status_code < 500, answer.text
    if answer.content and "results" in answer.json():
        return all(" may not " in each["message"] for each in answer.json()["results"])
    return bool(answer.status_code == 403)


def sent(caller: Caller, document: dict[str, Any], method: str, path: str) -> Any:
    where = path.format(
        process_id=1, batch_id=1, key="tidy-attic", name="w1", bot_id=1, job_id=1, event="paid:1", task_id=1
    )
    told = document["paths"][f"/api/v1{path}"][method.lower()]
    headers = {"If-Match": "*"}
    return caller.client.request(method, f"/api/v1{where}", json=example(document, told), headers=headers)


FITTING = {
    "cron": {"name": "another", "process": "three", "cron": "0 6 * * *"},
    "script_identifier": {"name": "Another", "script_identifier": "three"},
    "bot_id": {"bot_id": "1"},
    "name": {"name": "three"},
}
"""What is sent instead of an example that has such a field."""


def example(document: dict[str, Any], told: dict[str, Any]) -> Any:
    if "requestBody" not in told:
        return None
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    name = schema.get("anyOf", [schema])[0]["$ref"].rpartition("/")[2]
    about = document["components"]["schemas"][name]
    found = dict(about["examples"][0])
    reason = {"reason": "because of the flood"} if "reason" in about["properties"] else {}
    known = next((fitting for name, fitting in FITTING.items() if name in found), None)
    if known is not None:
        return {**known, **reason}
    if "ids" in found or "where" in found:
        return {"ids": [1], **reason, **{name: found[name] for name in ("act",) if name in found}}
    return {**found, **reason}
