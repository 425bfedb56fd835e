"""What may never be read in a log or a message: secrets and personal numbers, found by key and by pattern."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "***"

_SENSITIVE = (
    "password|passwd|passphrase|pwd|secret|token|authorization|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key"
    "|credentials?|connection[-_ ]?string|cookie"
)
_PERSONAL_WORDS = "cpr|pesel|f(?:ø|o|oe)dselsnummer|personnummer|norsk[-_ ]?ident"
_KEY = re.compile(rf"{_SENSITIVE}|(?:^|[-_ ])(?:{_PERSONAL_WORDS})", re.IGNORECASE)

# The last @ before the query ends the password: a raw @, / or ? in it must not let its tail through. Only when there
# is none, the query may be a part of the password, unless what looks like one is a port.
_URL = re.compile(
    r"(?P<keep>[a-z][a-z0-9+.-]{0,40}://[^:/?#@\s\"'<>]*:)"
    r"(?:(?:(?!\?\w+=)[^\s\"'<>])*|(?!\d{1,5}[/?])[^\s\"'<>]*)(?=@)",
    re.IGNORECASE,
)
_ODBC = re.compile(
    r"(?P<keep>\b(?:pwd|password)=)(?:\{(?:[^}]|\}\})*\}|[^;\s\"'][^;\n\"']*(?=;)|[^;\s\"'&]+)", re.IGNORECASE
)
_QUOTED_ODBC = re.compile(
    r"(?P<keep>(?:pwd|password)(?:%20|\+)*%3d)(?:%7b(?:(?!%7d).|%7d%7d)*%7d|(?:(?!%3b)[^&\s\"'])*)", re.IGNORECASE
)
_PAIR = re.compile(
    rf"(?P<keep>(?:{_SENSITIVE})\w{{0,20}}[\"']?\s*[:=]\s*)"
    r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|(?:(?:bearer|basic)\s+)?[^\s;,&\"'(){}\[\]]+)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?P<keep>\bbearer\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_SECRETS = (_URL, _ODBC, _QUOTED_ODBC, _PAIR, _BEARER)
_SECRET_HINT = re.compile(rf"://|bearer|{_SENSITIVE}", re.IGNORECASE)

# A Danish CPR number starts with a day and a month; Norwegian and Polish ones have eleven digits, of which Norwegian
# D-numbers add 40 to the day and Polish ones 20 to 80 to the month: so every run of eleven is taken for one.
# Beside a hexadecimal letter it is a piece of a hash or a UUID, which has to stay whole to be of use.
_PERSONAL = re.compile(
    r"(?<![\da-f])(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[- ]?\d{4}|\d{6}[- ]?\d{5})(?![\da-f])"
)


def redact(value: object) -> object:
    """The value with every secret and personal number in it masked, however deep it lies."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return MASK if _PERSONAL.fullmatch(str(value)) else value
    if isinstance(value, Mapping):
        return {redact(key): redact_pair(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(part) for part in value]
    return redact_text(str(value))


def redact_pair(key: str, value: object) -> object:
    """The value masked as a whole if its key names a secret or a person, else with what is masked in it."""
    return MASK if value is not None and _KEY.search(key) else redact(value)


def redact_text(text: str) -> str:
    """The text with every secret and personal number in it masked."""
    if _SECRET_HINT.search(text):
        for pattern in _SECRETS:
            text = pattern.sub(rf"\g<keep>{MASK}", text)
    return _PERSONAL.sub(MASK, text)


def safe_url(url: str) -> str:
    """The database URL fit to be shown: its passwords masked, those in an ODBC string too."""
    for pattern in _SECRETS:
        url = pattern.sub(rf"\g<keep>{MASK}", url)
    return url
