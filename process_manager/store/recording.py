"""Writing down what became of claimed processes: many in one transaction, each under its fence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.claim import Claim
from process_manager.database import ask
from process_manager.lifecycle import Status
from process_manager.position import Attempt, Entry
from process_manager.store import keys, lanes
from process_manager.store.changing import Change, apply, change
from process_manager.store.json_rows import Source, json_rows, number, one_row, pack, spread
from process_manager.store.kinds import always, moment_text
from process_manager.store.tables import process_steps, processes

p, h = processes.c, process_steps.c

_RUNNING = always(Status.RUNNING)
_AT = sa.column("at", p.updated_at.type)
_BEFORE = number("before")  # the seq it was claimed with
ROW = (
    p.id, p.fence, number("raises"), _BEFORE, p.seq, p.status, p.step, p.attempts, p.attempts_since, p.crashes,
    p.due_at, p.retry_after, p.waiting_for, p.payload, p.finished_at, p.version, p.reruns, p.own_crashes,
    p.doubtful_since, _AT,
)  # fmt: skip
ADVANCE = (p.id, p.fence, _BEFORE, p.seq, p.step, p.payload, _AT)
ENTRY = tuple(process_steps.c)

Rows = tuple[tuple[Any, ...], list[tuple[Any, ...]]]
"""What is sent to record an attempt: the row of its process, and those of its history."""


def record(connection: sa.Connection, attempts: Sequence[Attempt]) -> list[Attempt]:
    """Those of the attempts that are now recorded; the others had lost their lease, and nothing of them is written."""
    if not attempts:
        return []
    if connection.dialect.name == "postgresql" and _is_simple(attempts):
        return list(attempts) if _is_written(connection, attempts[0]) else []
    latest = _latest(attempts)
    closing = [attempt.claim for attempt in latest if attempt.position.finished_at is not None]
    lanes.hold(connection, {claim.order_key for claim in closing})
    taken = _written(connection, latest, closing, now=attempts[-1].at)
    ended = [claim for claim in closing if claim.id in taken]
    keys.let_go(connection, [(claim.name, claim.dedup_hash, claim.id) for claim in ended])
    if connection.dialect.name != "postgresql":
        lanes.advance(connection, {claim.order_key for claim in ended}, now=attempts[-1].at)
    return [attempt for attempt in latest if attempt.claim.id in taken]


def is_one_statement(attempts: Sequence[Attempt]) -> bool:
    """Whether all of it is written by a single statement, where the database has one that tells of rows and history."""
    closing = [each.claim for each in attempts if each.position.finished_at is not None]
    return bool(attempts) and all(claim.order_key is None and claim.dedup_hash is None for claim in closing)


def _latest(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Of each process the first attempt under its highest fence: ids cannot tell which of two was recorded."""
    latest: dict[int, Attempt] = {}
    for each in attempts:
        if each.claim.id not in latest or latest[each.claim.id].claim.fence < each.claim.fence:
            latest[each.claim.id] = each
    return [each for each in attempts if latest[each.claim.id] is each]


def _written(
    connection: sa.Connection, attempts: Sequence[Attempt], closing: Sequence[Claim], *, now: datetime
) -> set[int]:
    """The ids of those that are written, each with its history; on PostgreSQL their lanes have moved on, too."""
    going = sorted((_advance_rows(each) for each in attempts if _only_advances(each)), key=_id)
    moving = sorted((_record_rows(each) for each in attempts if not _only_advances(each)), key=_id)
    batches = {name: rows for name, rows in (("going", going), ("moving", moving)) if rows}
    given = {name: pack([row for row, _ in rows]) for name, rows in batches.items()}
    told = [(row[0], entry) for rows in batches.values() for row, entries in rows for entry in entries]
    if connection.dialect.name == "postgresql":
        whole: dict[str, Any] = {**given, "entries": pack([entry for _, entry in told])}
        led = [(claim.order_key, claim.id) for claim in closing if claim.order_key is not None]
        if led:
            whole |= {"led": pack(led), "now": now}
        return {id_ for (id_,) in ask(connection, with_history(*given, leads=bool(led)), whole)}
    taken = {row[0] for name in given for row in apply(connection, CHANGES[name](), {name: given[name]})}
    append(connection, [entry for id_, entry in told if id_ in taken])
    return taken


def _is_simple(attempts: Sequence[Attempt]) -> bool:
    """Whether it is a single step that is recorded, of which nothing follows elsewhere."""
    return len(attempts) == 1 and len(attempts[0].entries) == 1 and is_one_statement(attempts)


def _is_written(connection: sa.Connection, attempt: Attempt) -> bool:
    """PostgreSQL: whether it is recorded, by the shortest statement that does it."""
    advances = _only_advances(attempt)
    name, columns = ("going", ADVANCE) if advances else ("moving", ROW)
    row, (entry,) = _advance_rows(attempt) if advances else _record_rows(attempt)
    given = spread(row, columns, parameter=name) | spread(entry, ENTRY, parameter="entries")
    return bool(ask(connection, with_history(name, is_lone=True), given))


def _id(rows: Rows) -> Any:
    """By which rows are sorted, as a keeper renews them: so that no two transactions cross in one statement."""
    return rows[0][0]


@lru_cache
def with_history(*changes: str, leads: bool = False, is_lone: bool = False) -> sa.Select[int]:
    """PostgreSQL: the rows of these changes and the history of those that are written, in one statement; their ids.

    With `leads` whatever comes next in the lanes of those that end is made due by it. Where `is_lone`, it is one row
    with one entry of history, by parameters of their own.
    """
    source = one_row if is_lone else json_rows
    moved = [sa.select(CHANGES[name](source).update.cte(name).c.id) for name in changes]
    ids = sa.union_all(*moved).subquery("moved").c.id
    gathered = sa.cast(sa.select(sa.func.array_agg(ids)).scalar_subquery(), sa.ARRAY(sa.BigInteger()))
    new = source(*ENTRY, parameter="entries", alias="n")
    theirs = sa.select(new).where(new.c.process_id == sa.any_(gathered))  # a join would be made row by row
    told = sa.insert(process_steps).from_select([column.name for column in ENTRY], theirs).returning(h.process_id)
    whole = sa.select(ids).add_cte(told.cte("told"))
    return whole.add_cte(lanes.following(gathered).cte("following")) if leads else whole


def _only_advances(attempt: Attempt) -> bool:
    """Whether it went from one step to the next with a fresh budget, and nothing else changed."""
    position = attempt.position
    fresh = not (position.attempts or position.attempts_since or position.crashes)
    same = position.version is None and position.reruns is None
    return position.status is Status.RUNNING and fresh and same and not attempt.takes_away


@lru_cache
def advance_change(source: Source = json_rows) -> Change:
    """The rows that go from step to step; what stays the same is not set, or it would be checked and indexed anew."""
    r = source(*ADVANCE, parameter="going").c
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
    """Only a row that is running under the fence, and with the history, that it was claimed with."""
    return [p.id == r.id, p.fence == r.fence, p.status == _RUNNING, p.seq == r.before]


def _advance_rows(attempt: Attempt) -> Rows:
    claim, position = attempt.claim, attempt.position
    at = moment_text(attempt.at)
    return (claim.id, claim.fence, claim.seq, attempt.seq, position.step, position.payload, at), _entries(attempt, at)


@lru_cache
def record_change(source: Source = json_rows) -> Change:
    """Every row of the batch moved at once, each only while it still carries the fence it was claimed with.

    Its seq is asked too: when nobody knows whether a commit came through, the same batch is written again.
    """
    r = source(*ROW, parameter="moving").c
    stays = r.status == _RUNNING
    values = {
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
        "worker": sa.case((stays, p.worker)),
        "lease_ends_at": sa.case((stays, p.lease_ends_at)),
        "step_started_at": sa.case((stays, r.at)),
    }
    return change(_held(r), values)


def _record_rows(attempt: Attempt) -> Rows:
    claim, position = attempt.claim, attempt.position
    at = moment_text(attempt.at)
    row = (
        claim.id,
        claim.fence,
        int(attempt.takes_away),
        claim.seq,
        attempt.seq,
        position.status,
        position.step,
        position.attempts,
        moment_text(position.attempts_since),
        position.crashes,
        moment_text(position.due_at),
        moment_text(position.retry_after),
        position.waiting_for,
        position.payload,
        moment_text(position.finished_at),
        position.version,
        position.reruns,
        position.own_crashes,
        moment_text(position.doubtful_since),
        at,
    )
    return row, _entries(attempt, at)


def _entries(attempt: Attempt, at: str) -> list[tuple[Any, ...]]:
    claim = attempt.claim
    rows = []
    for seq, entry in enumerate(attempt.entries, start=claim.seq + 1):
        ended = at if entry.finished_at is attempt.at else moment_text(entry.finished_at)
        rows.append(_history_row((claim.id, seq, claim.round), entry, ended, None if entry.by else claim.worker))
    return rows


def history_row(process_id: int, seq: int, round_: int, entry: Entry) -> tuple[Any, ...]:
    """A history row as `append` takes it, of what a person did."""
    return _history_row((process_id, seq, round_), entry, moment_text(entry.finished_at), None)


def _history_row(place: tuple[int, int, int], entry: Entry, ended: str, worker: str | None) -> tuple[Any, ...]:
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


CHANGES: Final = {"going": advance_change, "moving": record_change}
"""By the parameter that carries their rows: of those that go from step to step, and of those that move otherwise."""


def mark(connection: sa.Connection, claim: Claim, now: datetime) -> bool:
    """Whether it is written that a `once` step begins; not, when its lease is lost."""
    values = {"process_id": claim.id, "held_fence": claim.fence, "now": now}
    return bool(apply(connection, mark_change(), values))


@lru_cache
def mark_change() -> Change:
    """From when on the step may have happened."""
    conditions = [
        p.id == sa.bindparam("process_id"),
        p.fence == sa.bindparam("held_fence"),
        p.status == _RUNNING,
    ]
    return change(conditions, {"doubtful_since": sa.bindparam("now", type_=p.doubtful_since.type)})


def append(connection: sa.Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """Write history rows."""
    packed = list(rows)
    if packed:
        connection.execute(append_statement(), {"rows": pack(packed)})


@lru_cache
def append_statement() -> sa.Insert:
    """Every history row of the batch at once."""
    return sa.insert(process_steps).from_select([column.name for column in ENTRY], sa.select(json_rows(*ENTRY)))
