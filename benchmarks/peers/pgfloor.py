"""The floor on PostgreSQL: the same rows in the same tables by hand, as `benchmarks.floor` writes them on SQLite.

One thread, psycopg, prepared statements, 100 outcomes in a transaction, claims and records in one, and the fence held.
A batch travels as one JSON document: of the forms tried it was the fastest (README.md). Only what changes is set.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import psycopg

from benchmarks.floor import HELD, STEPS, WORKER
from benchmarks.workload import Four

_ROWS: Final = "jsonb_to_recordset(%s::jsonb) g(id bigint, fence bigint, round int, began timestamptz, at timestamptz)"
_GIVEN: Final = (
    f"(SELECT * FROM {_ROWS} WHERE abs(id) = id) r"  # always true: the planner expects few, and looks up each
)
_OURS: Final = "p.id = r.id AND p.fence = r.fence AND p.status = 'running'"

CLAIM: Final = """
WITH first AS MATERIALIZED (
    SELECT id FROM processes
    WHERE name = %s AND version = 1 AND due_at <= %s AND status IN ('pending', 'waiting')
    ORDER BY due_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE processes p SET status = 'running', fence = p.fence + 1, worker = %s, lease_ends_at = %s, step_started_at = %s,
    due_at = NULL, waiting_for = NULL, updated_at = %s
FROM first WHERE p.id = first.id
RETURNING p.id, p.round, p.fence, coalesce(p.payload, p.parameters)
"""

ADVANCE: Final = f"""
UPDATE processes p SET step = %s, seq = %s, updated_at = r.at, step_started_at = r.at FROM {_GIVEN} WHERE {_OURS}
"""

END: Final = f"""
UPDATE processes p SET status = 'succeeded', step = NULL, seq = %s, updated_at = r.at, finished_at = r.at,
    worker = NULL, lease_ends_at = NULL, step_started_at = NULL
FROM {_GIVEN} WHERE {_OURS}
"""

APPEND: Final = f"""
INSERT INTO process_steps (process_id, seq, round, step, attempt, outcome, message, started_at, finished_at, worker)
SELECT r.id, %s, r.round, %s, 1, 'done', '', r.began, r.at, %s FROM {_GIVEN}
"""


class Held(NamedTuple):
    """What is known of a claimed process."""

    id: int
    round: int
    fence: int
    payload: str


Connection = psycopg.Connection[tuple[Any, ...]]


def drain(url: str) -> int:
    """How many steps were run and recorded until nothing was due."""
    count = 0
    with connect(url) as connection:
        held = _claim(connection)
        while held:
            for place in range(len(STEPS)):
                answers = [_act(each) for each in held]
                connection.execute("BEGIN")
                _record(connection, answers, place)
                count += len(held)
                if place == len(STEPS) - 1:
                    held = _claim(connection)
                connection.execute("COMMIT")
    return count


def connect(url: str) -> Connection:
    """A connection of the driver, without any layer above it."""
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, options="-c timezone=UTC")


def _claim(connection: Connection) -> list[Held]:
    now = datetime.now(UTC)
    values = (Four.name, now, HELD, WORKER, now + timedelta(seconds=90), now, now)
    return [Held(*row) for row in connection.execute(CLAIM, values, prepare=True)]


def _act(held: Held) -> dict[str, object]:
    """The step that does nothing, and when it did."""
    began = str(datetime.now(UTC))
    return {"id": held.id, "fence": held.fence, "round": held.round, "began": began, "at": str(datetime.now(UTC))}


def _record(connection: Connection, answers: Sequence[dict[str, object]], place: int) -> None:
    given, number = json.dumps(answers), place + 1
    if number < len(STEPS):
        moved = connection.execute(ADVANCE, (STEPS[number], number, given), prepare=True)
    else:
        moved = connection.execute(END, (number, given), prepare=True)
    if moved.rowcount != len(answers):
        raise RuntimeError("a lease was lost")
    connection.execute(APPEND, (number, STEPS[place], WORKER, given), prepare=True)
