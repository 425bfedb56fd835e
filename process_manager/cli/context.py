"""What surrounds processes on this host: switches, quiet windows, workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from process_manager.cli.session import Session, tell
from process_manager.errors import UsageError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from process_manager.gates.gate import Gates
    from process_manager.gates.quiet import Quiet
    from process_manager.inspection import Surroundings
    from process_manager.store.workers import Known


def gates(session: Session, connection: sa.Connection) -> Gates:
    """Return how the switches of this host and of the fleet stand now."""
    from process_manager.operations import switches

    return switches.look(connection, session.settings.locks_folder)


def windows(session: Session) -> Mapping[tuple[str, int], Quiet]:
    """Return the quiet windows of each process that is known here."""
    from process_manager.definition import quiet_windows

    return quiet_windows.windows(session.registry, session.settings)


def engine_windows(session: Session) -> Quiet:
    """Return the quiet windows of every process without its own."""
    from process_manager.definition import quiet_windows

    return quiet_windows.of_the_engine(session.settings)


def around(session: Session, connection: sa.Connection, *, zone: str | None) -> Surroundings:
    """Return what surrounds every process now; a process class that cannot be loaded is reported, and left out.

    In `zone` the moments of sentences are told; None for UTC.
    """
    from process_manager import clock, inspection

    try:
        known = windows(session)
    except UsageError as problem:
        tell(f"What comes next is told without quiet windows: {problem}")
        known = {}
    alive = session.settings.lease
    found = inspection.look_around(connection, gates(session, connection), known, now=clock.now(), alive=alive)
    return replace(found, here=_here(session), zone=zone)


def _here(session: Session) -> Sequence[Known] | None:
    """Return what this host could run; None where its process classes cannot be loaded, which is told already."""
    try:
        return session.registry.runnable()
    except UsageError:
        return None
