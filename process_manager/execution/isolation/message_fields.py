"""The fields of what a child sends: which there are, of which types, and what may be stored of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import NoneType
from typing import Any

from process_manager import serialization
from process_manager.errors import NotJson

Fields = Mapping[str, tuple[type, ...]]
"""What a message has, and of which types each may be."""

TEXT, COUNT, FLAG, MOMENT = (str,), (int,), (bool,), (datetime,)
TEXT_OR_NONE, MOMENT_OR_NONE = (str, NoneType), (datetime, NoneType)


def stored_payload(text: str | None) -> str | None:
    """Return a payload as it is stored."""
    if text is None:
        return None
    try:
        payload = serialization.loads(text)
        if isinstance(payload, dict):
            return serialization.dumps(payload)
    except (NotJson, RecursionError) as problem:
        raise ValueError("its payload cannot be stored") from problem
    raise ValueError("its payload is no object")


def checked(found: object, fields: Fields) -> dict[str, Any]:
    """Return the fields, if they are these and of these types."""
    if not isinstance(found, dict) or found.keys() != fields.keys():
        raise ValueError(f"its fields are not {', '.join(fields)}")
    for name, allowed in fields.items():
        if type(found[name]) not in allowed:
            raise ValueError(f"its {name} is {serialization.kind(found[name])}")
    return found
