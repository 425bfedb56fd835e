"""The JSON values that a process carries: checked before they are stored, cleaned of what no database accepts."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

from process_manager.errors import NotJson, UsageError

MAX_DEPTH = 100  # SQL Server parses 128 levels, and a batch of records wraps ours in a few more
REPLACEMENT = "\ufffd"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # NUL and surrogates: refused by every server's text columns
_TEXT = frozenset({str})
_ATOMS = frozenset({str, int, float, bool, type(None)})
_HINTS: tuple[tuple[Any, str], ...] = (
    (Enum, "Pass its .value."),
    ((date, time), "Pass .isoformat() of it."),
    ((bytes, bytearray, memoryview), "Decode it to text, or pass base64 of it."),
    (Decimal, "Pass str() of it."),
    ((set, frozenset, range, Iterator), "Pass a list of it."),
    (Mapping, "Pass dict() of it."),
)


def check(value: object, path: str = "payload") -> None:
    """Raise NotJson, with the path of the first part that JSON cannot represent."""
    _check(value, path, ())


def dumps(value: object, path: str = "payload") -> str:
    """Return the value as compact JSON that every database can store.

    Raises:
        NotJson: JSON cannot represent a part of the value; the error names its path.
    """
    if isinstance(value, Mapping) and not isinstance(value, dict):
        value = dict(value)
    try:
        text = _encode(value) if _is_plain(value, 0) else ""
    except ValueError:  # NaN, an infinity, too long an integer: the slow check tells where
        text = ""
    if not text:
        _check(value, path, ())
        text = _encode(value)
    return text if _is_storable(text) else _encode(_cleaned(value))


def loads(text: str) -> Any:
    """Return the value that `dumps` wrote."""
    return json.loads(text)


def read(text: str, path: str = "") -> Any:
    """Return the value of JSON text that a person wrote.

    Raises:
        ValueError: The text is not JSON.
        UsageError: A key is given twice.
    """
    doubled: dict[int, str] = {}  # by the id of the object that has the key, where the last value would silently win

    def each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            often = Counter(key for key, _part in pairs)
            doubled[id(made)] = next(key for key, count in often.items() if count > 1)
            kept.append(made)
        return made

    kept: list[object] = []  # keeps them alive, so that no other object gets the same id
    value = json.loads(text, object_pairs_hook=each_once)
    if doubled:
        where = _path_of(doubled, value, path)
        raise UsageError(problem=f"{where} is given twice, and one of the values would be lost. Keep one of them.")
    return value


def _path_of(doubled: Mapping[int, str], value: object, path: str) -> str:
    """Return the path of the first of these objects, with its key; empty when it is not in the value."""
    if id(value) in doubled:
        return f"{path}{_step(doubled[id(value)])}".removeprefix(".")
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = (_path_of(doubled, part, f"{path}{_step(k) if isinstance(k, str) else f'[{k}]'}") for k, part in parts)
    return next(filter(None, found), "")


def evidence(value: object) -> str:
    """Return any value as JSON, with text for what JSON cannot represent: evidence is never refused."""
    try:
        return dumps(value)
    except NotJson:
        return dumps(_as_text(value, ()))


def clean(text: object, limit: int = 2000) -> str:
    """Return the text as every database stores it; of one longer than `limit` (see `length`), head and tail."""
    if not isinstance(text, str):  # what a step returns is stored, whatever its annotations promise
        text = "" if text is None else safe_text(text)
    if len(text) > limit or (2 * len(text) > limit and length(text) > limit):
        text = _shortened(text, limit)
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub(REPLACEMENT, text)


_encode: Callable[[object], str] = json.JSONEncoder(
    allow_nan=False, ensure_ascii=False, check_circular=False, separators=(",", ":")
).encode


def _is_plain(value: Any, depth: int) -> bool:
    """Return whether the value has only JSON's own types, so that the encoder is right about everything but NaN."""
    kind = type(value)
    if kind in _ATOMS:
        return True
    if depth == MAX_DEPTH:
        return False
    if kind is dict:
        return _TEXT.issuperset(map(type, value)) and _are_plain(value.values(), depth + 1)
    return (kind is list or kind is tuple) and _are_plain(value, depth + 1)


def _are_plain(parts: Collection[object], depth: int) -> bool:
    return _ATOMS.issuperset(map(type, parts)) or all(_is_plain(part, depth) for part in parts)


def _check(value: object, path: str, above: tuple[int, ...]) -> None:
    if isinstance(value, dict | list | tuple):
        _check_nesting(value, path, above)
    if isinstance(value, dict):
        for key, part in value.items():
            _check_key(key, path)
            _check(part, f"{path}{_step(key)}", (*above, id(value)))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            _check(part, f"{path}[{index}]", (*above, id(value)))
    else:
        _check_atom(value, path)


def _check_nesting(value: object, path: str, above: tuple[int, ...]) -> None:
    if id(value) in above:
        raise NotJson(path=path, problem="a part of itself", hint="Remove the circular reference.")
    if len(above) == MAX_DEPTH:
        raise NotJson(path=path, problem=f"nested more than {MAX_DEPTH} levels deep", hint="Flatten it.")


def _check_key(key: object, path: str) -> None:
    if not isinstance(key, str) or isinstance(key, Enum):
        problem = f"under a key that is {kind(key)}"
        raise NotJson(path=f"{path}[{_shown(key)}]", problem=problem, hint="Use text as the key.")


def _check_atom(value: object, path: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        shown = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(float(value))]
        raise NotJson(path=path, problem=shown, hint="Pass None, or leave it out.")
    if isinstance(value, int) and not _is_writable(value):
        raise NotJson(path=path, problem="an integer of more than 4,300 digits", hint="Pass it as text in hex().")
    if isinstance(value, Enum) or not (value is None or isinstance(value, str | int | float)):
        hint = next(
            (hint for kinds, hint in _HINTS if isinstance(value, kinds)), "Pass text, numbers, lists and dicts."
        )
        raise NotJson(path=path, problem=kind(value), hint=hint)


def _is_writable(value: int) -> bool:
    try:
        int.__repr__(value)
    except ValueError:
        return False
    return True


def _step(key: str) -> str:
    return f".{key}" if key.isidentifier() else f"[{_shown(key)}]"


def _shown(key: object) -> str:
    if isinstance(key, str | int | float | bytes | tuple | None):
        return clean(safe_text(key, repr), limit=80)
    return type(key).__name__


def _is_storable(text: str) -> bool:
    # The encoder escapes NUL; a text that merely spells that escape goes through the slow path and is unchanged.
    return "\\u0000" not in text and (text.isascii() or _UNSTORABLE.search(text) is None)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub(REPLACEMENT, value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(part) for part in value]
    return value


def _as_text(value: Any, above: tuple[int, ...]) -> Any:
    if not isinstance(value, Mapping | list | tuple | set | frozenset):
        return _atom_as_text(value)
    if id(value) in above or len(above) == MAX_DEPTH // 4:
        return "…"
    above = (*above, id(value))
    if isinstance(value, Mapping):
        return {safe_text(key): _as_text(part, above) for key, part in value.items()}
    return [_as_text(part, above) for part in value]


def _atom_as_text(value: Any) -> Any:
    if type(value) is int and not _is_writable(value):
        return hex(value)
    if type(value) is float and not math.isfinite(value):
        return str(value)
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "replace")
    return value if type(value) in _ATOMS else safe_text(value)


def safe_text(value: object, say: Callable[[object], str] = str) -> str:
    """Return the value as text, whatever its own __str__ or __repr__ does."""
    try:
        return say(value)
    except BaseException as error:  # noqa: BLE001 - a foreign __str__ may raise anything, and no evidence is refused
        return f"<{type(value).__name__}, whose text raised {type(error).__name__}>"


def length(text: str) -> int:
    """Return the length of the text in SQL Server's characters, of which an emoji has two: no database counts more."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _shortened(text: str, limit: int) -> str:
    """Return head and tail of the text around a mark that says how many characters are left out, `limit` in all."""
    mark_room = len(left_out(len(text)))
    head_room = (limit - mark_room) * 2 // 3
    tail_room = limit - mark_room - head_room
    if tail_room < 1:
        return _fitting(text[:limit], limit, begins=True)
    head, tail = (
        _fitting(text[:head_room], head_room, begins=True),
        _fitting(text[-tail_room:], tail_room, begins=False),
    )
    return f"{head}{left_out(len(text) - len(head) - len(tail))}{tail}"


def _fitting(text: str, room: int, *, begins: bool) -> str:
    """Return the beginning or the end of the text that fits."""
    while (over := length(text) - room) > 0:
        fewer = (over + 1) // 2
        text = text[:-fewer] if begins else text[fewer:]
    return text


def kind(value: object) -> str:
    """Return the type of a value with its article: an int, a list, bytes."""
    name = clean(type(value).__name__, 200).replace("async_generator", "async generator")
    if value is None or name.endswith("s"):  # bytes
        return "None" if value is None else name
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def left_out(count: int) -> str:
    """Return the mark that replaces so many characters of a text."""
    return f" … {count} characters left out … "
