"""Find out from the history whether a commit whose answer was lost went through."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import Transition
from process_manager.store import sqlserver_hints as hints
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import process_steps, processes

p, h = processes.c, process_steps.c


def recorded_before(connection: sa.Connection, transitions: Sequence[Transition]) -> list[Transition]:
    """Return those of the transitions that the history already holds, from a commit that was never confirmed.

    A transition that leaves its process running counts only while the process is still held as the transition left it.
    """
    answers = [each for each in transitions if each.entries and each.entries[-1].outcome != "lost"]
    if not answers:
        return []
    rows = map(_trace, answers)
    found = {row[0]: row[1] for row in connection.execute(before_statement(), {"rows": pack(rows)})}
    return [each for each in answers if _is_unchanged(each, found.get(each.claim.id))]


def _trace(transition: Transition) -> tuple[object, ...]:
    """Return what the newest history row of the transition looks like.

    Whoever took the process away wrote `lost` in its place.
    """
    claim = transition.claim
    return claim.id, transition.seq, claim.worker, transition.entries[-1].outcome, claim.fence


def _is_unchanged(transition: Transition, is_held: int | None) -> bool:
    return is_held is not None and (transition.state.status is not Status.RUNNING or bool(is_held))


@lru_cache
def before_statement() -> sa.Select[int, int]:
    """Select the history rows that exist, and whether their process is still as they left it, under the same fence."""
    r = json_rows(h.process_id, h.seq, h.worker, h.outcome, p.fence).c
    is_held = (p.status == Status.RUNNING.value) & (p.fence == r.fence) & (p.seq == r.seq)
    found = (
        sa.select(h.process_id, sa.case((is_held, 1), else_=0))
        .join(processes, p.id == h.process_id)
        .where(h.process_id == r.process_id, h.seq == r.seq, h.worker == r.worker, h.outcome == r.outcome)
    )
    return hints.on(hints.on(found, process_steps, hints.SEEK), processes, hints.SEEK)


def is_recorded(connection: sa.Connection, transition: Transition) -> bool:
    """Return whether the history holds the transition.

    The process is locked first, which waits for a commit that is under way.
    """
    claim = transition.claim
    connection.execute(sa.update(processes).where(p.id == claim.id).values(fence=p.fence))
    return bool(recorded_before(connection, [transition]))
