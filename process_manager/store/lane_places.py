"""Where new processes stand in their lanes: in the order of their starts, or as their classes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from process_manager.errors import UsageError
from process_manager.lifecycle.claim import Claim
from process_manager.store import claiming, queries
from process_manager.store.claiming import Lease
from process_manager.store.starting import NewProcess

if TYPE_CHECKING:
    from process_manager.store.lane_rules import Record


class MixedLane(Exception):  # noqa: N818 - who starts processes raises its problem instead
    """A process does not fit its lane."""

    def __init__(self, new: NewProcess, problem: UsageError) -> None:
        super().__init__(problem)
        self.new = new
        self.problem = problem


def in_lanes(new: Sequence[NewProcess], heads: Mapping[str, int]) -> list[NewProcess]:
    """Return the processes, resting where another is ahead; raise MixedLane where one has a position and one has none.

    The head of a lane is a negative number where it has a position.
    """
    taken = set(heads)
    has_position = {key: head < 0 for key, head in heads.items()}
    found = []
    for each in new:
        key = each.order_key
        if key is not None and has_position.setdefault(key, each.position is not None) != (each.position is not None):
            raise MixedLane(each, _mixed(each, abs(heads.get(key, 0))))
        rests = each.lane_rules is not None or key in taken
        found.append(replace(each, in_lane=True) if rests else each)
        if key is not None:
            taken.add(key)
    return found


def _mixed(new: NewProcess, head: int) -> UsageError:
    ours, theirs = ("a position", "none") if new.position is not None else ("none", "a position")
    other = f"process {head}, which is open in it," if head else "another of these starts"
    return UsageError.with_hint(
        f"In one lane all open processes have a position, or none has: a {new.name!r} has {ours}, and {other} has "
        f"{theirs}.",
        "Give it another order key, or start it when those have ended.",
    )


def decide(connection: sa.Connection, made: Sequence[tuple[NewProcess, int]], *, record: Record, now: datetime) -> None:
    """Decide who is next in the lanes of new processes, given with their ids, whose classes have rules for lanes."""
    if all(new.lane_rules is None for new, _ in made):
        return
    from process_manager.store import lane_rules  # which who starts none of these does not load

    placed = [
        lane_rules.PlaceInLane(id_, new.order_key, new.position, new.lane_rules)
        for new, id_ in made
        if new.order_key is not None and new.lane_rules is not None
    ]
    if placed:
        lane_rules.started(connection, placed, record=record, now=now)


def claim(connection: sa.Connection, new: NewProcess, process_id: int, lease: Lease) -> Claim | None:
    """Return the claim of whoever starts a process and holds it from then on; None where it rests."""
    row = queries.process(connection, process_id)
    is_due = row is not None and row["due_at"] is not None and row["due_at"] <= lease.now
    return claiming.claim_one(connection, process_id, lease) if is_due and new.pool is None else None
