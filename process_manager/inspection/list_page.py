"""A page of the list of processes: each with its sentence, and how many there are in each status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from process_manager.definition.registry import Registry
from process_manager.inspection.processes import Overview, page
from process_manager.inspection.sentence import Sentence, sentence
from process_manager.inspection.step_line import names_of
from process_manager.inspection.surroundings import Surroundings
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store.capped_counts import capped_counts
from process_manager.store.filters import Filter


@dataclass(frozen=True, slots=True)
class ListRow:
    """A process in a list: where it stands, the same in a sentence, and its steps where they are known here."""

    process: Overview
    sentence: Sentence
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of the list.

    Attributes:
        rows: The processes, the newest first.
        counts: How many there are of the asked name in each open status, and in `all`; 10,001 means more.
        below: Where the next page begins; None on the last.
    """

    rows: tuple[ListRow, ...]
    counts: Mapping[str, int]
    below: int | None


def list_page(  # noqa: PLR0913 - all but two by name: what is known, and who asks
    connection: sa.Connection,
    which: Filter,
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
        limit: How many, at most.
        around: What surrounds them, from `look_around`.
        registry: The classes that are known here: they know the steps.
        viewer: Who asks.

    Returns:
        The newest that match, each with its sentence.
    """
    found = page(connection, which, limit=limit + 1, viewer=viewer)
    rows = []
    for each in found[:limit]:
        steps = names_of(each, registry)
        rows.append(ListRow(each, sentence(each, around, steps), steps))
    counts = capped_counts(connection, name=which.name, kinds=viewer.kinds)
    return ListPage(tuple(rows), counts, found[limit - 1].id if len(found) > limit else None)
