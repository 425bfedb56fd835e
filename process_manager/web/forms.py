"""What people type into forms, read."""

from __future__ import annotations

from typing import Any

from process_manager import serialization
from process_manager.errors import UsageError


def json_object(text: str, what: str) -> dict[str, Any]:
    """Return the JSON object that somebody typed, an empty one for nothing; raise UsageError where it is none.

    Args:
        text: What they typed.
        what: What it is called, at the beginning of a sentence.
    """
    if not text.strip():
        return {}
    try:
        found = serialization.read(text)
    except RecursionError:
        raise UsageError(problem=f"{what} are nested too deeply. Write a flatter JSON object.") from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UsageError(problem=f'{what} are no JSON object. Write one such as {{"amount": "4250.00"}}.')
    return found
