"""What a person can do about a database error, by its code or by the words of its message."""

from __future__ import annotations

from collections.abc import Set
from typing import Final, NamedTuple

from process_manager.database import odbc
from process_manager.database.url_parsing import ENCODE
from process_manager.errors import DatabaseUnreachable, ProcessManagerError, SchemaBroken
from process_manager.redaction import redact_text

SHOWN: Final = 300
"""The most characters of the database's own message that are shown."""

# By SQLSTATE on PostgreSQL and in ODBC, by error number on MariaDB and SQL Server.
_NO_RIGHTS: Final = frozenset({
    "42501",
    "1044", "1142", "1143", "1227", "1370",
    "229", "230", "262", "297", "300", "371", "916",
})  # fmt: skip
_MISSING_OBJECT: Final = frozenset({"42P01", "42703", "1146", "1054", "208", "207"})
_NO_DATABASE: Final = frozenset({"3D000", "1046", "1049", "4060"})
_NO_LOGIN: Final = frozenset({
    "28000", "28P01",
    "1045", "1129", "1130", "1698", "1820", "1862", "4151",
    "18452", "18456", "18487", "18488",
})  # fmt: skip
_TOO_MANY: Final = frozenset({"53300", "1040", "1203", "1226", "10928", "10929"})
_NO_DRIVER: Final = frozenset({"IM002", "IM003"})


class _Advice(NamedTuple):
    problem: str
    hint: str


_RIGHTS = _Advice(
    "its account lacks the permission",
    "GRANT it SELECT, INSERT, UPDATE and DELETE on all tables, on PostgreSQL also USAGE on their schema and on all"
    " sequences. `db upgrade` and `db downgrade` need an account that may create and alter tables.",
)
_DATABASE = _Advice(
    "there is no such database, or none is named", "Create it with CREATE DATABASE, or fix its name in the URL."
)
_LOGIN = _Advice("it refuses the login", f"Check user, password and the hosts it may log in from. {ENCODE}")
_FULL = _Advice("it accepts no more connections", "Close some, run fewer workers, or raise its limit.")
_HOST = _Advice("its host is not known", "Fix the host in the URL, or the name server.")
_BY_CODE: Final = ((_NO_RIGHTS, _RIGHTS), (_NO_DATABASE, _DATABASE), (_NO_LOGIN, _LOGIN), (_TOO_MANY, _FULL))

# Errors of connecting have no code on PostgreSQL; the text is the driver's or the server's.
_BY_WORDS: Final = {
    "is not currently accepting connections": _Advice(
        "it accepts no connections", "Allow them: ALTER DATABASE … ALLOW_CONNECTIONS true."
    ),
    'FATAL: database "': _DATABASE,
    'FATAL: role "': _LOGIN,
    "password authentication failed": _LOGIN,
    "no password supplied": _LOGIN,
    "no pg_hba.conf entry": _LOGIN,
    "too many connections": _FULL,
    "connection slots are reserved": _FULL,
    "could not translate host name": _HOST,
    "failed to resolve host": _HOST,
    "Unknown MySQL server host": _HOST,
    "Unknown server host": _HOST,
    "does not support SSL": _Advice(
        "it offers no encrypted connection", "Enable TLS on the server, or remove sslmode from the URL."
    ),
    "SSL is required": _Advice("it requires an encrypted connection", "Add the driver's options for TLS to the URL."),
    "ertificate": _Advice(
        "the server's certificate is not trusted",
        "Name the right authority in the URL: sslrootcert=… on PostgreSQL, the driver's own option elsewhere.",
    ),
    "unsupported startup parameter": _Advice(
        "PgBouncer does not know a setting", "Remove it from the URL, PGOPTIONS or the service file."
    ),
    "in statement pooling mode": _Advice(
        "PgBouncer lends a connection for one statement", "Set its pool_mode to transaction or session."
    ),
    "for connection option": _Advice("an option in its URL has an invalid value", "Fix what follows the ?."),
    "unrecognized configuration parameter": _Advice("an option in its URL is unknown", "Fix options=… in the URL."),
}


def is_known(codes: Set[str]) -> bool:
    """Return whether a code has its own advice: then no single row is at fault."""
    return any(codes & known for known, _advice in _BY_CODE)


def explain(codes: Set[str], message: str, shown: str) -> ProcessManagerError | None:
    """Return our error that tells a person what to do; None when there is no better advice for it."""
    line = redact_text(" ".join(message.split()), limit=SHOWN)
    if codes & _MISSING_OBJECT or "no such table" in line or "no such column" in line:
        return SchemaBroken(url=shown, problem=line)
    found = _found(codes, line)
    if found is None:
        return None
    return DatabaseUnreachable(url=shown, problem=f"{found.problem} ({line})", hint=found.hint)


def _found(codes: Set[str], line: str) -> _Advice | None:
    if codes & _NO_DRIVER or "Can't open lib" in line:
        return _Advice("its ODBC driver is not installed", odbc.drivers_here())
    by_code = (advice for known, advice in _BY_CODE if codes & known)
    return next(by_code, None) or next((advice for words, advice in _BY_WORDS.items() if words in line), None)
