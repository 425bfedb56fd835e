"""What people type into forms, read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request

from process_manager import serialization
from process_manager.errors import UsageError
from process_manager.gates.quiet import walltime
from process_manager.message import Message
from process_manager.web import uploads


async def typed(request: Request) -> Mapping[str, str]:
    """Return what came with a form without files; nothing of one that may have some, which is read as it comes."""
    if uploads.is_form_with_files(request):
        return {}
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


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
        raise UsageError(
            problem=Message("%(what)s are nested too deeply. Write a flatter JSON object.", what=what)
        ) from None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UsageError(
            problem=Message('%(what)s are no JSON object. Write one such as {"amount": "4250.00"}.', what=what)
        )
    return found


def local_moment(text: str, zone: str | None) -> datetime | None:
    """Return the moment that somebody chose on their clock, None for nothing; raise UsageError where it is none.

    What the clock shows twice is the last of the two, and what it skips is when it goes on: it is the end of something.

    Args:
        text: What they chose, such as 2026-11-30T08:00.
        zone: The zone of their clock; None for UTC.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None else walltime.ends(found, walltime.zone_named(zone or "UTC"))
    except (ValueError, OverflowError):
        raise UsageError(
            problem=Message("%(text)s is no moment. Write it as 2026-11-30T08:00.", text=repr(text[:40]))
        ) from None
