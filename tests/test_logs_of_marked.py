"""No log line holds what is marked in the process whose step runs."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from process_manager import logs
from process_manager.redaction.values import HiddenValues

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    events = structlog.get_config()
    handlers, level, make = root.handlers[:], root.level, logging.getLogRecordFactory()
    yield
    root.handlers[:], root.level = handlers, level
    logging.setLogRecordFactory(make)
    structlog.configure(**events)


def events(capsys: Captured) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


class Step:
    """What a run says of itself."""

    process_id, name, version, step, attempt = 4711, "permit", 1, "Holm", 1


def test_marked_values_of_the_process_at_work_are_masked_before_secrets_that_they_are_parts_of(
    capsys: Captured,
) -> None:
    logs.configure(style="json")
    hidden = HiddenValues(["Holm", 4711, "Ida 010190-1234, Oslo"])
    run, hiding = logs.running.set(Step()), logs.hiding.set(lambda: hidden)
    try:
        logs.get("ours").info("letter.sent", to="Mr Holm", name="Holm", row=4711, at={"Holm": ("Holm",)})
        logging.getLogger("theirs").info("of %s", "Ida 010190-1234, Oslo")
        logging.getLogger("theirs").info("%d rows", 4711)
    finally:
        logs.running.reset(run)
        logs.hiding.reset(hiding)
    logs.get("ours").info("letter.sent", to="Mr Holm")

    first, second, third, last = events(capsys)
    assert [first[each] for each in ("process_id", "name", "step", "to", "row", "at")] == [
        4711, "***", "Holm", "Mr ***", "***", {"***": ["***"]},
    ]  # fmt: skip
    assert (second["event"], third["event"], last["to"]) == ("of ***", "*** rows", "Mr Holm")


def test_marked_values_are_looked_up_only_when_something_is_logged() -> None:
    asked: list[str] = []

    def hidden() -> HiddenValues:
        asked.append("values")
        return HiddenValues([])

    logs.configure(level="WARNING")
    token = logs.hiding.set(hidden)
    try:
        logs.get("ours").info("nothing")
        assert asked == []
        logs.get("ours").warning("something")
    finally:
        logs.hiding.reset(token)

    assert asked == ["values"]
