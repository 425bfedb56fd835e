"""What somebody typed into the controls of a form, read into a payload: the model decides whether it fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from babel.numbers import NumberFormatError, parse_decimal

from process_manager import serialization
from process_manager.message import Message
from process_manager.web.start_controls import Control, Path

NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class TypedValues:
    """What was typed.

    Attributes:
        payload: What it says.
        wrong: What could not be read at all, by the path of its control.
    """

    payload: Mapping[str, Any]
    wrong: Mapping[Path, str]


def read(controls: Iterable[Control], fields: Mapping[str, str], *, language: str, zone: tzinfo) -> TypedValues:
    """Read what was typed; what is left empty is left out, so that it has its default.

    Args:
        controls: The controls of the form.
        fields: What was sent, by the names of the controls.
        language: The language of the page: it decides what a comma in a number is.
        zone: The zone of moments.
    """
    payload: dict[str, Any] = {}
    wrong: dict[Path, str] = {}
    for control in controls:
        if control.sort == "file":
            continue
        text = as_typed(fields.get(control.name, ""))
        try:
            value = _value(control, text, language, zone)
        except (ValueError, RecursionError):
            wrong[control.path] = _unreadable(control)
            continue
        payload = _with(payload, control.path, value)
    return TypedValues(payload, wrong)


def is_untouched(control: Control, fields: Mapping[str, str]) -> bool:
    """Return whether what was sent of a control is what it began with."""
    return as_typed(fields.get(control.name, "")) == as_typed(control.value)


def as_typed(text: str) -> str:
    """Return a text with the ends of its lines as people see them; a browser sends each as two characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _value(control: Control, text: str, language: str, zone: tzinfo) -> Any:
    if control.sort == "yes":
        return bool(text)
    typed = text if control.sort in ("secret", "long") else text.strip()
    if not text.strip():
        return NOTHING
    if control.sort == "either":
        return text == "yes"
    if control.sort in ("whole", "number"):
        return _number(typed, language)
    if control.sort == "moment":
        return _moment(typed, zone)
    return serialization.read(typed) if control.sort == "json" else typed


def _number(typed: str, language: str) -> str:
    """Return a number as programs write it; what is none as it stands, so that the model says so."""
    plain = "".join(typed.split()).replace("\N{MINUS SIGN}", "-")
    try:
        return str(parse_decimal(plain, locale=language, strict=True))
    except (NumberFormatError, ArithmeticError):
        return plain


def _moment(typed: str, zone: tzinfo) -> str:
    found = datetime.fromisoformat(typed)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()


def _unreadable(control: Control) -> str:
    return Message("This is no JSON.") if control.sort == "json" else Message("Write a date and a time.")


def _with(payload: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    if path == ("",) and value is not NOTHING:
        return value if isinstance(value, dict) else {"": value}
    first, *rest = path
    if not rest:
        return payload if value is NOTHING else {**payload, first: value}
    below = payload.get(first)
    return {**payload, first: _with(below if isinstance(below, dict) else {}, tuple(rest), value)}
