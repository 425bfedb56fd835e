"""Whatever the document of the API allows and does not allow is sent: no answer is an error of the server."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from api_caller import Letter, basic
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from rig import Three, start, work
from web_visitor import add_user

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.governance import passwords
from tests.web.api.test_document import OPERATIONS

PASSWORD = "a long pass phrase"  # noqa: S105 - of a user that only a test has
HEADERS = {"Authorization": basic("root", PASSWORD)}
SENT_NOTHING = {"live"}


@pytest.fixture
def described(app: FastAPI, database: Database) -> Any:
    """What the document says of a server with processes in several statuses."""
    add_user(database, "root", Role.ADMIN, password_hash=passwords.hashed(PASSWORD, of="root"))
    start(database)
    work(database, Three)
    start(database, Letter, {"cpr": "010190-1234"}, order_key="lane")
    start(database, Three, {"n": 1}, reference="R-1")
    import schemathesis  # half a second, and the quick tests do without

    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=HEADERS)


AS_FOUND = settings(
    max_examples=15, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_no_answer_is_an_error_of_the_server(described: Any, mode: str) -> None:
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import response_schema_conformance

    checks = [not_a_server_error, response_schema_conformance]
    asked: set[str] = set()
    for found in described.get_all_operations():
        operation = found.ok()

        @AS_FOUND
        @given(case=operation.as_strategy(generation_mode=GenerationMode(mode)))
        def ask(case: Any) -> None:
            case.call_and_validate(headers=HEADERS, checks=checks)

        with suppress(Unsatisfiable):  # what is sent nothing cannot be sent anything wrong
            ask()
            asked.add(operation.definition.raw["operationId"])

    assert asked == OPERATIONS.keys() - (SENT_NOTHING if mode == "negative" else set())
