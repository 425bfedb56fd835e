"""Microsoft's own Python driver: recover the error numbers that it drops, and refuse options that it cannot take."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.errors import DatabaseUnreachable

NAME: Final = "mssql+mssqlpython"

_RECORD: Final = re.compile(r"\[(\w{5})\] \((-?\d+)\)")
_STATES: Final = {
    "Client unable to establish connection": "08001",
    "Connection not open": "08003",
    "Connection operation failed": "08003",
    "Server rejected the connection": "08004",
    "Connection failure during transaction": "08007",
    "Communication link failure": "08S01",
    "Integrity constraint violation": "23000",
    "Invalid authorization specification": "28000",
    "Serialization failure": "40001",
    "Timeout expired": "HYT00",
    "Connection timeout expired": "HYT01",
}
_UNKNOWN: Final = "An error occurred with SQLSTATE code: "


def require(url: URL, shown: str) -> None:
    """Raise DatabaseUnreachable when the URL names an ODBC driver or an option that only pyodbc understands."""
    wrong = sorted({"driver", "odbc_connect", "dsn", "app"} & {name.lower() for name in url.query})
    if wrong:
        raise DatabaseUnreachable(
            url=shown,
            problem=f"{NAME} brings its own ODBC driver",
            hint=f"Remove {wrong[0]}=… from it, or write mssql+pyodbc://….",
        )


def prepare(engine: sa.Engine, shown: str) -> None:
    """Make the driver's errors carry their numbers, and report an unknown option of the URL as such."""
    _keep_numbers(shown)
    from mssql_python import ConnectionStringParseError

    @sa.event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: Any, words: Any, options: Any) -> Any:
        try:
            return dialect.connect(*words, **options)
        except ConnectionStringParseError:  # its text may contain a part of the password
            raise DatabaseUnreachable(
                url=shown,
                problem="it has an option after the ? that mssql-python does not know",
                hint="Write options such as Encrypt=yes or TrustServerCertificate=no.",
            ) from None


def _keep_numbers(shown: str) -> None:
    """Make the driver's errors carry the server's numbers, which it reads and drops.

    Without them, a lock timeout looks like a "syntax error or access violation".
    """
    from mssql_python import Error, cursor, ddbc_bindings

    check, records = getattr(cursor, "check_error", None), getattr(ddbc_bindings, "DDBCSQLGetAllDiagRecords", None)
    if check is None or records is None:
        raise DatabaseUnreachable(
            url=shown,
            problem="this release of mssql-python does not report error numbers",
            hint="Install mssql-python 1.16, or write mssql+pyodbc://….",
        )
    if not hasattr(check, "of_driver"):
        cursor.check_error = _ErrorCheck(check, records, Error)


class _ErrorCheck:
    """The function that the driver calls after each ODBC call, extended to read the numbers before it raises."""

    def __init__(self, of_driver: Any, records: Any, error: Any) -> None:
        self.of_driver = of_driver
        self._records = records
        self._error = error

    def __call__(self, kind: int, handle: Any, answer: int) -> None:
        records = self._records(handle) if answer < 0 else ()
        try:
            self.of_driver(kind, handle, answer)
        except self._error as error:
            error.records = [record for record, _text in records]
            raise


def codes(problem: BaseException | None) -> Sequence[str]:
    """Return the SQLSTATE and the native numbers of one of its errors."""
    driver_error = getattr(problem, "driver_error", None)
    if driver_error is None:
        return ()
    found = [each.groups() for record in getattr(problem, "records", ()) if (each := _RECORD.match(record))]
    numbers = [(state, number) for state, number in found if number != "0"]
    if numbers:
        return [*(number for _state, number in numbers), *(f"{state}/{number}" for state, number in numbers)]
    if found:
        return [found[0][0]]
    # Errors of connecting and of COMMIT have no number.
    if driver_error in _STATES:
        return [_STATES[driver_error]]
    return [driver_error.removeprefix(_UNKNOWN)] if _UNKNOWN in driver_error else ()
