"""Short texts by which something is found again, the same on every database."""

from __future__ import annotations

from process_manager import serialization
from process_manager.errors import IllegalValue


def checked(key: object, *, what: str, longest: int, hint: str) -> str:
    """Return the key; raise IllegalValue, with the hint, when it cannot be one of at most so many characters."""
    if not isinstance(key, str):
        raise IllegalValue(what=what, value=key, problem="is no text", hint="Give str() of it.")
    if not key.strip() or serialization.length(key) > longest or serialization.clean(key) != key:
        problem = f"is empty, over {longest} characters, or holds characters that cannot be stored"
        raise IllegalValue(what=what, value=key[:50], problem=problem, hint=hint)
    if key != key.strip():  # for SQL Server one that ends in a blank is the same as one that does not
        hint = "Leave off the blanks at its ends."
        raise IllegalValue(what=what, value=key[:50], problem="begins or ends in a blank", hint=hint)
    return key
