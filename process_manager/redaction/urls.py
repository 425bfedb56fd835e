"""Database URLs that are safe to show: only what is well formed, because the rest may be a part of a password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote_plus

from process_manager.redaction.words import SECRET, SHORT

MASK: Final = "***"
LONGEST: Final = 20_000
"""The longest URL in characters: nobody writes a longer one."""

_SCHEME = re.compile(r"[A-Za-z][\w+.-]*")
_PLACE = re.compile(
    r"(?:(?P<user>[^\s:/?#@\[\]]*)(?P<password>:[^\s:/?#@]*)?@)?"
    r"(?P<where>(?:\[[\da-fA-F:.%]+\]|[\w.,\\()-]*)(?::\d{1,5})?(?:/[^\s:?#@]*)?)"
)
_NAME = re.compile(r"[\w.-]{1,60}")
_SECRET = re.compile(rf"{SECRET}|^(?:{SHORT})$", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?P<name>[^=;{}]*)(?P<value>=\s*+(?:\{(?:[^}]|\}\})*+\}?+[^;]*+|[^;]*+))?[^;]*+(?:;|\Z)")

_HARMLESS: Final = re.compile(
    "addr(ess)?|app|application_name|applicationintent|authentication|autocommit|channel_binding|charset|database"
    "|(connect_|connection |login )?timeout|dbname|driver|dsn|encrypt|gssencmode|host|keepalives|mars_connection"
    "|multisubnetfailover|options?|port|server|service|ssl_?(ca|cert|key|mode|rootcert)|target_session_attrs"
    "|trusted_connection|trustservercertificate|uid|user|wsid",
    re.IGNORECASE,
)
"""After a password only these options are shown: anything else may be the rest of it."""


_ODBC_CONNECT = re.compile(r"(?P<kind>[^:]*):///?\?odbc_connect=(?P<words>[^&]*).*", re.IGNORECASE)
_LEADS: Final = ("uid user", "server addr address host dsn", "port", "database dbname")
"""The attributes of an ODBC connection string that tell where it leads, and as whom."""


def safe_url(url: str) -> str:
    """Return the database URL without its passwords; of a malformed one, only its scheme."""
    scheme, found, rest = url.partition("://")
    if not found:
        return MASK if re.search(r"[:@=;?]", url) else url
    if not _SCHEME.fullmatch(scheme):
        return MASK
    place, mark, query = rest.partition("?")
    shown = place if scheme.startswith("sqlite") and place.startswith("/") else _place(place)
    has_account = shown is not None and "@" in shown
    if shown is None or len(url) > LONGEST or (has_account and "@" in query):
        return f"{scheme}://{MASK}"
    return f"{scheme}://{shown}{mark}{'&'.join(_query(query)) if query else ''}"


def short_url(url: str) -> str:
    """Return a well-formed database URL as messages show it: of an ODBC connection string, only where it leads."""
    safe = safe_url(url)
    found = _ODBC_CONNECT.fullmatch(safe)
    if found is None:
        return safe
    words = (word.partition("=") for word in found["words"].split(";"))
    given = {name.strip().lower(): value for name, _, value in words}
    user, server, port, database = (_first(given, names) for names in _LEADS)
    account, place = f"{user}@" if user else "", f"{server}:{port}" if port else server
    return f"{found['kind']}://{account}{place or MASK}{f'/{database}' if database else ''}"


def _first(given: Mapping[str, str], names: str) -> str:
    return next((given[name] for name in names.split() if given.get(name)), "")


def _place(text: str) -> str | None:
    """Return account, host, port and database without the password; None when they cannot be told apart."""
    found = _PLACE.fullmatch(text)
    if found is None or "@" not in text:
        return text if found else None
    password = f":{MASK}" if found["password"] else ""
    return f"{found['user']}{password}@{found['where']}"


def _query(text: str) -> Iterator[str]:
    is_after = False
    for part in text.split("&"):
        name, _, value = part.partition("=")
        is_odbc = name.lower() == "odbc_connect"
        if is_odbc:
            yield f"{name}={';'.join(_odbc(unquote_plus(value)))}"
        else:
            yield _named(name, value if "=" in part else None, is_after=is_after)
        is_after = is_after or is_odbc or _SECRET.search(name) is not None


def _odbc(text: str) -> Iterator[str]:
    """Yield each attribute of an ODBC connection string."""
    is_after = False
    for found in _ATTRIBUTE.finditer(text):
        if not found[0].strip("; "):
            continue
        name, value = found["name"].strip(), found["value"]
        yield _named(name, None if value is None else value[1:], is_after=is_after)
        is_after = is_after or _SECRET.search(name) is not None


def _named(name: str, value: str | None, *, is_after: bool) -> str:
    is_known = _HARMLESS.fullmatch(name) is not None
    if value is None or (is_after and not is_known) or not (is_known or _NAME.fullmatch(name)):
        return MASK
    return f"{name}={MASK if _SECRET.search(name) else value}"
