"""Batches as a person sees them: how far each is, and what became of each of its processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import sqlalchemy as sa

from process_manager import serialization
from process_manager.errors import NotFound
from process_manager.inspection import masking
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.message import Message
from process_manager.store import batches as store

BatchState = Literal["waits", "runs", "done", "stopped"]
"""It waits for its newest wave to pass; it goes on; all is done; nothing more is done though something is left."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One act on many processes.

    Attributes:
        id: By which it is known.
        act: restart or abandon.
        reason: Why.
        asked: By what its processes were chosen.
        name: What they are; None where they have several names.
        by: Who started it.
        created_at: When.
        one_first: Whether one is done first, and the others once it has passed.
        state: waits, runs, done or stopped.
        wave: The number of its newest wave.
        total: How many processes were chosen.
        done: To how many it was done.
        refused: To how many it could not be done.
        skipped: With how many somebody was quicker.
        left: How many have yet to come, or are left alone.
        ending: Why nothing more is done: done, asked, failed (most of a wave failed again), forbidden
            or revoked (its token is worth nothing any more).
        ended_by: Who stopped it.
        finished_at: When nothing more was to be done.
    """

    id: int
    act: str
    reason: str
    asked: Mapping[str, Any]
    name: str | None
    by: str
    created_at: datetime
    one_first: bool
    state: BatchState
    wave: int
    total: int
    done: int
    refused: int
    skipped: int
    left: int
    ending: str | None
    ended_by: str | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchItem:
    """A process of a batch.

    Attributes:
        number: Its place.
        process_id: The process.
        reference: The office's own number of it, as far as the reader may see that.
        step: Where it stood when it was chosen.
        result: done, refused or skipped; None until its turn.
        message: Why it was not done.
        wave: In which wave it was its turn.
        status: Where it stands now; None for one that the reader does not see.
    """

    number: int
    process_id: int
    reference: str | None
    step: str | None
    result: str | None
    message: str | None
    wave: int | None
    status: str | None


def batch(connection: sa.Connection, batch_id: int, *, viewer: Viewer = CONSOLE, reader: str | None = None) -> Batch:
    """Return a batch.

    Args:
        connection: A connection in any transaction.
        batch_id: Which.
        viewer: Who asks.
        reader: Their name: who started a batch sees it, whatever kinds its processes are of.

    Returns:
        How far it is.

    Raises:
        NotFound: There is none, or whoever asks does not see its processes.
    """
    row = store.one(connection, batch_id)
    if row is None or not _is_seen(row, viewer, reader):
        raise NotFound(problem=Message("There is no batch %(id)s.", id=batch_id))
    return _batch(row)


def batches(
    connection: sa.Connection,
    *,
    limit: int,
    below: int | None = None,
    viewer: Viewer = CONSOLE,
    reader: str | None = None,
) -> list[Batch]:
    """Return batches, the newest first.

    Args:
        connection: A connection in any transaction.
        limit: How many, at most.
        below: Only those with lower ids: where the page before ended.
        viewer: Who asks.
        reader: Their name.

    Returns:
        Those that they see.
    """
    rows = store.page(connection, limit=limit, below=below, kinds=viewer.kinds, actor=reader)
    return [_batch(row) for row in rows]


def batch_items(  # noqa: PLR0913 - all but two by name
    connection: sa.Connection,
    batch_id: int,
    *,
    after: int = 0,
    limit: int,
    result: str | None = None,
    viewer: Viewer = CONSOLE,
) -> list[BatchItem]:
    """Return processes of a batch in their order, each with how it stands now.

    Args:
        connection: A connection in any transaction.
        batch_id: Which batch; whoever asks sees it.
        after: Only those behind this place.
        limit: How many, at most.
        result: Only those with this result.
        viewer: Who asks.

    Returns:
        The processes; of those whose kind is not seen, only their ids and results.
    """
    rows = store.items(connection, batch_id, after=after, limit=limit, result=result)
    seen = [row for row in rows if viewer.kinds is None or row["name"] in viewer.kinds]
    return _items(connection, rows, seen, viewer)


def _items(
    connection: sa.Connection, rows: Sequence[sa.RowMapping], seen: Sequence[sa.RowMapping], viewer: Viewer
) -> list[BatchItem]:
    shields = masking.shields_of(connection, [row["process_id"] for row in seen], viewer)
    known = {row["number"] for row in seen}
    found = []
    for row in rows:
        told: dict[str, Any] = {name: row[name] for name in BatchItem.__slots__}
        if row["number"] not in known:
            told |= dict.fromkeys(("reference", "step", "status", "message"))
        elif (shield := shields.get(row["process_id"])) is not None:
            told |= {"reference": shield.key("reference", row["reference"]), "message": shield.value(row["message"])}
        found.append(BatchItem(**told))
    return found


def _is_seen(row: sa.RowMapping, viewer: Viewer, reader: str | None) -> bool:
    return viewer.kinds is None or row["name"] in viewer.kinds or row["actor"] == reader


def _batch(row: sa.RowMapping) -> Batch:
    left = row["total"] - row["position"]
    same = {name: row[name] for name in Batch.__slots__ if name in row}
    return Batch(
        **{
            **same,
            "asked": serialization.loads(row["asked"]),
            "by": row["actor"],
            "one_first": row["ramp"] != _NO_RAMP,
            "state": _state(row),
            "left": left,
        }
    )


def _state(row: sa.RowMapping) -> BatchState:
    if row["finished_at"] is not None:
        return "done" if row["ending"] == "done" else "stopped"
    return "waits" if row["watched"] else "runs"


_NO_RAMP: Final = -1
