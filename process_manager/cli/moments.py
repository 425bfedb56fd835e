"""Moments as people type them: with an offset, or local in the zone of the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from process_manager.errors import IllegalValue


def moment(text: str, zone: str | None, *, what: str) -> datetime:
    """The moment in UTC; one without an offset is local, in the zone of the settings or of this host."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None and zone is not None:
            found = found.replace(tzinfo=ZoneInfo(zone))
        return found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        cure = "Write it as 2026-11-30T08:00, with an offset (+01:00 or Z) if it is not local."
        raise IllegalValue(what=what, value=text[:50], problem="is no moment", cure=cure) from None
