"""The rows of a transition, as the statements that record it take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle import cause
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.status import NEEDS_A_PERSON, Status
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Seen, Transition
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
STOPPING = (*ROW, p.cause)
POOLING = (*ROW, p.pool)
RESTED = (*ROW, sa.column("was", p.status.type), sa.column("waited_for", p.waiting_for.type), number("opens"))
ENTRY = tuple(process_steps.c)
ENTRY_NAMES = [column.name for column in ENTRY]

Rows = tuple[tuple[Any, ...], list[tuple[Any, ...]]]
"""What is sent to record a transition: the row of its process, and those of its history."""


def packed(transitions: Sequence[Transition]) -> tuple[dict[str, str], list[tuple[Any, tuple[Any, ...]]]]:
    """Return the parameters with the rows of each change, and the history rows, each with the id of its process."""
    found: dict[str, list[Rows]] = {}
    for each in transitions:
        name = change_of(each)
        found.setdefault(name, []).append(MADE[name](each))
    batches = {name: sorted(found[name], key=_id) for name in MADE if name in found}
    given = {name: pack([row for row, _ in rows]) for name, rows in batches.items()}
    return given, [(row[0], entry) for rows in batches.values() for row, entries in rows for entry in entries]


def _id(rows: Rows) -> Any:
    """Return the id to sort rows by, in the order in which leases are renewed, so that no two statements deadlock."""
    return rows[0][0]


def change_of(transition: Transition) -> str:
    """Return which change records it.

    That is `rested` where a person acted on a process at rest, `going` where a worker went from one step to the next
    with a fresh budget and nothing else changed, `stopping` where it stops until someone acts, `pooling` where it rests
    for a seat or a start of the fleet, and `moving` for all else that a worker does.
    """
    if transition.rested is not None:
        return "rested"
    state = transition.state
    fresh = not (state.attempts or state.attempts_since or state.crashes)
    same = state.version is None and state.reruns is None
    if state.status is Status.RUNNING and fresh and same and not transition.takes_away:
        return "going"
    if state.status in NEEDS_A_PERSON:
        return "stopping"
    return "moving" if state.pool is None else "pooling"


def advance_rows(transition: Transition) -> Rows:
    """Return the rows of a transition that only advances, with the columns of ADVANCE."""
    claim, state = transition.claim, transition.state
    at = moment_text(transition.at)
    return (claim.id, claim.fence, claim.seq, transition.seq, state.step, state.payload, at), _entries(transition, at)


def record_rows(transition: Transition) -> Rows:
    """Return the rows of any transition, with the columns of ROW."""
    claim, state = transition.claim, transition.state
    if state.waiting_for == "event" and transition.rested is None:
        _require_wait(transition)
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


def _require_wait(transition: Transition) -> None:
    """Raise AssertionError where no wait is recorded with what rests for an event: nothing would ever wake it."""
    asked = transition.coordination
    if asked is None or not asked.rests:
        raise AssertionError(f"Process {transition.claim.id} would wait for an event, but it is not told which.")


def stopping_rows(transition: Transition) -> Rows:
    """Return the rows of what stops until someone acts, with the columns of STOPPING."""
    row, entries = record_rows(transition)
    claim = transition.claim
    message = next((each.message for each in reversed(transition.entries) if each.by is None), "")
    return (*row, cause.key(claim.name, claim.version, claim.step, message)), entries


def pooling_rows(transition: Transition) -> Rows:
    """Return the rows of what rests for a seat or a start of the fleet, with the columns of POOLING."""
    row, entries = record_rows(transition)
    return (*row, transition.state.pool), entries


def rested_rows(transition: Transition) -> Rows:
    """Return the rows of what a person did to a process at rest, with the columns of RESTED."""
    row, entries = record_rows(transition)
    before = transition.rested or transition.state
    return (*row, before.status, before.waiting_for or "", int(transition.opens_round)), entries


COLUMNS: Final = {"going": ADVANCE, "moving": ROW, "stopping": STOPPING, "pooling": POOLING, "rested": RESTED}
"""The columns of the rows of each change."""

MADE: Final[Mapping[str, Callable[[Transition], Rows]]] = {
    "going": advance_rows,
    "moving": record_rows,
    "stopping": stopping_rows,
    "pooling": pooling_rows,
    "rested": rested_rows,
}
"""What makes the rows of each change, in the order in which the changes are applied."""


def _entries(transition: Transition, at: str) -> list[tuple[Any, ...]]:
    claim = transition.claim
    round_ = claim.round + transition.opens_round
    rows = []
    for seq, entry in enumerate(transition.entries, start=claim.seq + 1):
        ended = at if entry.finished_at is transition.at else moment_text(entry.finished_at)
        rows.append(_history_row((claim.id, seq, round_), entry, ended, None if entry.by else claim.worker))
    return rows


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


def seen(row: sa.RowMapping) -> Seen:
    """Return a process as its row says it stands."""
    is_held = row["status"] == Status.RUNNING
    claim = {name: row[name] for name in Claim._fields if name in row}
    claim |= {"payload": row["payload"] or row["parameters"]}
    if not is_held:
        claim |= {"worker": "", "step_started_at": row["updated_at"]}
    state = {name: row[name] for name in ProcessState._fields}
    unchanged = {"status": Status(row["status"]), "payload": None, "version": None, "reruns": None}
    return Seen(Claim(**claim), ProcessState(**(state | unchanged)))
