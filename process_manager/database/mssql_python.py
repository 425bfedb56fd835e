"""Microsoft's own driver for Python: what it keeps to itself of an error is asked for, what it cannot take refused."""

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
    """DatabaseUnreachable when the URL names an ODBC driver or what only pyodbc understands."""
    wrong = sorted({"driver", "odbc_connect", "dsn", "app"} & {name.lower() for name in url.query})
    if wrong:
        raise DatabaseUnreachable(
            url=shown,
            problem=f"{NAME} brings its own ODBC driver",
            cure=f"Take {wrong[0]}=… out of it, or write mssql+pyodbc://….",
        )


def prepare(engine: sa.Engine, shown: str) -> None:
    """Have its errors tell their numbers, and a word of the URL that it does not know be said as what it is."""
    _tell_numbers(shown)
    from mssql_python import ConnectionStringParseError

    @sa.event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: Any, words: Any, options: Any) -> Any:
        try:
            return dialect.connect(*words, **options)
        except ConnectionStringParseError:  # its text may hold a piece of the password
            raise DatabaseUnreachable(
                url=shown,
                problem="behind its ? stands a word that mssql-python does not know",
                cure="Write Encrypt=yes, TrustServerCertificate=no or the like.",
            ) from None


def _tell_numbers(shown: str) -> None:
    """Have the driver's errors carry the numbers that the server gave: it reads them, and forgets them.

    Without them a lock that was waited for is a "syntax error or access violation", like a statement that is none.
    """
    from mssql_python import Error, cursor, ddbc_bindings

    check, records = getattr(cursor, "check_error", None), getattr(ddbc_bindings, "DDBCSQLGetAllDiagRecords", None)
    if check is None or records is None:
        raise DatabaseUnreachable(
            url=shown,
            problem="this release of mssql-python does not say what is wrong",
            cure="Install mssql-python 1.16, or write mssql+pyodbc://….",
        )
    if not hasattr(check, "of_driver"):
        cursor.check_error = _Checked(check, records, Error)


class _Checked:
    """What the driver calls after each call of ODBC: before it raises, the numbers are read."""

    def __init__(self, of_driver: Any, records: Any, error: Any) -> None:
        self.of_driver = of_driver
        self._records = records
        self._error = error

    def __call__(self, kind: int, handle: Any, answer: int) -> None:
        told = self._records(handle) if answer < 0 else ()
        try:
            self.of_driver(kind, handle, answer)
        except self._error as error:
            error.records = [record for record, _text in told]
            raise


def codes(problem: BaseException | None) -> Sequence[str]:
    """The SQLSTATE and the native numbers of one of its errors."""
    said = getattr(problem, "driver_error", None)
    if said is None:
        return ()
    found = [each.groups() for record in getattr(problem, "records", ()) if (each := _RECORD.match(record))]
    numbers = [(state, number) for state, number in found if number != "0"]
    if numbers:
        return [*(number for _state, number in numbers), *(f"{state}/{number}" for state, number in numbers)]
    if found:
        return [found[0][0]]
    # Of a connection or a COMMIT no number can be had.
    return [_STATES.get(said) or said.removeprefix(_UNKNOWN)] if said in _STATES or _UNKNOWN in said else ()
