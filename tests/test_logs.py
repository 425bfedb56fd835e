import io
import json
import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog
from freezegun import freeze_time

from process_manager import logs
from process_manager.errors import SettingsError

NOW = "2026-11-21T08:00:00.000Z"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    events = structlog.get_config()
    handlers, level, make = root.handlers[:], root.level, logging.getLogRecordFactory()
    with freeze_time("2026-11-21 08:00:00"):
        yield
    root.handlers[:], root.level = handlers, level
    logging.setLogRecordFactory(make)
    structlog.contextvars.clear_contextvars()
    structlog.configure(**events)


Captured = pytest.CaptureFixture[str]


def events(capsys: Captured) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_event_is_one_json_line_with_what_was_bound(capsys: Captured) -> None:
    logs.configure(style="json")
    structlog.contextvars.bind_contextvars(process_id=7, name="fakturering", version=1, step="claim", attempt=2)

    logs.get("process_manager.worker").bind(worker="w1").info("step.done", message="41 rækker")

    assert events(capsys) == [
        {
            "timestamp": NOW,
            "level": "info",
            "logger": "process_manager.worker",
            "event": "step.done",
            "worker": "w1",
            "message": "41 rækker",
            "process_id": 7,
            "name": "fakturering",
            "version": 1,
            "step": "claim",
            "attempt": 2,
        }
    ]


def test_an_event_on_the_console_is_one_readable_line(capsys: Captured) -> None:
    logs.configure()

    logs.get("process_manager.worker").info("step.done", process_id=7, step="claim", message="41 rækker")

    assert capsys.readouterr().err == (
        f"{NOW} [info     ] step.done [process_manager.worker] message='41 rækker' process_id=7 step=claim\n"
    )


def test_secrets_and_personal_numbers_are_masked_in_event_values_and_exception(capsys: Captured) -> None:
    logs.configure(style="json")

    try:
        raise ValueError("no login with PWD=hunter2 for 010190-1234")
    except ValueError:
        logs.get("office").exception(
            "login.failed for 0101901234",
            api_key="k",
            url="postgresql://office:hunter2@db/pm",
            case={"cpr": "unknown", "rows": ["se 01019012345"]},
        )

    found = events(capsys)
    traceback = found[0].pop("exception")
    assert found == [
        {
            "timestamp": NOW,
            "level": "error",
            "logger": "office",
            "event": "login.failed for ***",
            "api_key": "***",
            "url": "postgresql://office:***@db/pm",
            "case": {"cpr": "***", "rows": ["se ***"]},
        }
    ]
    assert traceback.endswith("\nValueError: no login with PWD=*** for ***")
    assert "hunter2" not in traceback


@pytest.mark.parametrize("style", ["console", "json"])
def test_no_traceback_shows_the_locals(style: str, capsys: Captured) -> None:
    logs.configure(style=style)

    try:
        hidden = "in a local " + "variable"
        raise ValueError(len(hidden))
    except ValueError:
        logs.get("office").exception("step.failed")
        logging.getLogger("sqlalchemy").exception("also failed")

    shown = capsys.readouterr().err
    assert shown.count("ValueError: 19") == 2
    assert "in a local variable" not in shown


def test_a_line_of_another_library_goes_the_same_way(capsys: Captured) -> None:
    logs.configure(style="json")
    structlog.contextvars.bind_contextvars(process_id=7)

    logging.getLogger("sqlalchemy.pool").warning("lost %s", "mssql://sa:hunter2@srv")
    logging.getLogger("sqlalchemy.pool").info("of no interest")

    assert events(capsys) == [
        {
            "timestamp": NOW,
            "level": "warning",
            "logger": "sqlalchemy.pool",
            "event": "lost mssql://sa:***@srv",
            "process_id": 7,
        }
    ]


def test_the_level_of_the_settings_takes_the_place_of_the_files(capsys: Captured) -> None:
    logs.configure(level="WARNING", style="json")
    log = logs.get("office")

    log.info("step.done")
    log.warning("lease.late")

    assert [event["event"] for event in events(capsys)] == ["lease.late"]


def test_a_logger_may_be_let_through_below_the_root(tmp_path: Path, capsys: Captured) -> None:
    own = tmp_path / "logging.yaml"
    own.write_text(shipped().replace("loggers:", "loggers:\n  office:\n    level: DEBUG"), "utf-8")
    logs.configure(config=own, style="json")

    logs.get("office").debug("seen")
    logs.get("process_manager").debug("not seen")

    assert [event["event"] for event in events(capsys)] == ["seen"]


def test_an_event_below_the_level_is_dropped_before_it_is_built() -> None:
    logs.configure(level="INFO")
    built: list[str] = []

    def watch(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        built.append(str(event["event"]))
        return event

    first, *others = structlog.get_config()["processors"]
    structlog.configure(processors=[first, watch, *others])
    log = logs.get("process_manager.worker").bind(process_id=7)

    log.debug("step.seen", rows=3)
    log.info("step.done", rows=3)

    assert built == ["step.done"]


def test_lines_go_to_the_stderr_of_the_moment(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    logs.configure()
    later = io.StringIO()
    monkeypatch.setattr(sys, "stderr", later)

    logs.get("office").info("step.done")

    assert (capsys.readouterr().err, later.getvalue()) == ("", f"{NOW} [info     ] step.done [office]\n")


def test_a_host_that_only_imports_us_finds_nothing_on_its_stdout(
    capsys: Captured, caplog: pytest.LogCaptureFixture
) -> None:
    logs.get("process_manager").warning("lease.late", api_key="x")

    assert capsys.readouterr().out == ""
    assert caplog.records[0].msg == {
        "timestamp": NOW,
        "level": "warning",
        "logger": "process_manager",
        "event": "lease.late",
        "api_key": "***",
    }


def test_the_file_handler_of_the_shipped_file_works_once_its_marks_are_off(tmp_path: Path) -> None:
    own, written = tmp_path / "logging.yaml", tmp_path / "office.log"
    text = re.sub(r"^  # (  |file:)", r"  \1", shipped(), flags=re.MULTILINE)
    own.write_text(text.replace("process-manager.log", str(written)).replace("[stderr]", "[file]"), "utf-8")
    logs.configure(config=own)

    logs.get("office").info("step.done", note="rækker \ud800")

    logging.getLogger().handlers[0].close()
    assert json.loads(written.read_text("utf-8")) == {
        "timestamp": NOW,
        "level": "info",
        "logger": "office",
        "event": "step.done",
        "note": "rækker \ud800",
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"a: [1", "is not valid YAML: while parsing a flow sequence"),
        (b"level: \xe6", "is not UTF-8"),
        (b"just text", "holds no logging configuration"),
        (b"version: 1\nroot: {level: LOUD}", "cannot be used: Unknown level: 'LOUD'"),
        (b"version: 1\nhandlers: {x: {class: no.such.Handler}}", "cannot be used: Cannot resolve 'no.such.Handler'"),
        (b"version: 1\nhandlers: [x]", "cannot be used: "),
        (b"version: 1\nroot: INFO", "cannot be used: "),
        (b"handlers: {}", "cannot be used: dictionary doesn't specify a version"),
    ],
)
def test_a_broken_logging_file_is_refused_in_one_line(content: bytes | None, problem: str, tmp_path: Path) -> None:
    broken = tmp_path / "logging.yaml"
    if content is not None:
        broken.write_bytes(content)

    with pytest.raises(SettingsError) as refused:
        logs.configure(config=broken, style="json")

    assert str(refused.value).startswith(f"{broken}: {problem}")
    assert "\n" not in str(refused.value)


def shipped() -> str:
    return (Path(__file__).parent.parent / "logging.yaml").read_text("utf-8")


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_program_without_stderr_logs_and_says_nothing(style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "__stderr__", None)

    logs.configure(style=style)

    logs.get("process_manager.worker").info("worker.started")


def test_a_line_reaches_the_first_stderr_when_a_step_closed_the_one_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, closed = io.StringIO(), io.StringIO()
    logs.configure(style="json")
    monkeypatch.setattr(sys, "__stderr__", first)
    monkeypatch.setattr(sys, "stderr", closed)
    closed.close()

    logs.get("process_manager.worker").info("worker.started")

    assert json.loads(first.getvalue())["event"] == "worker.started"


def test_a_handler_that_a_step_brings_along_writes_no_secret_either(capsys: Captured) -> None:
    logs.configure()
    own = io.StringIO()

    logging.basicConfig(stream=own, force=True)
    try:
        raise ValueError("password=hemmelig1")
    except ValueError:
        logging.getLogger("httpx").exception("GET /?token=%s", "hemmelig2")

    assert (own.getvalue().splitlines()[0], own.getvalue().splitlines()[-1]) == (
        "ERROR:httpx:GET /?token=***",
        "ValueError: password=***",
    )
    assert capsys.readouterr().err == ""
