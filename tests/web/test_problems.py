"""What is told of an error: its status by one table, what would do, and no value of a payload."""

from __future__ import annotations

from typing import Any

import pytest

from process_manager import errors
from process_manager.actor import Role
from process_manager.errors import ProcessManagerError
from process_manager.governance import permissions
from process_manager.lifecycle.status import stands
from process_manager.message import Message
from process_manager.web import catalogue, problems

FACTS: dict[str, Any] = {"process_id": 7, "stands": "has succeeded", "problem": "it cannot be restarted"}
REFUSED = "Process 7 has succeeded: it cannot be restarted. Look."


HELD = "Process 7 is held by w. W."
OFF = "It may not start now, because off. W."
FORBIDDEN = "ada may not read: no. Ask."


def every_error() -> list[type[ProcessManagerError]]:
    found = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, ProcessManagerError)]
    return sorted(found, key=lambda each: each.__name__)


def test_every_error_has_its_status_in_the_table() -> None:
    assert set(problems.STATUSES) == set(every_error())


@pytest.mark.parametrize(
    ("error", "status", "code", "detail"),
    [
        (errors.Refused(**FACTS, hint="Look."), 409, "refused", REFUSED),
        (errors.ChangedSince(**FACTS, hint="Look."), 412, "changed-since", REFUSED),
        (
            errors.HeldByAnother(process_id=7, holder="w", hint="W."),
            409,
            "held-by-another",
            "Process 7 is held by w. W.",
        ),
        (
            errors.SwitchedOff(what="It", why="off", hint="W."),
            409,
            "switched-off",
            "It may not start now, because off. W.",
        ),
        (
            errors.Forbidden(actor="ada", what="read", why="no", hint="Ask."),
            403,
            "forbidden",
            "ada may not read: no. Ask.",
        ),
        (errors.NotFound(problem="There is none."), 404, "not-found", "There is none."),
        (errors.UnknownId(process_id=7, database="it"), 404, "unknown-id", "There is no process with id 7 in it."),
        (errors.DatabaseUnreachable(url="", problem="", hint=""), 503, "database-unreachable", problems.AWAY),
        (errors.FateUnknown(url=""), 500, "fate-unknown", problems.UNKNOWN_FATE),
        (errors.SettingsError(where="lease", problem="secret", hint=""), 500, "unforeseen", problems.UNFORESEEN),
        (ZeroDivisionError("secret"), 500, "unforeseen", problems.UNFORESEEN),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else None,
)
def test_an_error_is_told_by_its_status_and_its_sentence(error: Exception, status: int, code: str, detail: str) -> None:
    told = problems.of(error)

    assert (told.status, told.code) == (status, code)
    assert told.detail.startswith(detail)


def test_only_what_certainly_was_not_done_may_be_sent_again_by_itself() -> None:
    away = problems.of(errors.DatabaseUnreachable(url="", problem="", hint=""))

    assert away.headers == {"Retry-After": "5"}
    assert problems.of(errors.FateUnknown(url="")).headers == {}


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        (
            errors.PayloadError(process="letter", problems="cpr: Field required; copies: Input should be a number"),
            [("payload.cpr", "Field required"), ("payload.copies", "Input should be a number")],
        ),
        (errors.PayloadError(process="letter", problems="payload: it is a list"), [("payload", "it is a list")]),
        (errors.NotJson(path="payload.a", problem="nan", hint=""), [("payload.a", "nan")]),
        (errors.IllegalValue(what="reference", value="", problem="is empty", hint=""), [("reference", "is empty")]),
        (errors.ReasonRequired(what="restart"), [("reason", "missing")]),
        (errors.UsageError(problem="no"), []),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else None,
)
def test_what_does_not_fit_is_told_by_the_path_of_its_field(error: Exception, fields: list[tuple[str, str]]) -> None:
    told = problems.of(error)

    assert told.status == 422
    assert [(each["field"], each["problem"]) for each in told.errors] == fields


def test_a_page_says_it_in_the_language_of_its_reader_and_without_what_is_to_be_typed() -> None:
    danish = catalogue.every()["da"]
    role, act = permissions.ROLES[Role.VIEWER], permissions.ACTS["restart"].words
    facts = {"process_id": 7, "stands": stands("succeeded"), "problem": Message("it cannot be restarted")}

    refused = problems.of(errors.Refused(**facts, hint="`process-manager rerun-process 7` …"))
    forbidden = problems.of(errors.Forbidden(actor="ada", what=act, why="no", hint="Ask.", role=role))

    assert refused.said == "Process 7 has succeeded: it cannot be restarted."
    assert danish.say(refused.said) == "Proces 7 er lykkedes: den kan ikke genstartes."
    assert refused.detail.endswith("`process-manager rerun-process 7` …")
    assert danish.say(forbidden.said) == "Din rolle, læser, kan ikke genstarte processer."
