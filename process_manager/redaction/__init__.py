"""What may never be read in a log or a message: secrets and personal numbers, found by key and by pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from process_manager import facts

MASK = "***"

LIMIT: Final = 20_000  # characters of a text that are read: a pattern at work stops every other thread
_MARGIN: Final = 2_000  # characters around a cut that are searched but not shown, so that no secret shows its half

_SENSITIVE = (
    "password|passwd|passphrase|pwd|secret|token|authorization|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key"
    "|credentials?|connection[-_ ]?string|cookie"
)
_PERSONAL_WORDS = "cpr|pesel|f(?:ø|o|oe)dselsnummer|personnummer|norsk[-_ ]?ident"
_KEY = re.compile(rf"{_SENSITIVE}|(?:^|[-_ ])(?:{_PERSONAL_WORDS})", re.IGNORECASE)

# Nothing below is tried again in another way (++, *+): what a hostile text costs grows with its length only.
# The last @ before the query ends the password: a raw @, / or ? in it must not let its tail through. Only when there
# is none, the query may be a part of the password, unless what looks like one is a port.
_BEFORE_QUERY = r"(?:[^\s\"'<>@?]++|\?(?!\w++=))*+(?=@)"
_ANYWHERE = r"[^\s\"'<>@]*+(?=@)"
_URL = re.compile(
    r"(?P<keep>://[^:/?#@\s\"'<>]*+:)(?=[^\s\"'<>@]{0,2000}+@)"
    rf"(?:{_BEFORE_QUERY}(?:@{_BEFORE_QUERY})*+|(?!\d{{1,5}}[/?]){_ANYWHERE}(?:@{_ANYWHERE})*+)"
)
_ODBC = re.compile(
    r"(?P<keep>\b(?:pwd|password)=)"
    r"(?:\{(?:[^}]|\}\}){0,500}+\}|\{[^}]*+(?:\}|\Z)|[^;\s\"'][^;\n\"']{0,500}+(?=;)|[^;\s\"'&]++)",
    re.IGNORECASE,
)
_QUOTED_ODBC = re.compile(
    r"(?P<keep>(?:pwd|password)(?:%20|\+)*+%3d)"
    r"(?:%7b(?:(?!%7d).|%7d%7d){0,500}+%7d|(?:(?!%3b)[^&\s\"'])*+)",
    re.IGNORECASE,
)
_PAIR = re.compile(
    rf"(?P<keep>(?:{_SENSITIVE})\w{{0,20}}+[\"']?\s*+[:=]\s*+)"
    r"(?:\"(?:[^\"\\]++|\\.?)*+(?:\"|\Z)|'(?:[^'\\]++|\\.?)*+(?:'|\Z)"
    r"|(?:(?:bearer|basic)\s++)?[^\s;,&\"'(){}\[\]]++)",
    re.IGNORECASE | re.DOTALL,
)
_BEARER = re.compile(r"(?P<keep>\bbearer\s++)[\w.~+/=-]{8,}+", re.IGNORECASE)
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
        return MASK if 0 <= value < 10**11 and _PERSONAL.fullmatch(str(value)) else value
    if isinstance(value, Mapping):
        return {redact(key): redact_pair(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(part) for part in value]
    return redact_text(str(value))


def redact_pair(key: str, value: object) -> object:
    """The value masked as a whole if its key names a secret or a person, else with what is masked in it."""
    return MASK if value is not None and _KEY.search(key, 0, LIMIT) else redact(value)


def redact_text(text: str, limit: int = LIMIT) -> str:
    """The text with every secret and personal number in it masked; of one longer than `limit`, its head and tail."""
    return _searched(text, limit, _masked)


def safe_url(url: str) -> str:
    """The database URL fit to be shown: its passwords masked, those in an ODBC string too."""
    return _searched(url, LIMIT, _without_secrets)


def _searched(text: str, limit: int, mask: Callable[[str], str]) -> str:
    if len(text) <= limit:
        return mask(text)
    left = limit * 2 // 3
    right = len(text) - (limit - left)
    after, before = min(left + _MARGIN, len(text)), max(right - _MARGIN, 0)
    head = mask(text[:after])[: left - after]
    tail = mask(text[before:])[right - before :]
    return f"{head}{facts.left_out(right - left)}{tail}"


def _masked(text: str) -> str:
    return _PERSONAL.sub(MASK, _without_secrets(text) if _SECRET_HINT.search(text) else text)


def _without_secrets(text: str) -> str:
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<keep>{MASK}", text)
    return text
