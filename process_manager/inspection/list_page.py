"""A page of the list of processes: each with its sentence, and how many there are in each status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from process_manager.definition.registry import Registry
from process_manager.inspection.list_columns import Columns, cells, columns_of, headings
from process_manager.inspection.processes import Overview
from process_manager.inspection.sentence import Sentence, sentence
from process_manager.inspection.step_line import names_of
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.urgent_first import urgent_first
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store.capped_counts import capped_counts
from process_manager.store.filters import Filter
from process_manager.store.urgency import FIRST, Place, Reach


@dataclass(frozen=True, slots=True)
class ListRow:
    """A process in a list: where it stands, the same in a sentence, its steps where they are known, its columns."""

    process: Overview
    sentence: Sentence
    steps: tuple[str, ...]
    cells: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list.

    Attributes:
        rows: The processes, the most urgent first, of equal ones the oldest; what has ended last, the newest first.
        counts: How many there are of the asked name in each open status, and in `all`; 10,001 means more.
        newer: The page before ends ahead of this place; None on the first.
        older: The page after this one begins behind this place; None on the last.
        columns: What stands above the columns that the class of the processes declares, where they are of one kind.
        is_crowded: Whether so many processes move by themselves that of those the newest come first.
    """

    rows: tuple[ListRow, ...]
    counts: Mapping[str, int]
    newer: Place | None
    older: Place | None
    is_crowded: bool
    columns: tuple[str, ...] = ()


def list_page(  # noqa: PLR0913 - all but three by name: what is known, and who asks
    connection: sa.Connection,
    which: Filter,
    reach: Reach = FIRST,
    *,
    limit: int,
    around: Surroundings,
    registry: Registry,
    viewer: Viewer = CONSOLE,
) -> ListPage:
    """Return a page of the processes that match, with how many there are.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        reach: Where in the order; the default is its beginning.
        limit: How many, at most.
        around: What surrounds them, from `look_around`.
        registry: The classes that are known here: they know the steps.
        viewer: Who asks.

    Returns:
        The processes, each with its sentence.
    """
    stretch = urgent_first(connection, which, reach, limit=limit + 1, viewer=viewer)
    found = stretch.placed
    columns = columns_of([which.name] if which.name else [each.process.name for each in found], registry)
    rows = [_row(each.process, around, registry, columns) for each in found[:limit]]
    ends = [each.place for each in found[:limit]]
    newer, older = (ends[0], ends[-1]) if ends else (None, None)
    has_more = len(found) > limit
    if reach.is_back:
        rows.reverse()
        newer, older = (older if has_more else None), newer
    else:
        newer, older = (newer if reach.place is not None else None), (older if has_more else None)
    counts = capped_counts(connection, name=which.name, kinds=viewer.kinds)
    return ListPage(tuple(rows), counts, newer, older, stretch.is_crowded, headings(columns))


def _row(process: Overview, around: Surroundings, registry: Registry, columns: Columns) -> ListRow:
    steps = names_of(process, registry)
    return ListRow(process, sentence(process, around, steps), steps, cells(process.payload, columns))
