"""What is wrong with a field of a payload, in plain words for whoever filled it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from process_manager.message import Message

Context = Mapping[str, Any]


class FieldProblem(NamedTuple):
    """A field that does not fit: its path, and why."""

    path: tuple[str, ...]
    why: str

    @property
    def is_ours(self) -> bool:
        """Whether the words are the engine's, in which no value stands."""
        return isinstance(self.why, Message)


def field_problem(found: Mapping[str, Any]) -> FieldProblem:
    """Return one error of pydantic's; a sentence of the author's own is told as it is."""
    path = tuple(str(part) for part in found["loc"])
    make = _WORDS.get(found["type"])
    if make is not None:
        return FieldProblem(path, make(found.get("ctx") or {}))
    return FieldProblem(path, str(found["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, "))


def _whole(_context: Context) -> str:
    return Message("Write a whole number.")


def _number(_context: Context) -> str:
    return Message("Write a number.")


def _date(_context: Context) -> str:
    return Message("Write a date, such as 2026-11-30.")


def _moment(_context: Context) -> str:
    return Message("Write a date and a time.")


def _choice(context: Context) -> str:
    return Message("Choose one of these: %(choices)s.", choices=str(context.get("expected", "")))


def _limit(context: Context) -> str:
    if context.get("min_length") == 1:
        return Message("Fill this in.")
    for name, message in _LIMITS.items():
        if name in context:
            return message(context[name])
    return Message("This is too much or too little.")


_LIMITS: Final[Mapping[str, Callable[[object], str]]] = {
    "gt": lambda limit: Message("Write more than %(limit)s.", limit=str(limit)),
    "ge": lambda limit: Message("Write at least %(limit)s.", limit=str(limit)),
    "lt": lambda limit: Message("Write less than %(limit)s.", limit=str(limit)),
    "le": lambda limit: Message("Write at most %(limit)s.", limit=str(limit)),
    "min_length": lambda limit: Message("Write at least %(limit)s characters.", limit=str(limit)),
    "max_length": lambda limit: Message("Write at most %(limit)s characters.", limit=str(limit)),
    "max_digits": lambda limit: Message("Write at most %(limit)s digits.", limit=str(limit)),
    "decimal_places": lambda limit: Message("Write at most %(limit)s decimals.", limit=str(limit)),
}

_WORDS: Final[Mapping[str, Callable[[Context], str]]] = {
    "missing": lambda _context: Message("Fill this in."),
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), _whole),
    **dict.fromkeys(("float_parsing", "float_type", "decimal_parsing", "decimal_type", "finite_number"), _number),
    **dict.fromkeys(("date_parsing", "date_type", "date_from_datetime_parsing"), _date),
    **dict.fromkeys(("datetime_parsing", "datetime_type", "datetime_from_date_parsing"), _moment),
    "time_parsing": lambda _context: Message("Write a time, such as 14:30."),
    **dict.fromkeys(("literal_error", "enum"), _choice),
    **dict.fromkeys(("greater_than", "greater_than_equal", "less_than", "less_than_equal"), _limit),
    **dict.fromkeys(("string_too_short", "string_too_long", "decimal_max_digits", "decimal_max_places"), _limit),
    "string_pattern_mismatch": lambda _context: Message("This is not written in the way that is asked for."),
    "string_type": lambda _context: Message("Write a text."),
    **dict.fromkeys(("dict_type", "list_type", "model_type"), lambda _context: Message("Write this as JSON.")),
}
"""How each kind of error is told; the names are pydantic's, which it keeps."""
