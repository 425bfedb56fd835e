"""What the log tells of an act: who did what by which way, and never why, which may be personal."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from rig import start

from process_manager import logs
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.errors import Refused
from process_manager.governance import Policies, acting
from process_manager.governance.process_actions import Abandon

NONE = Policies()
SURROUNDINGS = {"timestamp", "level", "logger"}


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What was logged, as lines of JSON."""
    caplog.handler.setFormatter(logs.json_lines())
    with caplog.at_level(logging.INFO):
        yield caplog


def told(logged: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in logged.text.splitlines() if line.startswith("{")]
    return [{name: value for name, value in each.items() if name not in SURROUNDINGS} for each in found]


def test_an_act_and_a_refusal_are_each_a_line_without_their_reason(
    database: Database, logged: pytest.LogCaptureFixture
) -> None:
    actor = Actor("ada", is_person=True, way="page", request_id="r-1")
    process_id = start(database)
    for _ in range(2):
        with suppress(Refused):
            acting(database, actor, Abandon(process_id, reason="Ida Canary paid"), policies=NONE)

    act = {
        "act": "abandon", "process_id": process_id, "target": None, "actor": "ada", "way": "page", "request_id": "r-1",
    }  # fmt: skip
    assert told(logged) == [
        {"event": "act.done", "number": 1, **act},
        {"event": "act.refused", "number": 2, "error": "Refused", **act},
    ]


def test_who_types_an_act_reads_the_answer_and_no_log(database: Database, logged: pytest.LogCaptureFixture) -> None:
    acting(database, Actor("ada", way="console"), Abandon(start(database), reason="paid"), policies=NONE)

    assert told(logged) == []
