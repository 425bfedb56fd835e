"""What a person can do about an error of the database, by the code or the words that the database gives it."""

from __future__ import annotations

from collections.abc import Set
from typing import Final, NamedTuple

from process_manager.database import odbc
from process_manager.database.url_parsing import ENCODE
from process_manager.errors import DatabaseUnreachable, ProcessManagerError, SchemaBroken
from process_manager.redaction import redact_text

SHOWN: Final = 300
"""Characters of what the database itself says."""

# Each by its SQLSTATE on PostgreSQL and in ODBC, by its number on MariaDB and SQL Server.
_NO_RIGHTS: Final = frozenset({
    "42501",
    "1044", "1142", "1143", "1227", "1370",
    "229", "230", "262", "297", "300", "371", "916",
})  # fmt: skip
_LACKING: Final = frozenset({"42P01", "42703", "1146", "1054", "208", "207"})
_NO_DATABASE: Final = frozenset({"3D000", "1046", "1049", "4060"})
_NO_LOGIN: Final = frozenset({
    "28000", "28P01",
    "1045", "1129", "1130", "1698", "1820", "1862", "4151",
    "18452", "18456", "18487", "18488",
})  # fmt: skip
_CROWDED: Final = frozenset({"53300", "1040", "1203", "1226", "10928", "10929"})
_NO_DRIVER: Final = frozenset({"IM002", "IM003"})


class _Cure(NamedTuple):
    problem: str
    cure: str


_RIGHTS = _Cure(
    "its account may not do that",
    "GRANT it SELECT, INSERT, UPDATE and DELETE on all tables, on PostgreSQL also USAGE on their schema and on all"
    " sequences. `db upgrade` and `db downgrade` need an account that may create and alter tables.",
)
_DATABASE = _Cure("there is no such database, or none is named", "Make it with CREATE DATABASE, or mend its name.")
_LOGIN = _Cure("it does not let the account in", f"Check user and password, and from where it may log in. {ENCODE}")
_CROWD = _Cure("it takes no more connections", "Close others, run fewer workers, or have its limit raised.")
_HOST = _Cure("its host is not known", "Mend the host in the URL, or the name server.")
_BY_CODE: Final = ((_NO_RIGHTS, _RIGHTS), (_NO_DATABASE, _DATABASE), (_NO_LOGIN, _LOGIN), (_CROWDED, _CROWD))

# What is wrong while a connection is made has no code on PostgreSQL, and is said by the driver or the server.
_BY_WORDS: Final = {
    "is not currently accepting connections": _Cure(
        "it takes no connections", "Let it: ALTER DATABASE … ALLOW_CONNECTIONS true."
    ),
    'FATAL: database "': _DATABASE,
    'FATAL: role "': _LOGIN,
    "password authentication failed": _LOGIN,
    "no password supplied": _LOGIN,
    "no pg_hba.conf entry": _LOGIN,
    "too many connections": _CROWD,
    "connection slots are reserved": _CROWD,
    "could not translate host name": _HOST,
    "failed to resolve host": _HOST,
    "Unknown MySQL server host": _HOST,
    "Unknown server host": _HOST,
    "does not support SSL": _Cure(
        "it offers no encrypted connection", "Let the server offer TLS, or take sslmode out of the URL."
    ),
    "SSL is required": _Cure("it wants an encrypted connection", "Add what the driver needs for TLS to the URL."),
    "ertificate": _Cure(
        "the certificate of its connection is refused",
        "Name the right authority in the URL: sslrootcert=… on PostgreSQL, the driver's own word elsewhere.",
    ),
    "unsupported startup parameter": _Cure(
        "PgBouncer does not know a setting", "Take it out of the URL, PGOPTIONS or the service file."
    ),
    "in statement pooling mode": _Cure(
        "PgBouncer lends a connection for one statement", "Have it set pool_mode = transaction or session."
    ),
    "for connection option": _Cure("a value of its URL is none", "Mend what stands behind the ?."),
    "unrecognized configuration parameter": _Cure("an option of its URL is not known", "Mend options=… in the URL."),
}


def is_known(codes: Set[str]) -> bool:
    """Whether a code says what a person can do: then it is no row that is at fault."""
    return any(codes & known for known, _cure in _BY_CODE)


def explain(codes: Set[str], said: str, shown: str) -> ProcessManagerError | None:
    """The error of ours that says what a person can do; None for what this knows no better cure for."""
    line = redact_text(" ".join(said.split()), limit=SHOWN)
    if codes & _LACKING or "no such table" in line or "no such column" in line:
        return SchemaBroken(url=shown, problem=line)
    found = _found(codes, line)
    if found is None:
        return None
    return DatabaseUnreachable(url=shown, problem=f"{found.problem} ({line})", cure=found.cure)


def _found(codes: Set[str], line: str) -> _Cure | None:
    if codes & _NO_DRIVER or "Can't open lib" in line:
        return _Cure("its ODBC driver is not installed", odbc.drivers_here())
    by_code = (cure for known, cure in _BY_CODE if codes & known)
    return next(by_code, None) or next((cure for words, cure in _BY_WORDS.items() if words in line), None)
