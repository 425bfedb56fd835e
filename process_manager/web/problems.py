"""What is told of an error: its HTTP status and what happened, never a trace and never a value of a payload."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, cast

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from process_manager import errors
from process_manager.errors import (
    AnswerError,
    EditError,
    FateUnknown,
    FieldsError,
    IllegalValue,
    NotJson,
    PayloadError,
    ProcessManagerError,
    ReasonRequired,
    SignInsHeld,
)
from process_manager.message import Message
from process_manager.redaction import redact_text
from process_manager.web import told_errors
from process_manager.web.refusals import RefusedRequest

Fields = Sequence[tuple[str | tuple[str, ...], str]]
"""The path of each field, and what is wrong with it."""

RETRY_AFTER: Final = 5
"""Seconds after which a request is worth another try, where the database is away."""

STATUSES: Final[Mapping[type[ProcessManagerError], int]] = {
    # What was sent cannot be used.
    errors.UsageError: 422,
    errors.PayloadError: 422,
    errors.EditError: 422,
    errors.AnswerError: 422,
    errors.NotJson: 422,
    errors.IllegalValue: 422,
    errors.ReasonRequired: 422,
    errors.FieldsError: 422,
    errors.FileTooLarge: 413,
    # It is not there, or not for whoever asks.
    errors.Forbidden: 403,
    errors.SignInsHeld: 429,
    errors.NotFound: 404,
    errors.UnknownProcess: 404,
    errors.UnknownId: 404,
    errors.UnknownTask: 404,
    # It is refused as things stand.
    errors.Refused: 409,
    errors.ChangedSince: 412,
    errors.Occupied: 409,
    errors.ScheduleInCode: 409,
    errors.BotChanged: 412,
    errors.IllegalMove: 409,
    errors.HeldByAnother: 409,
    errors.SwitchedOff: 409,
    errors.BatchEnded: 409,
    errors.TaskClosed: 409,
    errors.TaskHeld: 409,
    errors.SecondPersonNeeded: 409,
    errors.PartlyFailed: 409,
    # Nothing is done, and later it may be.
    errors.DatabaseUnreachable: 503,
    errors.NoDatabaseYet: 503,
    errors.DatabaseReplaced: 503,
    errors.SchemaMismatch: 503,
    errors.SchemaBroken: 503,
    errors.SchemaBusy: 503,
    errors.SchemaInUse: 503,
    errors.ChainBroken: 503,
    # It may have been done: no 503, after which a program sends it again by itself.
    errors.FateUnknown: 500,
    # A fault of this program, of a process class or of the settings.
    ProcessManagerError: 500,
    errors.StepsError: 500,
    errors.NotYet: 500,
    errors.SettingsError: 500,
    errors.UnfitTransaction: 500,
    errors.NoConnection: 500,
    errors.FolderUnusable: 500,
    errors.Unwritable: 500,
    errors.Unreadable: 500,
}
"""The HTTP status of each error; a test holds that none is missing."""

AWAY: Final = "The database cannot be used just now. What was sent may be sent again."
UNKNOWN_FATE: Final = Message(
    "The database did not confirm it: it may or may not have been done. Look before you try again."
)
UNFORESEEN: Final = "It could not be done, and nobody foresaw why. The log of the web server has more under this id."


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told of an error.

    Attributes:
        status: The HTTP status.
        code: The name of the error, which programs may know it by.
        detail: What happened, in a sentence or two.
        headers: What the answer says besides.
        errors: Of what was sent: the path of each field that does not fit, and why.
        is_foreseen: Whether it is no fault of this program.
        said_to_people: What a page says instead of the detail, which is for programs.
    """

    status: int
    code: str
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Mapping[str, str]] = ()
    is_foreseen: bool = True
    said_to_people: str = ""

    @property
    def said(self) -> str:
        """What a page says of it."""
        return self.said_to_people or self.detail

    @property
    def title(self) -> str:
        """The name of the status."""
        return HTTPStatus(self.status).phrase


def of(error: Exception) -> Problem:
    """Return what is told of an error."""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, RefusedRequest | ProcessManagerError):
        error = error.__cause__  # refused while the body was read
    match error:
        case RefusedRequest():
            return Problem(error.status, _code(error), str(error), error.headers)
        case HTTPException():
            code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
            return Problem(error.status_code, code, _plain(error), dict(error.headers or {}))
        case RequestValidationError():
            fields = [_field(each) for each in error.errors()]
            return Problem(422, "illegal-request", Message("What was sent does not fit."), errors=fields)
        case ProcessManagerError():
            return _of_ours(error)
    return Problem(500, "unforeseen", UNFORESEEN, is_foreseen=False)


def _of_ours(error: ProcessManagerError) -> Problem:
    kind = next(each for each in type(error).__mro__ if each in STATUSES)
    status, code = STATUSES[kind], _code(error)
    if status == 503:
        return Problem(503, code, AWAY, {"Retry-After": str(RETRY_AFTER)})
    if isinstance(error, SignInsHeld):
        return Problem(status, code, str(error), {"Retry-After": str(error.facts["seconds"])})
    if isinstance(error, FateUnknown):
        return Problem(status, code, UNKNOWN_FATE)
    if status == 500:
        return Problem(500, "unforeseen", UNFORESEEN, is_foreseen=False)
    told, said = redact_text(str(error)), told_errors.said(error)
    return Problem(status, code, told, errors=_fields_of(error), said_to_people=said)


def _code(error: Exception) -> str:
    """Return the name of an error as programs spell it: `HeldByAnother` is `held-by-another`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()


def _fields_of(error: ProcessManagerError) -> list[Mapping[str, str]]:
    """Return which fields of what was sent an error is about, as far as it names them."""
    facts = error.facts
    match error:
        case PayloadError() | EditError():
            told = re.findall(r"(?:^|; )([^:;]+): (.*?)(?=; [^:;]+: |$)", str(facts["problems"]))
            return [_in_body(f"payload.{path}".replace("payload.payload", "payload"), why) for path, why in told]
        case FieldsError() | AnswerError():
            return [_in_body(_path(path), why) for path, why in cast(Fields, facts["fields"])]
        case NotJson():
            return [_in_body(str(facts["path"]), str(facts["problem"]))]
        case IllegalValue():
            return [_in_body(str(facts["what"]).lower().replace(" ", "_"), str(facts["problem"]))]
        case ReasonRequired():
            return [_in_body("reason", "missing")]
    return []


def _path(path: str | tuple[str, ...]) -> str:
    """Return the path of a field as a program has sent it; that of an answer is in parts."""
    return path if isinstance(path, str) else ".".join(("answer", *path))


def _in_body(path: str, why: str) -> Mapping[str, str]:
    return {"in": "body", "field": path, "problem": redact_text(why)}


def _plain(error: HTTPException) -> str:
    return {404: "There is nothing at this address.", 405: "This address does not take this method."}.get(
        error.status_code, str(error.detail)
    )


def _field(found: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the path of a field and what is wrong with it; pydantic's own text may repeat the value."""
    where, *path = found["loc"]
    return {"in": str(where), "field": ".".join(map(str, path)), "problem": str(found["type"]).replace("_", " ")}
