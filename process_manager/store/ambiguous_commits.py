"""What a commit wrote of which no answer came, found in the history."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import Transition
from process_manager.store import hints
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import process_steps, processes

p, h = processes.c, process_steps.c


def recorded_before(connection: sa.Connection, transitions: Sequence[Transition]) -> list[Transition]:
    """Those of the attempts that are in the history already, written by a commit that nobody confirmed.

    One that left its process running counts only while that is still held as it was left.
    """
    answers = [each for each in transitions if each.entries and each.entries[-1].outcome != "lost"]
    if not answers:
        return []
    rows = map(_trace, answers)
    found = {row[0]: row[1] for row in connection.execute(before_statement(), {"rows": pack(rows)})}
    return [each for each in answers if _stands(each, found.get(each.claim.id))]


def _trace(transition: Transition) -> tuple[object, ...]:
    """What its newest history row looks like; whoever took the process away wrote a `lost` in its place."""
    claim = transition.claim
    return claim.id, transition.seq, claim.worker, transition.entries[-1].outcome, claim.fence


def _stands(transition: Transition, is_held: int | None) -> bool:
    return is_held is not None and (transition.state.status is not Status.RUNNING or bool(is_held))


@lru_cache
def before_statement() -> sa.Select[int, int]:
    """Which of the history rows are there, and whether the process stands where they left it, under the same fence."""
    r = json_rows(h.process_id, h.seq, h.worker, h.outcome, p.fence).c
    is_held = (p.status == Status.RUNNING.value) & (p.fence == r.fence) & (p.seq == r.seq)
    found = (
        sa.select(h.process_id, sa.case((is_held, 1), else_=0))
        .join(processes, p.id == h.process_id)
        .where(h.process_id == r.process_id, h.seq == r.seq, h.worker == r.worker, h.outcome == r.outcome)
    )
    return hints.on(hints.on(found, process_steps, hints.SOUGHT), processes, hints.SOUGHT)


def is_recorded(connection: sa.Connection, transition: Transition) -> bool:
    """Whether the attempt is in the history; its process is locked first, so that a commit under way is waited for."""
    claim = transition.claim
    connection.execute(sa.update(processes).where(p.id == claim.id).values(fence=p.fence))
    return bool(recorded_before(connection, [transition]))
