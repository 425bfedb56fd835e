"""Whether schedules start what they should."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import sqlalchemy as sa

from process_manager.inspection.findings import Finding, listed, ok, problem
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.message import Message, numbered
from process_manager.schedules.missed import IN_TIME
from process_manager.store import schedules
from process_manager.store.schedules import CODE


def late_schedules(connection: sa.Connection, around: Surroundings, *, viewer: Viewer = CONSOLE) -> Iterator[Finding]:
    """Yield how the schedules stand; nothing where there are none.

    Args:
        connection: A connection in any transaction.
        around: What surrounds every process: its workers are those that live.
        viewer: Who asks.
    """
    found = schedules.every(connection, kinds=viewer.kinds)
    late = [
        row
        for row in found
        if row["paused_at"] is None and row["next_at"] is not None and row["next_at"] < around.now - IN_TIME
    ]
    known = {(name, version) for worker in around.workers for name, version, _steps in worker.knows}
    back = [row["name"] for row in found if row["paused_by"] == CODE and _is_back(row, known)]
    unknown = [row["name"] for row in late if not _is_known(row, known)]
    others = [row["name"] for row in late if row["name"] not in unknown]
    if unknown:
        yield problem(
            "schedules",
            Message(
                "overdue, and no worker that lives knows the process of: %(names)s. Start one that has its code",
                names=listed(unknown),
            ),
        )
    if others:
        yield problem(
            "schedules",
            Message(
                "overdue, though workers know their processes: %(names)s. The log of the workers says why",
                names=listed(others),
            ),
        )
    if back:
        yield problem(
            "schedules",
            Message(
                "paused by a version that declared them no more, and workers have an earlier one that does: %(names)s. "
                "Resume them",
                names=listed(back),
            ),
        )
    if found and not late and not back:
        number = len(found)
        yield ok("schedules", numbered("%(number)s, and it is in time", "%(number)s, and none is overdue", number))


def _is_known(row: sa.RowMapping, known: Collection[tuple[str, int]]) -> bool:
    return any(name == row["process"] and version >= (row["version"] or 1) for name, version in known)


def _is_back(row: sa.RowMapping, known: Collection[tuple[str, int]]) -> bool:
    """Return whether those that live have the code that declared it, and none has a later one."""
    newest = max((version for name, version in known if name == row["process"]), default=0)
    return bool(newest == row["version"])
