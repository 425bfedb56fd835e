"""What is told of an error: its HTTP status and what happened, never a trace and never a value of a payload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from process_manager.errors import (
    DatabaseUnreachable,
    FateUnknown,
    Forbidden,
    HeldByAnother,
    IllegalMove,
    NotFound,
    ProcessManagerError,
    Refused,
    SchemaBusy,
    SchemaMismatch,
    SecondPersonNeeded,
    SwitchedOff,
    UsageError,
)
from process_manager.redaction import redact_text
from process_manager.web.refusals import RefusedRequest

RETRY_AFTER: Final = 5
"""Seconds after which a request is worth another try, where the database is away."""

STATUSES: Final[Sequence[tuple[type[ProcessManagerError], int]]] = (
    (Forbidden, 403),
    (NotFound, 404),
    (Refused, 409),
    (IllegalMove, 409),
    (HeldByAnother, 409),
    (SwitchedOff, 409),
    (SecondPersonNeeded, 409),
    (UsageError, 422),
    (DatabaseUnreachable, 503),
    (SchemaMismatch, 503),
    (SchemaBusy, 503),
    (FateUnknown, 500),
)
"""The HTTP status of each error; of others 500."""

AWAY: Final = "The database cannot be used just now. What was sent may be sent again."
UNKNOWN_FATE: Final = "The database did not confirm it: it may or may not have been done. Look before you try again."
UNFORESEEN: Final = "It could not be done, and nobody foresaw why. The log of the web server has more under this id."


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told of an error.

    Attributes:
        status: The HTTP status.
        detail: What happened, in a sentence or two.
        headers: What the answer says besides.
        errors: Of what was sent: the path of each field that does not fit, and why.
        is_foreseen: Whether it is no fault of this program.
    """

    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Mapping[str, Any]] = ()
    is_foreseen: bool = True

    @property
    def title(self) -> str:
        """The name of the status."""
        return HTTPStatus(self.status).phrase


def of(error: Exception) -> Problem:
    """Return what is told of an error."""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, RefusedRequest):
        error = error.__cause__  # refused while the body was read
    match error:
        case RefusedRequest():
            return Problem(error.status, str(error), error.headers)
        case HTTPException():
            return Problem(error.status_code, _plain(error), dict(error.headers or {}))
        case RequestValidationError():
            return Problem(422, "What was sent does not fit.", errors=[_field(each) for each in error.errors()])
        case ProcessManagerError():
            return _of_ours(error)
    return Problem(500, UNFORESEEN, is_foreseen=False)


def _of_ours(error: ProcessManagerError) -> Problem:
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
    if status == 503:
        return Problem(503, AWAY, {"Retry-After": str(RETRY_AFTER)})
    if isinstance(error, FateUnknown):
        return Problem(500, UNKNOWN_FATE)
    if status == 500:
        return Problem(500, UNFORESEEN, is_foreseen=False)
    return Problem(status, redact_text(str(error)))


def _plain(error: HTTPException) -> str:
    return {404: "There is nothing at this address.", 405: "This address does not take this method."}.get(
        error.status_code, str(error.detail)
    )


def _field(found: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the path of a field and what is wrong with it; pydantic's own text may repeat the value."""
    where, *path = found["loc"]
    return {"in": str(where), "field": ".".join(map(str, path)), "problem": str(found["type"]).replace("_", " ")}
