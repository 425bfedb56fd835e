"""The log lines of a process from a place on, so that whoever follows them loses none and sees none twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from process_manager import serialization
from process_manager.inspection import masking
from process_manager.inspection.masking import Shield
from process_manager.inspection.processes import require
from process_manager.inspection.unreadable import Row
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import Status
from process_manager.store import one_process

Place = tuple[int, int]
"""The seq of a history row, and a number of what its step said."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that a step wrote while it ran: `seq` is the history row of that run, `number` counts what it said."""

    seq: int
    number: int
    at: datetime
    line: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogTail:
    """Log lines from a place on, and the place after which the next ones come."""

    lines: tuple[LogLine, ...]
    after: Place


def logs(
    connection: sa.Connection, process_id: int, *, after: Place = (0, 0), most: int, viewer: Viewer = CONSOLE
) -> LogTail:
    """Return log lines, the oldest first. While a step runs, a line waits until all that it said before is stored.

    Args:
        connection: A connection in any transaction.
        process_id: Which process.
        after: The place where the answer before ended; (0, 0) for the first line.
        most: How much of what its steps said is looked at, exchanges with other systems too.
        viewer: Who asks.

    Returns:
        The lines after that place. Where there is nothing more for now, the place is the same again.

    Raises:
        UnknownId: There is no such process.
    """
    return logs_of(connection, require(connection, process_id, viewer), after=after, most=most, viewer=viewer)


def logs_of(connection: sa.Connection, row: Row, *, after: Place = (0, 0), most: int, viewer: Viewer) -> LogTail:
    """Return the same of the process whose row has been read."""
    process_id = row["id"]
    running = row["seq"] + 1 if row["status"] == Status.RUNNING else None
    said = list(_without_gaps(one_process.said_after(connection, process_id, after, most=most), running, after))
    shield = masking.shields(connection, [row], viewer).get(process_id)
    place = (said[-1]["seq"], said[-1]["number"]) if said else after
    return LogTail(tuple(_line(each, shield) for each in said if each["kind"] == "log"), place)


def _without_gaps(said: Iterable[sa.RowMapping], running: int | None, after: Place) -> Iterator[sa.RowMapping]:
    """Yield what was said, in the step that runs up to the first number that is not stored yet."""
    wanted = after[1] + 1 if after[0] == running else 1
    for each in said:
        if each["seq"] == running:
            if each["number"] != wanted:
                return
            wanted += 1
        yield each


def _line(row: sa.RowMapping, shield: Shield | None) -> LogLine:
    line = serialization.loads(row["body"])
    return LogLine(row["seq"], row["number"], row["made_at"], line if shield is None else shield.value(line))
