"""The marked values of a process are in no log line of the engine about it, and a class without marks costs nothing."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest
import structlog
from rig import start, work

from process_manager import Done, Process, Retry, RetryPolicy, StepRun, Upgrade, logs
from process_manager.database import Database
from process_manager.execution import hidden_values

CPR = "kanarie 010190"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root, events, make = logging.getLogger(), structlog.get_config(), logging.getLogRecordFactory()
    handlers, level = root.handlers[:], root.level
    logs.configure(style="json")
    yield
    root.handlers[:], root.level = handlers, level
    logging.setLogRecordFactory(make)
    structlog.configure(**events)


def logged(capsys: Captured, event: str) -> dict[str, Any]:
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (found,) = [line for line in lines if line["event"] == event]
    return dict(found)


class Marked(Process):
    personal = ("cpr",)
    STEPS = {"do": "do"}

    def do(self, run: StepRun) -> Done | Retry:
        return Retry("down") if run.payload.get("fails") else Done()


def broken(_attempt: int, _roll: float) -> timedelta:
    raise ValueError(f"no rest for {CPR}")


def test_a_policy_that_raises_is_logged_without_them(database: Database, capsys: Captured) -> None:
    policy = RetryPolicy(attempts=None, max_age=None, rest=broken, text="broken")
    start(database, Marked, {"cpr": CPR, "fails": True})

    work(database, type("Marked", (Marked,), {"retry": policy}))

    assert logged(capsys, "outcome.unusable")["problem"] == "ValueError: no rest for ***"


def test_an_upgrade_that_raises_is_logged_without_any_value_of_the_payload(
    database: Database, capsys: Captured
) -> None:
    def convert(payload: dict[str, Any]) -> dict[str, Any]:
        raise ValueError(f"no {payload['number']}")

    start(database, Marked, {"number": CPR})
    newer = {"name": "marked", "version": 2, "upgrades": {1: Upgrade(payload=convert)}}

    work(database, type("Newer", (Marked,), newer))

    assert logged(capsys, "upgrade.failed")["problem"] == "ValueError: no ***"


@pytest.mark.parametrize(("marks", "times"), [((), 0), (("cpr",), 1)])
def test_only_a_class_with_marks_pays(database: Database, marks: tuple[str, ...], times: int) -> None:
    """No function that hides values is on the way to a step of a class that marks nothing."""
    called: list[str] = []

    def do(self: Process, run: StepRun) -> Done:
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            if frame.f_code.co_filename == hidden_values.__file__:
                called.append(frame.f_code.co_name)
            frame = frame.f_back
        return Done()

    process = type("Marked", (Marked,), {"personal": marks, "do": do})
    start(database, process, {"cpr": CPR})
    work(database, process)

    assert called == ["hide"] * times
