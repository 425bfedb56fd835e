"""The guarded updates that record transitions: from step to step, in any other way, and by a person at rest."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.store import transition_rows
from process_manager.store.column_types import always
from process_manager.store.guarded_update import Change, change
from process_manager.store.json_rows import Source, json_rows
from process_manager.store.tables import processes

p = processes.c

_RUNNING = always(Status.RUNNING)


@lru_cache
def advance_change(source: Source = json_rows) -> Change:
    """Update the rows that go from step to step; columns that stay are not set, to save checks and index entries."""
    r = source(*transition_rows.ADVANCE, parameter="going").c
    values = {
        "step": r.step,
        "seq": r.seq,
        "attempts": always(0),
        "attempts_since": always(None),
        "crashes": always(0),
        "own_crashes": always(0),
        "doubtful_since": always(None),
        "retry_after": always(None),
        "payload": sa.func.coalesce(r.payload, p.payload),
        "updated_at": r.at,
        "step_started_at": r.at,
    }
    return change(_held(r), values)


def _held(r: Any) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that a row is running under the fence, and with the history, that it was claimed with."""
    return [p.id == r.id, p.fence == r.fence, p.status == _RUNNING, p.seq == r.before]


@lru_cache
def record_change(source: Source = json_rows) -> Change:
    """Update every row of the batch at once, each only while it still carries the fence it was claimed with.

    The seq is checked, too: when a commit's result is unknown, the same batch is written again.
    """
    r = source(*transition_rows.ROW, parameter="moving").c
    stays = r.status == _RUNNING
    lease = {
        "worker": sa.case((stays, p.worker)),
        "lease_ends_at": sa.case((stays, p.lease_ends_at)),
        "step_started_at": sa.case((stays, r.at)),
    }
    return change(_held(r), {**_stated(r), **lease})


@lru_cache
def stop_change(source: Source = json_rows) -> Change:
    """Update the rows that stop until someone acts, with the key of their cause: what goes well never writes one."""
    r = source(*transition_rows.STOPPING, parameter="stopping").c
    let_go = dict.fromkeys(("worker", "lease_ends_at", "step_started_at"), always(None))
    return change(_held(r), {**_stated(r), **let_go, "cause": r.cause, "stopped_at": r.at})


@lru_cache
def pooling_change(source: Source = json_rows) -> Change:
    """Update the rows that rest in a pool; one that was there before has its old place in the queue."""
    r = source(*transition_rows.POOLING, parameter="pooling").c
    let_go = dict.fromkeys(("worker", "lease_ends_at", "step_started_at"), always(None))
    is_back = sa.and_(p.pool == r.pool, p.pool_since.is_not(None))
    since = sa.case((is_back, p.pool_since), else_=r.at)
    return change(_held(r), {**_stated(r), **let_go, "pool": r.pool, "pool_since": since})


@lru_cache
def rested_change(source: Source = json_rows) -> Change:
    """Update processes on which a person acts, each only while it rests as the person saw it."""
    r = source(*transition_rows.RESTED, parameter="rested").c
    is_as_seen = [p.status == r.was, sa.func.coalesce(p.waiting_for, always("")) == r.waited_for]
    conditions = [p.id == r.id, p.fence == r.fence, p.seq == r.before, *is_as_seen, p.status != _RUNNING]
    return change(conditions, {**_stated(r), "round": p.round + r.opens})


def _stated(r: Any) -> dict[str, sa.ColumnElement[Any]]:
    """Return the column values that say where a process stands."""
    return {
        "status": r.status,
        "step": r.step,
        "seq": r.seq,
        "fence": p.fence + r.raises,
        "attempts": r.attempts,
        "attempts_since": r.attempts_since,
        "crashes": r.crashes,
        "own_crashes": r.own_crashes,
        "doubtful_since": r.doubtful_since,
        "due_at": r.due_at,
        "retry_after": r.retry_after,
        "waiting_for": r.waiting_for,
        "payload": sa.func.coalesce(r.payload, p.payload),
        "version": sa.func.coalesce(r.version, p.version),
        "reruns": sa.func.coalesce(r.reruns, p.reruns),
        "finished_at": r.finished_at,
        "updated_at": r.at,
    }


CHANGES: Final = {
    "going": advance_change,
    "moving": record_change,
    "stopping": stop_change,
    "pooling": pooling_change,
    "rested": rested_change,
}
"""The changes by the parameter that carries their rows, as `transition_rows.change_of` tells them apart."""
