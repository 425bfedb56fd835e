"""The values by which a process is found: of the fields that its class declares, as they are compared."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from typing import Final

from process_manager import serialization
from process_manager.lifecycle.transition import Terms, Transition

Path = tuple[str, ...]

LONGEST: Final = 200
"""A longer value is no number of anything: nobody finds a process by it."""


def term(value: object) -> str | None:
    """Return a value as it is compared, without regard to capitals and blanks; None for what nobody searches for."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)
    compared = unicodedata.normalize("NFC", " ".join(text.split())).casefold()
    return compared if 0 < len(compared) <= LONGEST else None


def terms(payload: Mapping[str, object], fields: Collection[Path]) -> Terms:
    """Return each of the fields with its value as it is compared, None for none."""
    return tuple((".".join(field), term(value_at(payload, field))) for field in sorted(fields))


def searchable(transition: Transition, fields: Collection[Path], *, is_new: bool = False) -> Transition:
    """Return a transition that changes the payload with the fields by whose new value its process is found.

    Args:
        transition: What is to be recorded.
        fields: The fields that the class of the process declares.
        is_new: Whether the process goes on with another version, so that all of them are kept anew.
    """
    if not fields or transition.state.payload is None:
        return transition
    before = {} if is_new else dict(terms(serialization.loads(transition.claim.payload), fields))
    after = terms(serialization.loads(transition.state.payload), fields)
    changed = tuple((field, value) for field, value in after if is_new or before[field] != value)
    return transition._replace(terms=changed) if changed else transition


def value_at(payload: object, path: Path) -> object:
    """Return what stands at a path; None for nothing."""
    for part in path:
        if isinstance(payload, Mapping):
            payload = payload.get(part)
        elif isinstance(payload, list) and part.isdecimal() and int(part) < len(payload):
            payload = payload[int(part)]
        else:
            return None
    return payload
