"""What the tables hold beside what was foretold of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from forecast import Known
from oracle import Oracle

from process_manager import serialization
from process_manager.store.join_tables import children, joins
from process_manager.store.tables import dedup_keys, process_steps, processes

p, h = processes.c, process_steps.c
RESTS_SINCE = sa.case((p.waiting_for == "platform", p.pool_since)).label("pool_since")
WRITTEN = sa.func.coalesce(p.payload, p.parameters).label("payload")
NAMES = (
    "id name version status step attempts attempts_since round seq fence crashes own_crashes doubtful_since due_at "
    "retry_after waiting_for worker lease_ends_at finished_at rerun_of order_key"
)
PROCESS = [*(p[name] for name in NAMES.split()), RESTS_SINCE, WRITTEN]
CHILD = [children.c[name] for name in ("parent_id", "key", "process_id")]
JOIN = [joins.c[name] for name in ("parent_id", "open", "settled", "waits", "seen", "waking")]
HISTORY = [h.process_id, h.seq, h.round, h.step, h.attempt, h.outcome, sa.func.coalesce(h.by, h.worker)]


def found(connection: sa.Connection) -> dict[str, list[Any]]:
    """Every process, its history, who holds a dedup key, and what steps wrote beside their record."""
    rows = connection.execute(sa.select(*PROCESS).order_by(p.id)).mappings()
    steps = connection.execute(sa.select(*HISTORY).order_by(h.process_id, h.seq))
    return {
        "processes": [dict(each) for each in rows],
        "history": [tuple(each) for each in steps],
        "keys": sorted(connection.execute(sa.select(dedup_keys.c.process_id)).scalars()),
        "book": sorted(connection.execute(sa.text("SELECT line FROM book")).scalars()),
        "children": [tuple(each) for each in connection.execute(sa.select(*CHILD).order_by(children.c.process_id))],
        "joins": [tuple(each) for each in connection.execute(sa.select(*JOIN).order_by(joins.c.parent_id))],
    }


def foretold(oracle: Oracle) -> dict[str, list[Any]]:
    """The same, as the oracle has it."""
    known, families = oracle.known.values(), oracle.families
    return {
        "processes": [row(each) for each in known],
        "history": [(each.id, seq, *told) for each in known for seq, told in enumerate(each.history, start=1)],
        "keys": sorted(oracle.holders.values()),
        "book": sorted(oracle.book),
        "children": sorted(((*whose, child) for whose, child in families.children.items()), key=lambda each: each[2]),
        "joins": [
            (id_, each.open, each.settled, each.waits, each.seen, 0) for id_, each in sorted(families.joins.items())
        ],
    }


def row(known: Known) -> dict[str, Any]:
    """The row of a process, as far as it is foretold."""
    return {
        "id": known.id, "name": known.name, "version": known.version, "status": known.status, "step": known.step,
        "attempts": known.attempts, "attempts_since": known.since, "round": known.round, "seq": len(known.history),
        "fence": known.fence, "crashes": known.crashes, "own_crashes": 0, "doubtful_since": known.marked_at,
        "due_at": known.due_at, "retry_after": known.not_before, "waiting_for": known.waits_for,
        "worker": known.hold and known.hold.worker, "lease_ends_at": known.lease, "finished_at": known.finished_at,
        "pool_since": known.rests_since if known.waits_for == "platform" else None, "rerun_of": known.rerun_of,
        "order_key": known.order_key, "payload": serialization.dumps(known.payload),
    }  # fmt: skip
