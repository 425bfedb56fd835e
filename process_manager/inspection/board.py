"""The board of one kind: a row for each process, a column for each step, in words for who works on cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import sqlalchemy as sa

from process_manager.definition.process import Process
from process_manager.definition.registry import Registry
from process_manager.inspection import moments
from process_manager.inspection.list_page import ListPage, ListRow, list_page
from process_manager.inspection.processes import Overview
from process_manager.inspection.standing import standing
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import Status
from process_manager.message import Message
from process_manager.store import board as store
from process_manager.store.filters import Filter
from process_manager.store.urgency import FIRST, Reach

Place = Literal["done", "skipped", "now", "todo", "cancelled"]

SYSTEM_ERROR: Final = Message("A system did not do its part. It has stopped until someone acts.")
"""What a caseworker is told where the class says nothing of it."""


@dataclass(frozen=True, slots=True)
class BoardCell:
    """A step of a process: where it stands, when it ended, and what is said of the one at which the process is."""

    place: Place
    at: datetime | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A process on the board.

    Attributes:
        row: The process as a list has it.
        cells: A cell for each step of the board.
        restarts: How often people restarted it.
    """

    row: ListRow
    cells: tuple[BoardCell, ...]
    restarts: int


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the board.

    Attributes:
        steps: Its columns: the steps of the newest class, then those that only older versions have.
        rows: Its rows, the most urgent first.
        page: The same as a page of the list.
        most_restarts: How often caseworkers may restart a process; None where nobody counts.
    """

    steps: tuple[str, ...]
    rows: tuple[BoardRow, ...]
    page: ListPage
    most_restarts: int | None


def board(  # noqa: PLR0913 - all but three by name: what is known, and who asks
    connection: sa.Connection,
    which: Filter,
    reach: Reach = FIRST,
    *,
    limit: int,
    around: Surroundings,
    registry: Registry,
    viewer: Viewer = CONSOLE,
) -> Board:
    """Return a page of the board of the processes of one name.

    Args:
        connection: A connection in any transaction.
        which: Which processes; their name says of which kind the board is.
        reach: Where in the order; the default is its beginning.
        limit: How many, at most.
        around: What surrounds them, from `look_around`.
        registry: The classes that are known here: they know the steps.
        viewer: Who asks.

    Returns:
        The processes, each with its steps.
    """
    page = list_page(connection, which, reach, limit=limit, around=around, registry=registry, viewer=viewer)
    newest = next((cls for cls in reversed(list(registry)) if cls.name == which.name), None)
    ids = [each.process.id for each in page.rows]
    ended = _by_process(store.ends(connection, ids)) if ids else {}
    restarted = store.restarts(connection, ids) if ids else {}
    steps = _steps(newest, page.rows)
    rows = tuple(
        BoardRow(
            row=each,
            cells=_cells(each, steps, ended.get(each.process.id, {}), around, registry),
            restarts=restarted.get(each.process.id, 0),
        )
        for each in page.rows
    )
    return Board(steps, rows, page, None if newest is None else newest.presentation.restarts)


Ends = Mapping[str, tuple[str, datetime]]
"""Of each step that ended: how, and when."""


def _by_process(rows: Sequence[sa.RowMapping]) -> dict[int, dict[str, tuple[str, datetime]]]:
    found: dict[int, dict[str, tuple[str, datetime]]] = {}
    for row in sorted(rows, key=lambda each: each["at"]):
        found.setdefault(row["process_id"], {})[row["step"]] = (row["outcome"], row["at"])
    return found


def _steps(newest: type[Process] | None, rows: Sequence[ListRow]) -> tuple[str, ...]:
    known = () if newest is None else newest.step_names
    theirs = (step for each in rows for step in (*each.steps, *([each.process.step] if each.process.step else [])))
    return tuple(dict.fromkeys((*known, *theirs)))


def _cells(
    row: ListRow, steps: Sequence[str], ended: Ends, around: Surroundings, registry: Registry
) -> tuple[BoardCell, ...]:
    process, own = row.process, row.steps or tuple(steps)
    here = len(own) if process.step is None else own.index(process.step) if process.step in own else 0
    return tuple(
        BoardCell("now", said=_said(row, around, registry))
        if step == process.step
        else _other(process, step, own.index(step) if step in own else None, here, ended)
        for step in steps
    )


def _other(process: Overview, step: str, at: int | None, here: int, ended: Ends) -> BoardCell:
    """Return the cell of a step at which the process does not stand."""
    if at is not None and at < here:
        outcome, moment = ended.get(step, ("done", None))
        return BoardCell("skipped" if outcome == "skip-step" else "done", moment)
    return BoardCell("todo" if process.finished_at is None and at is not None else "cancelled")


def _said(row: ListRow, around: Surroundings, registry: Registry) -> str:
    """Return what a caseworker is told: what a business rule said as it stands, of a system what its class says."""
    process = row.process
    if process.status == Status.FAILED:
        cls = registry.get(process.name, process.version)
        return SYSTEM_ERROR if cls is None else cls.presentation.sentences.get(process.step or "", SYSTEM_ERROR)
    if process.status in (Status.REJECTED, Status.SKIPPED, Status.ABANDONED):
        return process.message or ""
    return _ABOUT[process.status] if process.status in _ABOUT else _moving(process, around)


_ABOUT: Final[Mapping[str, Message]] = {
    Status.UNCERTAIN: Message("Did it happen? Someone must find out."),
    Status.QUARANTINED: Message("It stopped the program that ran it, three times."),
}


def _moving(process: Overview, around: Surroundings) -> str:
    if process.status == Status.RUNNING:
        since = process.updated_at or around.now
        return Message("for %(time)s", time=moments.lasting(around.now - since))
    found = standing(process, around)
    if found.whom is not None:
        return Message("for %(whom)s", whom=found.whom)
    if found.until is not None and found.until > around.now:
        return Message("until %(until)s", until=moments.until(found.until, around.now, around.zone))
    return Message("now")
