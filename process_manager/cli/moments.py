"""Moments as people type them: with an offset, or local in the zone of the settings."""

from __future__ import annotations

from datetime import UTC, datetime

from process_manager.cli.session import tell
from process_manager.errors import IllegalValue


def moment(text: str, zone: str | None, *, what: str, ends: bool = False) -> datetime:
    """Return the moment in UTC; one without an offset is what the clock shows in the zone, None where that has no name.

    What the clock shows twice is the first of the two, and the last where something `ends`, as in quiet windows; what
    it skips is when it goes on. Both are told.
    """
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
        if zone is not None:
            return _shown(found, zone, what=f"{what} {text[:50]}", ends=ends)
    except (ValueError, OverflowError, OSError):
        hint = "Write it as 2026-11-30T08:00, with an offset (+01:00 or Z) if it is not local."
        raise IllegalValue(what=what, value=text[:50], problem="is no moment", hint=hint) from None
    hint = "Give it an offset (+01:00 or Z), or set PROCESS_MANAGER_ZONE."
    raise IllegalValue(what=what, value=text[:50], problem="is local, and this host's zone has no name", hint=hint)


def _shown(wall: datetime, zone: str, *, what: str, ends: bool) -> datetime:
    """Return the moment at which the clock shows it, and say which was taken where that can be doubted."""
    from process_manager.gates.quiet import walltime

    where = walltime.zone_named(zone)
    found = walltime.ends(wall, where) if ends else walltime.begins(wall, where)
    taken = f"taken is {found.astimezone(where).isoformat()}"
    if walltime.is_skipped(wall, where):
        tell(f"{what}: the clock in {zone} skips this time; {taken}, when it goes on.")
    elif walltime.is_doubled(wall, where):
        tell(
            f"{what}: the clock in {zone} shows this time twice; {taken}, the {'last' if ends else 'first'} of the two."
        )
    return found
