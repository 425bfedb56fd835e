"""The document of the API: names that stay, an example of each answer, and who may ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from api_caller import Caller
from fastapi import FastAPI
from fastapi.routing import APIRoute

from process_manager.web.api.resources import ROUTERS
from process_manager.web.api.router import PROBLEMS

OPERATIONS = {
    "add_schedule": "POST /schedules",
    "get_schedule": "GET /schedules/{name}",
    "list_schedules": "GET /schedules",
    "list_slots": "GET /schedules/{name}/next",
    "pause_schedule": "POST /schedules/{name}/pause",
    "remove_schedule": "DELETE /schedules/{name}",
    "resume_schedule": "POST /schedules/{name}/resume",
    "run_schedule": "POST /schedules/{name}/run",
    "abandon": "POST /processes/{process_id}/abandon",
    "cancel": "POST /processes/{process_id}/cancel",
    "run_now": "POST /processes/{process_id}/run-now",
    "abandon_many": "POST /processes/abandon",
    "cancel_job": "POST /jobs/{job_id}/cancel",
    "create_bot": "POST /bots",
    "delete_bot": "DELETE /bots/{bot_id}",
    "edit_bot": "PATCH /bots/{bot_id}",
    "get_bot": "GET /bots/{bot_id}",
    "get_job": "GET /jobs/{job_id}",
    "get_job_history": "GET /jobs/{job_id}/history",
    "get_job_logs": "GET /jobs/{job_id}/logs",
    "get_job_result": "GET /jobs/{job_id}/result",
    "get_kind": "GET /kinds/{name}",
    "get_worker": "GET /workers/{name}",
    "list_bots": "GET /bots",
    "list_jobs": "GET /jobs",
    "replace_bot": "PUT /bots/{bot_id}",
    "rerun_job": "POST /jobs/{job_id}/rerun",
    "schedule_job": "POST /jobs/{job_id}/schedule",
    "start_job": "POST /jobs",
    "count_processes": "GET /processes/count",
    "disable": "POST /switches/{key}/disable",
    "drain": "POST /workers/{name}/drain",
    "get_event": "GET /events/{event}",
    "list_events": "GET /events",
    "signal": "POST /events/{event}",
    "withdraw": "POST /events/{event}/withdraw",
    "change_limit": "POST /limits/{name}",
    "list_limits": "GET /limits",
    "edit_payload": "POST /processes/{process_id}/edit-payload",
    "enable": "POST /switches/{key}/enable",
    "get_file": "GET /processes/{process_id}/files/{name}",
    "get_history": "GET /processes/{process_id}/history",
    "list_children": "GET /processes/{process_id}/children",
    "get_logs": "GET /processes/{process_id}/logs",
    "get_process": "GET /processes/{process_id}",
    "list_audit": "GET /audit",
    "get_batch": "GET /batches/{batch_id}",
    "list_batches": "GET /batches",
    "list_batch_items": "GET /batches/{batch_id}/items",
    "list_causes": "GET /causes",
    "get_report_causes": "GET /reports/causes",
    "get_report_durations": "GET /reports/durations",
    "get_report_per_day": "GET /reports/per-day",
    "get_report_steps": "GET /reports/steps",
    "start_batch": "POST /batches",
    "stop_batch": "POST /batches/{batch_id}/stop",
    "list_commands": "GET /commands",
    "list_files": "GET /processes/{process_id}/files",
    "list_kinds": "GET /kinds",
    "list_processes": "GET /processes",
    "list_quiet_windows": "GET /quiet-windows",
    "list_switches": "GET /switches",
    "list_workers": "GET /workers",
    "list_tasks": "GET /tasks",
    "get_task": "GET /tasks/{task_id}",
    "answer_task": "POST /tasks/{task_id}/answer",
    "claim_task": "POST /tasks/{task_id}/claim",
    "release_task": "POST /tasks/{task_id}/release",
    "reassign_task": "POST /tasks/{task_id}/reassign",
    "live": "GET /health/live",
    "ready": "GET /health/ready",
    "rerun": "POST /processes/{process_id}/rerun",
    "resolve": "POST /processes/{process_id}/resolve",
    "restart": "POST /processes/{process_id}/restart",
    "restart_many": "POST /processes/restart",
    "reveal_file": "POST /processes/{process_id}/files/{name}/reveal",
    "reveal": "POST /processes/{process_id}/reveal",
    "run_command": "POST /commands/{key}/run",
    "skip_step": "POST /processes/{process_id}/skip-step",
    "start_process": "POST /processes",
    "startup": "GET /health/startup",
    "unlock": "POST /commands/{key}/unlock",
    "verify_audit": "GET /audit/verify",
}
"""Programs are generated from these names: one that is taken away or called otherwise breaks them."""


class Operation(NamedTuple):
    """An operation of the document."""

    method: str
    path: str
    told: dict[str, Any]


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    """The document."""
    made: dict[str, Any] = app.openapi()
    return made


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield Operation(method.upper(), path, told)


def test_the_operations_keep_their_names(document: dict[str, Any]) -> None:
    found = {
        each.told["operationId"]: f"{each.method} {each.path.removeprefix('/api/v1')}" for each in operations(document)
    }

    assert found == OPERATIONS


def test_each_path_may_have_a_slash_at_its_end() -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    paths = {re.sub("{.*?}", "7", route.path): route.path_regex for route in routes}

    assert len(paths) >= len({each.partition(" ")[2] for each in OPERATIONS.values()})
    for path, fits in paths.items():
        assert [bool(fits.match(f"{path}{end}")) for end in ("", "/", "//", "/7")] == [True, True, False, False]


def test_the_document_is_served_to_who_is_known(caller: Caller, app: FastAPI) -> None:
    assert caller.get("/openapi.json").json()["openapi"].startswith("3.1")
    assert Caller(app, None).get("/openapi.json").status_code == 401


def test_each_answer_has_an_example_that_fits_it(document: dict[str, Any]) -> None:
    for each in operations(document):
        for status, answer in each.told["responses"].items():
            content = answer.get("content")
            if content is None:
                assert status == "204"
            elif status.startswith("2") and "application/octet-stream" in content:
                assert content["application/octet-stream"]["schema"]["format"] == "binary"
            elif status.startswith("2"):
                told = content["application/json"]
                fits(document, told["schema"], told["example"])
            else:
                assert content.keys() == {"application/problem+json"}, (each, status)
                assert answer["description"] == PROBLEMS[int(status)]


def test_each_body_has_an_example_that_fits_it(document: dict[str, Any]) -> None:
    bodies = [each.told["requestBody"]["content"] for each in operations(document) if "requestBody" in each.told]
    for content in bodies:
        schema = content["application/json"]["schema"]
        schema = schema.get("anyOf", [schema])[0]  # one that may be left out
        named = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]

        assert named["examples"]
        for example in named["examples"]:
            fits(document, schema, example)

    assert len(bodies) == sum(each.startswith(("POST", "PUT", "PATCH", "DELETE")) for each in OPERATIONS.values())


def fits(document: dict[str, Any], schema: dict[str, Any], example: Any) -> None:
    whole = {**schema, "components": document["components"]}
    jsonschema_rs.validator_for(whole).validate(example)


def test_each_operation_but_one_says_that_it_needs_a_token_or_a_password(document: dict[str, Any]) -> None:
    needs = {each.told["operationId"]: each.told["security"] for each in operations(document)}

    assert needs.pop("live") == []
    assert set(map(str, needs.values())) == {str([{"token": []}, {"password": []}])}
    schemes = document["components"]["securitySchemes"]
    assert {name: scheme["scheme"] for name, scheme in schemes.items()} == {"token": "bearer", "password": "basic"}


def test_a_problem_is_as_the_document_says(document: dict[str, Any], caller: Caller) -> None:
    schema = {"$ref": "#/components/schemas/Problem"}

    for answer in (caller.get("/processes/7"), caller.get("/processes", limit=0), caller.get("/nowhere")):
        fits(document, schema, answer.json())


def test_a_program_of_another_site_is_told_of_nothing_that_a_browser_would_let_it_read(caller: Caller) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}

    answer = caller.client.options("/api/v1/processes", headers=asked)

    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
