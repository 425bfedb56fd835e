"""Record what became of processes: many in one transaction, each guarded by its fence and its history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from process_manager.database import ask
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.status import Status
from process_manager.lifecycle.transition import Transition
from process_manager.store import dedup_keys, lanes, search_values, transition_rows
from process_manager.store.claiming import CLAIM_COLUMNS, Lease, lease_values
from process_manager.store.column_types import always
from process_manager.store.guarded_update import Change, apply, change
from process_manager.store.json_rows import json_rows, one_row, pack, spread
from process_manager.store.tables import process_steps, processes
from process_manager.store.transition_changes import CHANGES

p, h = processes.c, process_steps.c

_RUNNING = always(Status.RUNNING)


class LaneHandover(NamedTuple):
    """The lease under which the next process of a lane is claimed at once, and at which step (None: it is not)."""

    lease: Lease
    step_behind: Callable[[Claim], str | None]


class RecordResult(NamedTuple):
    """What became of transitions that were to be recorded; those that are in neither list were too late."""

    kept: list[Transition]
    claims: list[Claim]  # of the next processes of lanes
    busy: list[Transition]  # skipped, because another transaction has locked their lanes, events or joins
    woken: tuple[int, ...] = ()  # the processes that events or their children made due, and new children


def record(
    connection: sa.Connection,
    transitions: Sequence[Transition],
    onward: LaneHandover | None = None,
    *,
    waits: bool = True,
) -> RecordResult:
    """Record transitions, let go of what closed processes held, and make the next process of their lanes due.

    Args:
        connection: Inside the caller's transaction.
        transitions: What to record.
        onward: How to claim the next processes of lanes at once; only PostgreSQL does so, in the same statement.
        waits: Wait for lanes, events and joins that other transactions have locked; otherwise skip what needs one.

    Returns:
        Those that are now recorded, what was claimed, and what was skipped. The others had lost their lease or, at
        rest, changed since they were seen: nothing of them is written.
    """
    if not transitions:
        return RecordResult([], [], [])
    if connection.dialect.name == "postgresql" and _is_simple(transitions):
        return RecordResult(list(transitions) if _write_alone(connection, transitions[0]) else [], [], [])
    latest, busy = _split_by_lane_lock(connection, _latest(transitions), waits=waits)
    odd = [each for each in latest if each.coordination is not None or each.claim.dedup_hash is not None]
    if odd and any(map(_coordinates, odd)):  # asked of few: every record passes here
        return _record_coordinated(connection, latest, busy, onward, waits=waits)
    return _record(connection, latest, busy, onward)


def _coordinates(transition: Transition) -> bool:
    """Return whether others wait for what is recorded, or its step asked for more than its own row."""
    return transition.coordination is not None or (transition.claim.dedup_hash is not None and transition.settles != 0)


def _record_coordinated(
    connection: sa.Connection,
    latest: list[Transition],
    busy: list[Transition],
    onward: LaneHandover | None,
    *,
    waits: bool,
) -> RecordResult:
    """Record what waits for others, wakes or starts some: events locked before any process, nobody woken before all."""
    from process_manager.store import coordination  # which a worker that uses none of it does not load

    held = coordination.hold(connection, latest, waits=waits)
    free = [each for each in latest if held.covers(each)]
    skipped = [each for each in latest if not held.covers(each)]
    result = _record(connection, free, busy + skipped, onward)
    woken = coordination.write(connection, result.kept, held, record=record)
    return result._replace(woken=tuple(woken))


def _record(
    connection: sa.Connection, latest: list[Transition], busy: list[Transition], onward: LaneHandover | None
) -> RecordResult:
    if not latest:
        return RecordResult([], [], busy)
    closing = [transition.claim for transition in latest if transition.state.finished_at is not None]
    ruled = [transition for transition in latest if transition.has_lane_rules and transition.frees_lane]
    leading = closing if not ruled else [claim for claim in closing if all(each.claim is not claim for each in ruled)]
    if connection.dialect.name == "postgresql":
        written, claims = _write_at_once(connection, latest, leading, onward)
    else:
        written, claims = _write(connection, latest), []
    kept = [transition for transition in latest if transition.claim.id in written]
    search_values.change(connection, [(each.claim.id, each.terms) for each in kept if each.terms])
    ended = [claim for claim in closing if claim.id in written]
    dedup_keys.release(connection, [(claim.name, claim.dedup_hash, claim.id) for claim in ended])
    if connection.dialect.name != "postgresql":
        lanes.advance(connection, {claim.order_key for claim in leading if claim.id in written}, now=_newest(latest))
    if ruled:
        _move_lanes_on(connection, [each for each in ruled if each.claim.id in written], now=_newest(latest))
    return RecordResult(kept, claims, busy)


def _move_lanes_on(connection: sa.Connection, ended: Sequence[Transition], *, now: datetime) -> None:
    from process_manager.store import lane_rules  # which a worker that uses none of it does not load

    lane_rules.ended(connection, ended, record=record, now=now)


def _split_by_lane_lock(
    connection: sa.Connection, transitions: list[Transition], *, waits: bool
) -> tuple[list[Transition], list[Transition]]:
    """Split the transitions into those that end in no lane or in one now locked, and those whose lane is busy."""
    # The order key is tested first, which spares the call of `frees_lane`: every record passes here.
    wanted = {each.claim.order_key for each in transitions if each.claim.order_key is not None and each.frees_lane}
    if not wanted or len(held := lanes.hold(connection, wanted, waits=waits)) == len(wanted):
        return transitions, []
    busy = [each for each in transitions if each.frees_lane and each.claim.order_key not in held]
    return [each for each in transitions if not each.frees_lane or each.claim.order_key in held], busy


def is_one_statement(transitions: Sequence[Transition]) -> bool:
    """Return whether a single statement writes all of it, on a database that can write rows and history in one."""
    for each in transitions:
        if each.terms or each.coordination is not None:
            return False
        if each.claim.dedup_hash is not None and each.settles:  # one without a hash is nobody's child
            return False
        if each.state.finished_at is not None and (each.claim.order_key, each.claim.dedup_hash) != (None, None):
            return False
    return bool(transitions)


def _latest(transitions: Sequence[Transition]) -> list[Transition]:
    """Return the first transition under each process's highest fence: ids cannot tell which of two was recorded."""
    latest: dict[int, Transition] = {}
    for each in transitions:
        if each.claim.id not in latest or latest[each.claim.id].claim.fence < each.claim.fence:
            latest[each.claim.id] = each
    return [each for each in transitions if latest[each.claim.id] is each]


def _write(connection: sa.Connection, transitions: Sequence[Transition]) -> set[int]:
    """Write the transitions with their history and return the ids of those that are written."""
    given, history = transition_rows.packed(transitions)
    written = {row[0] for name in given for row in apply(connection, CHANGES[name](), {name: given[name]})}
    append(connection, [entry for id_, entry in history if id_ in written])
    return written


def _write_at_once(
    connection: sa.Connection, transitions: Sequence[Transition], closing: Sequence[Claim], onward: LaneHandover | None
) -> tuple[set[int], list[Claim]]:
    """Write the same in one statement on PostgreSQL, which also advances the lanes; return the new claims, too."""
    given, history = transition_rows.packed(transitions)
    whole: dict[str, Any] = {**given, "entries": pack([entry for _, entry in history])}
    leads = any(claim.order_key is not None for claim in closing)
    if leads:
        whole |= _lane_parameters(closing, onward, now=_newest(transitions))
    answer = ask(connection, with_history(*given, leads=leads), whole)
    claims = {row[1]: Claim(*row[1:]) for row in answer if row[1] is not None} if leads else {}
    return {row[0] for row in answer}, list(claims.values())


def _newest(transitions: Sequence[Transition]) -> datetime:
    """Return when what follows in the lanes is due: one that waited for its lane may be older than the others."""
    return max(each.at for each in transitions)


def _lane_parameters(closing: Sequence[Claim], onward: LaneHandover | None, *, now: datetime) -> dict[str, Any]:
    """Return the parameters that tell which next processes of the lanes are claimed."""
    led = []
    for claim in closing:
        if claim.order_key is not None:
            step = None if onward is None else onward.step_behind(claim)
            led.append((claim.order_key, claim.id, claim.name, claim.version, claim.channel, step))
    lease = {"now": now, "worker_name": None, "lease_end": None} if onward is None else lease_values(onward.lease)
    return {"led": pack(led), **lease}


def _is_simple(transitions: Sequence[Transition]) -> bool:
    """Return whether a single step is recorded that concerns no other row."""
    return len(transitions) == 1 and len(transitions[0].entries) == 1 and is_one_statement(transitions)


def _write_alone(connection: sa.Connection, transition: Transition) -> bool:
    """Record one step by the shortest statement that does it (PostgreSQL); return whether it was recorded."""
    name = transition_rows.change_of(transition)
    row, (entry,) = transition_rows.MADE[name](transition)
    columns = transition_rows.COLUMNS[name]
    given = spread(row, columns, parameter=name) | spread(entry, transition_rows.ENTRY, parameter="entries")
    return bool(ask(connection, alone(name), given))


@lru_cache
def alone(name: str) -> sa.UpdateBase:
    """Change one row and, if it was changed, add one history row, each value a parameter of its own (PostgreSQL).

    The INSERT itself returns the answer: PostgreSQL sets up each part of a statement anew at every execution.
    """
    moved = CHANGES[name](one_row).update.cte(name).c.id
    new = one_row(*transition_rows.ENTRY, parameter="entries", alias="n")
    theirs = sa.select(new).where(new.c.process_id == moved)
    return sa.insert(process_steps).from_select(transition_rows.ENTRY_NAMES, theirs).returning(h.process_id)


@lru_cache
def with_history(*changes: str, leads: bool = False) -> sa.Select[*tuple[Any, ...]]:
    """Write the rows of these changes and the history of those that are written, in one statement (PostgreSQL).

    It returns their ids. With `leads` it also makes the next process of each lane due, or claims it; each id then has
    the columns of that claim beside it.
    """
    moved = [sa.select(CHANGES[name]().update.cte(name).c.id) for name in changes]
    ids = sa.union_all(*moved).subquery("moved").c.id
    gathered = sa.cast(sa.select(sa.func.array_agg(ids)).scalar_subquery(), sa.ARRAY(sa.BigInteger()))
    new = json_rows(*transition_rows.ENTRY, parameter="entries", alias="n")
    theirs = sa.select(new).where(new.c.process_id == sa.any_(gathered))  # a join would run row by row
    inserted = sa.insert(process_steps).from_select(transition_rows.ENTRY_NAMES, theirs).returning(h.process_id)
    return (_with_followers(ids, gathered) if leads else sa.select(ids)).add_cte(inserted.cte("told"))


def _with_followers(ids: sa.ColumnElement[int], ended: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
    freed = lanes.freed(ended)
    following = lanes.following(freed, *CLAIM_COLUMNS, p.status)
    columns = list(following.c)[: len(CLAIM_COLUMNS)]
    is_taken = sa.and_(following.c.order_key == freed.c.order_key, following.c.status == _RUNNING)
    joined = ids.table.outerjoin(freed, freed.c.id == ids).outerjoin(following, is_taken)
    return sa.select(ids, *columns).select_from(joined)


def mark(connection: sa.Connection, claim: Claim, now: datetime) -> bool:
    """Record that a `once` step begins.

    Returns:
        Whether it was recorded; False when the lease is lost.
    """
    values = {"process_id": claim.id, "held_fence": claim.fence, "now": now}
    return bool(apply(connection, mark_change(), values))


@lru_cache
def mark_change() -> Change:
    """Update the moment since when the step may have happened."""
    conditions = [
        p.id == sa.bindparam("process_id"),
        p.fence == sa.bindparam("held_fence"),
        p.status == _RUNNING,
    ]
    return change(conditions, {"doubtful_since": sa.bindparam("now", type_=p.doubtful_since.type)})


def append(connection: sa.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Insert history rows."""
    packed = list(rows)
    if packed:
        connection.execute(append_statement(), {"rows": pack(packed)})


@lru_cache
def append_statement() -> sa.Insert:
    """Insert every history row of the batch at once."""
    return sa.insert(process_steps).from_select(
        transition_rows.ENTRY_NAMES, sa.select(json_rows(*transition_rows.ENTRY))
    )
