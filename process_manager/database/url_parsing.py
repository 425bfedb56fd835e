"""Parse database URLs before anything is looked up, so that no part of a mistyped password reaches a name server."""

from __future__ import annotations

import re
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from process_manager.errors import DatabaseUnreachable
from process_manager.redaction import safe_url

ENCODE: Final = (
    "In a user or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, % as %25 and a space as %20."
)

# As SQLAlchemy parses them: the first @ after a colon ends the password.
_ACCOUNT = re.compile(r"(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?")
_PLACE = re.compile(r"(?:\[[^/?]+\]|[^/:?]*)(?::(?P<port>[^/?]*))?")
_PORT = re.compile(r"\d{0,5}[/?]")
_HOST = re.compile(r"[\w.,\\()-]+|[\da-fA-F:.]+(?:%\w+)?")


def read(url: str, *, example: str) -> URL:
    """Parse the URL.

    Raises:
        DatabaseUnreachable: It is not a database URL, or its parts are unclear; nothing of its password is told.
    """
    shown = safe_url(url)
    problem, hint = _problem(url) or ("", "")
    if problem:
        raise DatabaseUnreachable(url=shown, problem=problem, hint=hint)
    try:
        return make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # its text may contain the password
        raise DatabaseUnreachable(url=shown, problem="it is not a database URL", hint=f"Write {example}") from None


def _problem(url: str) -> tuple[str, str] | None:
    """Return what makes the URL unclear, and the hint; None when it is clear."""
    scheme, found, rest = url.partition("://")
    if not found or (scheme.startswith("sqlite") and rest[:1] in ("", "/")):
        return None
    account = _ACCOUNT.match(rest)
    tail = rest[account.end() :] if account else rest
    if _has_stray_at(tail) or (account and _is_no_account(account["user"] or "", account["password"] or "")):
        return "a special character in the user or the password breaks it, so no connection was tried", ENCODE
    place = _PLACE.match(tail)
    port = (place["port"] or "") if place else ""
    if port and not (port.isascii() and port.isdecimal() and 1 <= int(port[:6]) <= 65535):
        return "its port is not a number from 1 to 65535", f"Write …@host:5432/database. {ENCODE}"
    host = tail[: place.end()].removesuffix(f":{port}").removesuffix(":") if place else ""
    if host and not _can_be_a_host(host.removeprefix("[").removesuffix("]")):
        return "the part where its host should be is not a host name, so no connection was tried", ENCODE
    return None


def _can_be_a_host(text: str) -> bool:
    try:
        text.encode("idna")  # as a name server is asked: a label may be too long
    except UnicodeError:
        return False
    return _HOST.fullmatch(text) is not None


def _has_stray_at(tail: str) -> bool:
    """Return whether an @ is left where none can be."""
    place, _, query = tail.partition("?")
    is_odbc = place in ("", "/") and query.lower().startswith("odbc_connect=")
    return "@" in place or ("@" in query and not is_odbc)


def _is_no_account(user: str, password: str) -> bool:
    """Return whether the text before the first @ may as well be a host, a port and a query that contains a password."""
    return (
        "?" in user or ("@" in user and re.search("[/?#]", password) is not None) or _PORT.match(password) is not None
    )
