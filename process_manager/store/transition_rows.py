"""The rows of a transition, as the statements that record it take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import HistoryEntry, Transition
from process_manager.store.column_types import moment_text
from process_manager.store.json_rows import number, pack
from process_manager.store.tables import process_steps, processes

p = processes.c

_AT = sa.column("at", p.updated_at.type)
_BEFORE = number("before")  # the seq it was claimed with
ROW = (
    p.id, p.fence, number("raises"), _BEFORE, p.seq, p.status, p.step, p.attempts, p.attempts_since, p.crashes,
    p.due_at, p.retry_after, p.waiting_for, p.payload, p.finished_at, p.version, p.reruns, p.own_crashes,
    p.doubtful_since, _AT,
)  # fmt: skip
ADVANCE = (p.id, p.fence, _BEFORE, p.seq, p.step, p.payload, _AT)
ENTRY = tuple(process_steps.c)
ENTRY_NAMES = [column.name for column in ENTRY]

Rows = tuple[tuple[Any, ...], list[tuple[Any, ...]]]
"""What is sent to record a transition: the row of its process, and those of its history."""


def packed(transitions: Sequence[Transition]) -> tuple[dict[str, str], list[tuple[Any, tuple[Any, ...]]]]:
    """Return the parameters with the rows of each change, and the history rows, each with the id of its process."""
    going = sorted((advance_rows(each) for each in transitions if only_advances(each)), key=_id)
    moving = sorted((record_rows(each) for each in transitions if not only_advances(each)), key=_id)
    batches = {name: rows for name, rows in (("going", going), ("moving", moving)) if rows}
    given = {name: pack([row for row, _ in rows]) for name, rows in batches.items()}
    return given, [(row[0], entry) for rows in batches.values() for row, entries in rows for entry in entries]


def _id(rows: Rows) -> Any:
    """Return the id to sort rows by, in the order in which leases are renewed, so that no two statements deadlock."""
    return rows[0][0]


def only_advances(transition: Transition) -> bool:
    """Return whether it went from one step to the next with a fresh budget, and nothing else changed."""
    state = transition.state
    fresh = not (state.attempts or state.attempts_since or state.crashes)
    same = state.version is None and state.reruns is None
    return state.status is Status.RUNNING and fresh and same and not transition.takes_away


def advance_rows(transition: Transition) -> Rows:
    """Return the rows of a transition that only advances, with the columns of ADVANCE."""
    claim, state = transition.claim, transition.state
    at = moment_text(transition.at)
    return (claim.id, claim.fence, claim.seq, transition.seq, state.step, state.payload, at), _entries(transition, at)


def record_rows(transition: Transition) -> Rows:
    """Return the rows of any transition, with the columns of ROW."""
    claim, state = transition.claim, transition.state
    at = moment_text(transition.at)
    row = (
        claim.id,
        claim.fence,
        int(transition.takes_away),
        claim.seq,
        transition.seq,
        state.status,
        state.step,
        state.attempts,
        moment_text(state.attempts_since),
        state.crashes,
        moment_text(state.due_at),
        moment_text(state.retry_after),
        state.waiting_for,
        state.payload,
        moment_text(state.finished_at),
        state.version,
        state.reruns,
        state.own_crashes,
        moment_text(state.doubtful_since),
        at,
    )
    return row, _entries(transition, at)


def _entries(transition: Transition, at: str) -> list[tuple[Any, ...]]:
    claim = transition.claim
    rows = []
    for seq, entry in enumerate(transition.entries, start=claim.seq + 1):
        ended = at if entry.finished_at is transition.at else moment_text(entry.finished_at)
        rows.append(_history_row((claim.id, seq, claim.round), entry, ended, None if entry.by else claim.worker))
    return rows


def history_row(process_id: int, seq: int, round_: int, entry: HistoryEntry) -> tuple[Any, ...]:
    """Return a history row of what a person did, as `append` takes it."""
    return _history_row((process_id, seq, round_), entry, moment_text(entry.finished_at), None)


def _history_row(place: tuple[int, int, int], entry: HistoryEntry, ended: str, worker: str | None) -> tuple[Any, ...]:
    return (
        *place,
        entry.step,
        entry.attempt,
        entry.outcome,
        entry.code,
        entry.message,
        entry.error,
        entry.payload,
        moment_text(entry.started_at),
        ended,
        worker,
        entry.by,
    )
